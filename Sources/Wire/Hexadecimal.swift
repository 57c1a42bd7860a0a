/// Octets as pairs of hexadecimal digits, the way hashes and keys are written.
public enum Hexadecimal {
  /// The octets of exactly `count` pairs of digits; nil for anything else.
  public static func octets(_ text: some StringProtocol, count: Int) -> [UInt8]? {
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == 2 * count, text.utf8.count == digits.count else { return nil }
    return (0..<count).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
  }

  /// Two digits in lower case for each octet.
  public static func text(_ octets: some Sequence<UInt8>) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
