extension JSONValue {
  /// The one form that is hashed: no space, keys sorted by their octets, only the escapes that
  /// RFC 8259 demands. Numbers are written as they stand, which for our documents is as integers.
  public var canonical: [UInt8] {
    var octets: [UInt8] = []
    writeCanonical(into: &octets)
    return octets
  }

  /// For people: keys in the order of the schema, two spaces per level, short values on one line.
  public var pretty: String { prettyLines(indentation: 0) + "\n" }

  private func writeCanonical(into octets: inout [UInt8]) {
    switch self {
    case .string(let text) where JSONValue.isPlain(text):
      octets.append(UInt8(ascii: "\""))
      octets.append(contentsOf: text.utf8)
      octets.append(UInt8(ascii: "\""))
    case .null, .bool, .number, .string: octets.append(contentsOf: scalar.utf8)
    case .array(let elements):
      octets.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { octets.append(UInt8(ascii: ",")) }
        element.writeCanonical(into: &octets)
      }
      octets.append(UInt8(ascii: "]"))
    case .object(let members):
      octets.append(UInt8(ascii: "{"))
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, member) in sorted.enumerated() {
        if index > 0 { octets.append(UInt8(ascii: ",")) }
        octets.append(contentsOf: JSONValue.quoted(member.key).utf8)
        octets.append(UInt8(ascii: ":"))
        member.value.writeCanonical(into: &octets)
      }
      octets.append(UInt8(ascii: "}"))
    }
  }

  private func prettyLines(indentation: Int) -> String {
    let line = oneLine
    if line.utf8.count + indentation <= 72 { return line }
    let inner = String(repeating: " ", count: indentation + 2)
    let outer = String(repeating: " ", count: indentation)
    switch self {
    case .null, .bool, .number, .string: return line
    case .array(let elements):
      let lines = elements.map { inner + $0.prettyLines(indentation: indentation + 2) }
      return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
    case .object(let members):
      let lines = members.map { member in
        let value = member.value.prettyLines(indentation: indentation + 2)
        return "\(inner)\(JSONValue.quoted(member.key)): \(value)"
      }
      return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
    }
  }

  private var oneLine: String {
    switch self {
    case .null, .bool, .number, .string: return scalar
    case .array(let elements):
      return "[" + elements.map(\.oneLine).joined(separator: ", ") + "]"
    case .object(let members):
      let parts = members.map { "\(JSONValue.quoted($0.key)): \($0.value.oneLine)" }
      return "{" + parts.joined(separator: ", ") + "}"
    }
  }

  private var scalar: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let digits): digits
    case .string(let text): JSONValue.quoted(text)
    case .array, .object: preconditionFailure("lists and objects are not scalars")
    }
  }

  /// Whether a text is written as it is; most are.
  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { octet in
      octet >= 0x20 && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "\\")
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{0}"..."\u{1f}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
