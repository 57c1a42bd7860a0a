/// A JSON value (RFC 8259) that keeps what ordinary decoders lose: the order of keys, keys given
/// twice, and numbers as they were written.
public indirect enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number as it was written, such as `42` or `1.5e3`.
  case number(String)
  /// A string, escapes resolved.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// An object; a key may occur more than once until ``Section`` has reported it.
  case object([Member])

  /// One key of an object with its value.
  public struct Member: Hashable, Sendable {
    /// The key.
    public var key: String
    /// Its value.
    public var value: JSONValue

    /// Joins a key and a value.
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// A whole number.
  static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

  /// The string of a value's description, or `null`.
  static func text(_ value: (some CustomStringConvertible)?) -> JSONValue {
    value.map { .string($0.description) } ?? .null
  }

  /// What the value is, for messages: `a string`, `an object` and so on.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
