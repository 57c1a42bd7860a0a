extension JSONValue {
  /// For programs, on one line: keys sorted by their octets, the short escapes of RFC 8259 7.
  public var compact: [UInt8] {
    var writer = SortedWriter(isIndented: false)
    writer.write(self, level: 0)
    return writer.octets
  }

  /// The same with a line a value, two spaces a level, no line end at the end: what `ztb … --json`
  /// prints. The text is a contract, down to the empty line in an empty list.
  public var indented: [UInt8] {
    var writer = SortedWriter(isIndented: true)
    writer.write(self, level: 0)
    return writer.octets
  }
}

/// Writes a value with its keys sorted.
private struct SortedWriter {
  let isIndented: Bool
  private(set) var octets: [UInt8] = []

  init(isIndented: Bool) { self.isIndented = isIndented }

  mutating func write(_ value: JSONValue, level: Int) {
    switch value {
    case .null: write("null")
    case .bool(let flag): write(flag ? "true" : "false")
    case .number(let digits): write(digits)
    case .string(let text): write(quoted: text)
    case .array(let elements):
      write("[")
      for (index, element) in elements.enumerated() {
        separate(index, level + 1)
        write(element, level: level + 1)
      }
      end("]", isEmpty: elements.isEmpty, level)
    case .object(let members):
      write("{")
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, member) in sorted.enumerated() {
        separate(index, level + 1)
        write(quoted: member.key)
        write(isIndented ? " : " : ":")
        write(member.value, level: level + 1)
      }
      end("}", isEmpty: members.isEmpty, level)
    }
  }

  private mutating func write(_ text: String) { octets.append(contentsOf: text.utf8) }

  private mutating func separate(_ index: Int, _ level: Int) {
    if index > 0 { write(",") }
    newLine(level)
  }

  private mutating func end(_ bracket: String, isEmpty: Bool, _ level: Int) {
    if isEmpty, isIndented { write("\n") }
    newLine(level)
    write(bracket)
  }

  private mutating func newLine(_ level: Int) {
    guard isIndented else { return }
    write("\n")
    octets.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
  }

  private mutating func write(quoted text: String) {
    write("\"")
    for octet in text.utf8 {
      switch octet {
      case UInt8(ascii: "\""): write("\\\"")
      case UInt8(ascii: "\\"): write("\\\\")
      case 0x08: write("\\b")
      case 0x0c: write("\\f")
      case UInt8(ascii: "\n"): write("\\n")
      case UInt8(ascii: "\r"): write("\\r")
      case UInt8(ascii: "\t"): write("\\t")
      case 0x00...0x1f: write((octet < 0x10 ? "\\u000" : "\\u00") + String(octet, radix: 16))
      default: octets.append(octet)
      }
    }
    write("\"")
  }
}
