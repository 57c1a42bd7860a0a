/// Why a typed text is no activation code; each says what to do.
public enum ActivationCodeError: Error, Hashable, Sendable {
  /// It has `count` characters instead of sixteen.
  case wrongLength(count: Int)
  /// `character` is not one that codes have.
  case notInAlphabet(character: Character)
  /// The check character does not fit: something was mistyped.
  case mistyped
  /// What stands behind `@` is not `host:port`.
  case portalMalformed
}

extension ActivationCodeError: CustomStringConvertible {
  /// One sentence with the remedy.
  public var description: String {
    switch self {
    case .wrongLength(let count):
      "An activation code has 16 characters, this has \(count); type it again."
    case .notInAlphabet(let character):
      "'\(character)' is not used in activation codes; type the code again."
    case .mistyped: "The code was mistyped: its check character does not fit; type it again."
    case .portalMalformed:
      "Behind @ the portal is expected as host:port, such as portal.example:8443."
    }
  }
}

/// An activation code: sixteen Crockford base32 characters, shown in groups of four.
///
///     0…3    public identifier, 20 bits: which gateway, may be logged
///     4…14   secret, 55 bits: never logged, never sent before the portal has proved to know it
///     15     check: any single wrong character and any two swapped ones are noticed
public struct ActivationCode: Hashable, Sendable {
  /// The sixteen characters, upper case, without groups.
  public let text: String

  /// Octets of randomness that ``init(random:)`` needs.
  public static let randomCount = 15

  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

  /// Makes a code of ``randomCount`` random octets, five bits of each.
  public init(random: [UInt8]) {
    precondition(random.count == Self.randomCount, "a code takes one random octet a character")
    let digits = random.map { Int($0 & 31) }
    text = String((digits + [Self.check(digits)]).map { Self.alphabet[$0] })
  }

  /// Reads what a person typed: case, spaces and hyphens do not matter, O is 0, I and L are 1.
  public init(parsing typed: some StringProtocol) throws(ActivationCodeError) {
    var digits: [Int] = []
    for character in typed.uppercased() where !" -\t".contains(character) {
      guard let digit = Self.alphabet.firstIndex(of: Self.normalised(character)) else {
        throw .notInAlphabet(character: character)
      }
      digits.append(digit)
    }
    guard digits.count == Self.randomCount + 1 else { throw .wrongLength(count: digits.count) }
    guard Self.check(digits.dropLast()) == digits.last else { throw .mistyped }
    text = String(digits.map { Self.alphabet[$0] })
  }

  /// Four characters that name the gateway.
  public var publicID: String { String(text.prefix(4)) }

  /// Eleven characters that prove it.
  public var secret: String { String(text.dropFirst(4).prefix(11)) }

  /// `ABCD-EFGH-JKMN-PQRS`.
  public var grouped: String {
    stride(from: 0, to: 16, by: 4).map { String(text.dropFirst($0).prefix(4)) }
      .joined(separator: "-")
  }

  private static func normalised(_ character: Character) -> Character {
    switch character {
    case "O": "0"
    case "I", "L": "1"
    default: character
    }
  }

  /// A weighted sum in the field of 32 elements (x⁵+x²+1); each place has a weight of its own, a
  /// power of the generator, so that neither one wrong digit nor two swapped ones cancel out.
  private static func check(_ digits: some Sequence<Int>) -> Int {
    // Horner: the last place has weight x, the one before x² and so on.
    digits.reduce(0) { timesGenerator($0 ^ $1) }
  }

  private static func timesGenerator(_ element: Int) -> Int {
    let doubled = element << 1
    return doubled & 32 == 0 ? doubled : doubled ^ 0b100101
  }
}

extension ActivationCode: CustomStringConvertible {
  /// The public part alone, for logs.
  public var description: String { "\(publicID)-****-****-****" }
}

/// What was typed at the console: a code, and perhaps the portal that it is for.
public struct TypedCode: Hashable, Sendable {
  /// The code.
  public let code: ActivationCode
  /// `host:port` behind the `@`; nil: the default portal.
  public let portal: String?

  /// Reads `CODE` or `CODE@host:port`.
  public init(parsing typed: some StringProtocol) throws(ActivationCodeError) {
    let parts = typed.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    code = try ActivationCode(parsing: parts[0])
    guard parts.count > 1 else {
      portal = nil
      return
    }
    let place = String(parts[1].filter { $0 != " " })
    let ends = place.split(separator: ":", omittingEmptySubsequences: false)
    guard ends.count == 2, !ends[0].isEmpty, let port = UInt16(ends[1]), port > 0 else {
      throw .portalMalformed
    }
    portal = place
  }
}
