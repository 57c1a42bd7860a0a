/// An element's beginning, as a browser would read it.
struct Element {
  let name: String
  let attributes: [(name: String, value: String?)]
  /// Elements around it, outermost first: indexes into ``HTMLReader/elements``.
  let parents: [Int]

  subscript(name: String) -> String? { attributes.first { $0.name == name }?.value ?? nil }
  func has(_ name: String) -> Bool { attributes.contains { $0.name == name } }
}

/// Reads a document well enough to judge it: elements with attributes, text, and whether every
/// element is closed in order.
struct HTMLReader {
  private(set) var elements: [Element] = []
  private(set) var text = ""
  /// What a browser would have to repair.
  private(set) var faults: [String] = []
  private var open: [(name: String, index: Int)] = []

  private static let void: Set = [
    "meta", "link", "input", "img", "br", "hr", "path", "rect", "circle", "!doctype",
  ]

  init(_ html: String) {
    var rest = Substring(html)
    while let start = rest.firstIndex(of: "<") {
      text += rest[..<start]
      rest = rest[rest.index(after: start)...]
      readTag(&rest)
    }
    text += rest
    faults += open.map { "<\($0.name)> is never closed" }
  }

  private mutating func readTag(_ rest: inout Substring) {
    let isEnd = rest.first == "/"
    if isEnd { rest.removeFirst() }
    let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "!" }.lowercased()
    rest.removeFirst(name.count)
    var attributes: [(name: String, value: String?)] = []
    while true {
      rest = rest.drop { $0.isWhitespace }
      guard let first = rest.first else {
        faults.append("<\(name) has no end")
        return
      }
      if first == ">" || first == "/" {
        rest.removeFirst()
        if first == ">" { break } else { continue }
      }
      attributes.append(readAttribute(&rest))
    }
    isEnd ? close(name) : begin(name, attributes)
  }

  private mutating func readAttribute(
    _ rest: inout Substring
  ) -> (name: String, value: String?) {
    let name = String(rest.prefix { !$0.isWhitespace && !"=>/\"'<".contains($0) })
    if name.isEmpty {
      faults.append("stray \(rest.prefix(20))")
      rest.removeFirst()
      return ("", nil)
    }
    rest.removeFirst(name.count)
    guard rest.first == "=" else { return (name, nil) }
    rest.removeFirst()
    guard rest.first == "\"" else {
      faults.append("\(name) is not quoted")
      return (name, nil)
    }
    rest.removeFirst()
    let value = rest.prefix { $0 != "\"" }
    rest = rest[value.endIndex...].dropFirst()
    return (name, String(value))
  }

  private mutating func begin(_ name: String, _ attributes: [(name: String, value: String?)]) {
    elements.append(Element(name: name, attributes: attributes, parents: open.map(\.index)))
    if !HTMLReader.void.contains(name) { open.append((name, elements.count - 1)) }
  }

  private mutating func close(_ name: String) {
    if HTMLReader.void.contains(name) { return }
    guard open.last?.name == name else {
      faults.append("</\(name)> closes <\(open.last?.name ?? "nothing")>")
      return
    }
    open.removeLast()
  }

  func all(_ names: String...) -> [Element] { elements.filter { names.contains($0.name) } }

  func isInside(_ element: Element, _ name: String) -> Bool {
    element.parents.contains { elements[$0].name == name }
  }
}
