/// Where in a JSON value something stands, from the inside out.
public indirect enum JSONPath: Hashable, Sendable {
  /// The whole value.
  case root
  /// The value of a key of an object.
  case key(String, in: JSONPath)
  /// The element of a list, from 0.
  case element(Int, in: JSONPath)

  private enum Limits {
    /// Characters of a key that a path shows; a stranger may have chosen it.
    static let keyCharacters = 60
  }

  /// The same as the standard library wants it.
  var codingKeys: [any CodingKey] {
    switch self {
    case .root: []
    case .key(let key, let outer): outer.codingKeys + [JSONKey(stringValue: key)]
    case .element(let index, let outer): outer.codingKeys + [JSONKey(intValue: index)]
    }
  }

  private var inner: String {
    switch self {
    case .root: ""
    case .key(let key, let outer): outer.inner + "." + JSONPath.shown(key)
    case .element(let index, let outer): outer.inner + "[\(index)]"
    }
  }

  /// A plain word as it is, anything else in quotes, a long one cut.
  private static func shown(_ key: String) -> String {
    let start = key.unicodeScalars.prefix(Limits.keyCharacters)
    let text = start.endIndex == key.endIndex ? key : String(start) + "…"
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { octet in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
          || octet == UInt8(ascii: "_") || octet == UInt8(ascii: "-")
      }
    return isPlain ? text : String(decoding: JSONValue.string(text).compact, as: UTF8.self)
  }
}

extension JSONPath: CustomStringConvertible {
  public var description: String {
    let inner = inner
    return inner.hasPrefix(".") ? inner : "." + inner
  }
}

/// A value that is not what was expected in its place, or one that JSON cannot say.
public struct JSONShapeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where it stands.
  public let path: JSONPath
  /// What was expected there, and what was found.
  public let message: String

  public var description: String { "\(path): \(message)" }
}

/// A key of an object, or the number of an element.
struct JSONKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = String(intValue)
    self.intValue = intValue
  }
}
