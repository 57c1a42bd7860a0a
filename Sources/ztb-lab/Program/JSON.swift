/// A JSON value as `ztb … --json` prints it: read leniently, missing members are ``null``.
indirect enum JSON {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case array([JSON])
  case object([String: JSON])

  subscript(name: String) -> JSON {
    if case .object(let members) = self { members[name] ?? .null } else { .null }
  }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var number: Double? { if case .number(let value) = self { value } else { nil } }
  var int: Int? { number.map { Int($0) } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var array: [JSON] { if case .array(let values) = self { values } else { [] } }
}

extension JSON {
  /// Parses one value that fills `text`; throws ``LabError/failed(_:)`` with the offset.
  init(parsing text: String) throws {
    var parser = JSONParser(text)
    self = try parser.document()
  }
}

/// A recursive descent over octets.
private struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func document() throws -> JSON {
    let value = try self.value()
    skipBlanks()
    guard position == bytes.count else { throw unexpected() }
    return value
  }

  private mutating func value() throws -> JSON {
    skipBlanks()
    switch peek {
    case UInt8(ascii: "{"): return .object(try members())
    case UInt8(ascii: "["): return .array(try elements())
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func members() throws -> [String: JSON] {
    var result: [String: JSON] = [:]
    position += 1
    if skip(UInt8(ascii: "}")) { return result }
    repeat {
      skipBlanks()
      let name = try string()
      guard skip(UInt8(ascii: ":")) else { throw unexpected() }
      result[name] = try value()
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw unexpected() }
    return result
  }

  private mutating func elements() throws -> [JSON] {
    var result: [JSON] = []
    position += 1
    if skip(UInt8(ascii: "]")) { return result }
    repeat { result.append(try value()) } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw unexpected() }
    return result
  }

  private mutating func string() throws -> String {
    guard peek == UInt8(ascii: "\"") else { throw unexpected() }
    position += 1
    var octets: [UInt8] = []
    while let octet = peek, octet != UInt8(ascii: "\"") {
      position += 1
      guard octet == UInt8(ascii: "\\") else {
        octets.append(octet)
        continue
      }
      octets += try escape()
    }
    guard peek != nil else { throw unexpected() }
    position += 1
    return String(decoding: octets, as: UTF8.self)
  }

  private mutating func escape() throws -> [UInt8] {
    guard let kind = peek else { throw unexpected() }
    position += 1
    switch kind {
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      let digits = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
      guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
        throw unexpected()
      }
      position += 4
      return Array(String(Character(scalar)).utf8)
    default: return [kind]
    }
  }

  private mutating func number() throws -> Double {
    let start = position
    while let octet = peek, "+-.eE0123456789".utf8.contains(octet) { position += 1 }
    guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw unexpected()
    }
    return value
  }

  private mutating func literal(_ word: String, _ value: JSON) throws -> JSON {
    guard bytes[position...].starts(with: word.utf8) else { throw unexpected() }
    position += word.utf8.count
    return value
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skip(_ octet: UInt8) -> Bool {
    skipBlanks()
    guard peek == octet else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while let octet = peek, [9, 10, 13, 32].contains(octet) { position += 1 }
  }

  private func unexpected() -> LabError { .failed("the answer is no JSON at octet \(position)") }
}
