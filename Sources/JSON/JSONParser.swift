/// Where and why a text is not JSON.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Line of the offending octet, from 1.
  public let line: Int
  /// Octet within the line, from 1.
  public let column: Int
  /// What was expected there.
  public let message: String

  public var description: String { "line \(line), column \(column): \(message)" }
}

/// Reads one JSON text (RFC 8259), strictly: UTF-8, no comments, no trailing commas, nothing after
/// the value.
public struct JSONParser {
  /// Bounds that keep a hostile text from using more than its share.
  public enum Limits {
    /// Largest text, in octets, where the reader names no other bound.
    public static let textBytes = 4 << 20
    /// Deepest nesting of lists and objects.
    public static let depth = 32
  }

  private let bytes: [UInt8]
  private var position = 0

  /// Reads `bytes` whole, at most `limitBytes` of them.
  public static func parse(
    _ bytes: [UInt8], limitBytes: Int = Limits.textBytes
  ) throws(JSONSyntaxError) -> JSONValue {
    var parser = JSONParser(bytes: bytes)
    guard bytes.count <= limitBytes else {
      throw parser.error("the text is longer than \(limitBytes) octets")
    }
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.peek == nil else { throw parser.error("expected nothing after the value") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard depth <= Limits.depth else { throw error("nested deeper than \(Limits.depth) levels") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> [JSONValue.Member] {
    position += 1
    var members: [JSONValue.Member] = []
    if take("}") { return members }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
      let key = try string()
      guard take(":") else { throw error("expected ':' after the key") }
      members.append(.init(key, try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw error("expected ',' or '}'") }
    return members
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
    position += 1
    var elements: [JSONValue] = []
    if take("]") { return elements }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw error("expected ',' or ']'") }
    return elements
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONSyntaxError) -> JSONValue {
    let expected = Array("\(word)".utf8)
    guard bytes[position...].starts(with: expected) else { throw error("expected a value") }
    position += expected.count
    return value
  }

  /// RFC 8259 6: an optional minus, no leading zeros, optional fraction and exponent.
  private mutating func number() throws(JSONSyntaxError) -> String {
    let start = position
    skip("-")
    if !skip("0") { try digits() }
    if skip(".") { try digits() }
    if skip("e") || skip("E") {
      if !skip("+") { skip("-") }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(JSONSyntaxError) {
    guard let first = peek, isDigit(first) else { throw error("expected a value") }
    while let next = peek, isDigit(next) { position += 1 }
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    position += 1
    var octets: [UInt8] = []
    while let octet = peek, octet != UInt8(ascii: "\"") {
      guard octet >= 0x20 else { throw error("a control character must be escaped") }
      position += 1
      if octet == UInt8(ascii: "\\") {
        octets.append(contentsOf: String(try escape()).utf8)
      } else {
        octets.append(octet)
      }
    }
    guard peek != nil else { throw error("the string does not end") }
    guard let text = String(validating: octets, as: UTF8.self) else {
      throw error("the string is not UTF-8")
    }
    position += 1
    return text
  }

  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    guard let letter = peek else { throw error("the string does not end") }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error("no such escape")
    }
  }

  /// RFC 8259 7: characters beyond the basic plane are two escapes, a surrogate pair.
  private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xdc00, skip("\\"), skip("u") else { throw error("half a surrogate pair") }
    let second = try hexadecimal()
    guard (0xdc00...0xdfff).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw error("half a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let octet = peek, let digit = Character(Unicode.Scalar(octet)).hexDigitValue else {
        throw error("expected four hexadecimal digits")
      }
      position += 1
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  private mutating func skipSpace() {
    while let octet = peek, [0x20, 0x09, 0x0a, 0x0d].contains(octet) { position += 1 }
  }

  /// Skips space, then the character if it comes next.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return skip(character)
  }

  @discardableResult
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private func isDigit(_ octet: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
  }

  private func error(_ message: String) -> JSONSyntaxError {
    let before = bytes.prefix(position)
    let line = before.count { $0 == 0x0a } + 1
    let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    return JSONSyntaxError(line: line, column: position - start + 1, message: message)
  }
}
