import JSON

/// A JSON value as `ztb … --json` and the portal print it, read leniently: missing members are
/// values without content.
struct JSON {
  /// What is there; nil for a missing member.
  let value: JSONValue?

  /// Parses one value that fills `text`; throws ``LabError/failed(_:)`` where that is none.
  init(parsing text: String) throws {
    do {
      value = try JSONParser.parse(Array(text.utf8))
    } catch { throw LabError.failed("the answer is no JSON (\(error)): \(text.prefix(200))") }
  }

  init(_ value: JSONValue?) { self.value = value }

  subscript(name: String) -> JSON { JSON(value?[name]) }

  var bool: Bool? { value?.bool }
  var number: Double? { if case .number(let digits) = value { Double(digits) } else { nil } }
  var int: Int? { number.map { Int($0) } }
  var text: String? { value?.string }
  var array: [JSON] { (value?.array ?? []).map { JSON($0) } }
  /// The keys of an object in their order.
  var keys: [String] { (value?.members ?? []).map(\.key) }
}

extension JSONValue {
  /// An object for a request: `.of(("name", .string("paris")), …)`.
  static func of(_ members: (String, JSONValue)...) -> JSONValue {
    .object(members.map { Member($0.0, $0.1) })
  }
}
