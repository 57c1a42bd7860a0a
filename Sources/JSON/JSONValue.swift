/// A JSON value (RFC 8259) that keeps what ordinary decoders lose: the order of keys, keys given
/// twice, and numbers as they were written.
public enum JSONValue: Hashable, Sendable {
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
  public static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

  /// The string of a value's description, or `null`.
  public static func text(_ value: (some CustomStringConvertible)?) -> JSONValue {
    value.map { .string($0.description) } ?? .null
  }

  /// What the value is, for messages: `a string`, `an object` and so on.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// The value as a message shows it: lists, objects and long texts by their kind.
  public var excerpt: String {
    switch self {
    case .number(let digits) where digits.utf8.count <= 20: digits
    case .string(let text) where text.utf8.count <= 60: pretty.dropLast().description
    case .bool(let flag): "\(flag)"
    case .null, .number, .string, .array, .object: kind
    }
  }
}

extension JSONValue {
  /// The value of a key of an object; the first where it is given twice. Nil without the key, and
  /// for anything but an object.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The text; nil for another kind of value.
  public var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The whole number; nil for another kind of value, a fraction, or one of more than 64 bits.
  public var integer: Int64? { if case .number(let digits) = self { Int64(digits) } else { nil } }

  /// The truth value; nil for another kind of value.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The elements; nil for anything but a list.
  public var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  /// The members; nil for anything but an object.
  public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
}
