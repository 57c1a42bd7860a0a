import HTTP
import JSON

/// The members of a JSON object in a request, read one by one; what does not fit is collected.
final class Fields {
  private let value: JSONValue
  private let path: String
  private let list: ProblemCollector

  /// What is wrong, shared with the objects inside.
  final class ProblemCollector {
    /// Most problems that are told; a body of nothing but mistakes gets no answer many times its
    /// size.
    static let limit = 50

    var problems: [PortalError.Problem] = []
    var isFull: Bool { problems.count >= Self.limit }
  }

  /// Reads the body of a request; an empty one is an empty object.
  convenience init(_ request: HTTPRequest) throws(PortalError) {
    if request.body.isEmpty {
      self.init(.object([]), path: "", .init())
      return
    }
    let type = request.header("Content-Type")?.split(separator: ";").first ?? ""
    guard type.lowercased() == "application/json" else {
      throw PortalError(
        status: 415, word: "unsupported", message: "The body must be application/json.")
    }
    try self.init(octets: request.body)
  }

  /// Reads an object that came as a text, such as a file.
  convenience init(text: String) throws(PortalError) { try self.init(octets: Array(text.utf8)) }

  private convenience init(octets: [UInt8]) throws(PortalError) {
    let value: JSONValue
    do { value = try JSONParser.parse(octets) } catch {
      throw .malformed(
        "The body is no JSON: line \(error.line), column \(error.column): \(error.message).")
    }
    guard value.members != nil else { throw .malformed("The body must be a JSON object.") }
    self.init(value, path: "", .init())
  }

  private init(_ value: JSONValue, path: String, _ list: ProblemCollector) {
    self.value = value
    self.path = path
    self.list = list
  }

  /// Adds a problem with a member.
  func add(_ key: String, _ message: String) {
    guard !list.isFull else { return }
    list.problems.append(.init(join(key), message))
  }

  /// Complains about members that are not known, and throws when anything is wrong.
  func finish(_ known: String...) throws(PortalError) {
    expect(known)
    try finish()
  }

  /// Throws when anything is wrong.
  func finish() throws(PortalError) {
    if !list.problems.isEmpty { throw .invalid(list.problems) }
  }

  /// Complains about members that are not known.
  func expect(_ known: [String]) {
    var seen: Set<String> = []
    for member in value.members ?? [] {
      guard !list.isFull else { return }
      if !known.contains(member.key) {
        add(member.key, "is not known here (\(known.joined(separator: ", ")))")
      } else if !seen.insert(member.key).inserted {
        add(member.key, "is given twice")
      }
    }
  }

  /// Whether a member is there and not null.
  func has(_ key: String) -> Bool { member(key) != nil }

  /// A text; empty when it is not there.
  func text(_ key: String) -> String { optionalText(key) ?? "" }

  /// A text, or nil when it is not there.
  func optionalText(_ key: String) -> String? {
    guard let value = member(key) else { return nil }
    if let text = value.string { return text }
    add(key, "is \(value.kind); must be a string")
    return nil
  }

  /// A number or text as text, such as seconds.
  func numberText(_ key: String) -> String? {
    if case .number(let digits)? = member(key) { return digits }
    return optionalText(key)
  }

  /// A whole number, or nil when it is not there.
  func integer(_ key: String) -> Int64? {
    guard let value = member(key) else { return nil }
    if let number = value.integer { return number }
    add(key, "is \(value.kind); must be a whole number")
    return nil
  }

  /// A truth value.
  func flag(_ key: String, default preset: Bool) -> Bool {
    guard let value = member(key) else { return preset }
    if let flag = value.bool { return flag }
    add(key, "is \(value.kind); must be true or false")
    return preset
  }

  /// A list of texts; empty when it is not there.
  func texts(_ key: String) -> [String] {
    guard let value = member(key) else { return [] }
    guard let list = value.array else {
      add(key, "is \(value.kind); must be a list of strings")
      return []
    }
    return list.enumerated().compactMap { index, element in
      if let text = element.string { return text }
      add("\(key)[\(index)]", "is \(element.kind); must be a string")
      return nil
    }
  }

  /// An object inside; nil when it is not there.
  func object(_ key: String) -> Fields? {
    guard let value = member(key) else { return nil }
    guard value.members != nil else {
      add(key, "is \(value.kind); must be an object")
      return nil
    }
    return Fields(value, path: join(key), list)
  }

  /// The objects of a list; empty when it is not there.
  func objects(_ key: String) -> [Fields] {
    guard let value = member(key) else { return [] }
    guard let elements = value.array else {
      add(key, "is \(value.kind); must be a list of objects")
      return []
    }
    return elements.enumerated().compactMap { index, element in
      guard element.members != nil else {
        add("\(key)[\(index)]", "is \(element.kind); must be an object")
        return nil
      }
      return Fields(element, path: join("\(key)[\(index)]"), list)
    }
  }

  /// A member as it is.
  func member(_ key: String) -> JSONValue? {
    guard let value = value[key], value != .null else { return nil }
    return value
  }

  /// The names of the members, for objects whose keys are names.
  var keys: [String] { value.members?.map(\.key) ?? [] }

  private func join(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
