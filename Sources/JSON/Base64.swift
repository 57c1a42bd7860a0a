/// Base64 with padding (RFC 4648 4), strictly: one text per value, no line breaks.
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The octets of a text, or nil when it is not their only encoding.
  public static func decode(_ text: String) -> [UInt8]? {
    let letters = Array(text.utf8)
    guard letters.count % 4 == 0 else { return nil }
    let padding = letters.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    var octets: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount = 0
    for letter in letters.dropLast(padding) {
      guard let value = alphabet.firstIndex(of: letter) else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
      }
    }
    return padding <= 2 && encode(octets) == text ? octets : nil
  }

  /// The text of some octets.
  public static func encode(_ octets: [UInt8]) -> String {
    var letters: [UInt8] = []
    for start in stride(from: 0, to: octets.count, by: 3) {
      let group = octets[start..<min(start + 3, octets.count)]
      var bits: UInt32 = 0
      for octet in group { bits = bits << 8 | UInt32(octet) }
      bits <<= UInt32(8 * (3 - group.count))
      for index in 0...3 {
        let letter = alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)]
        letters.append(index <= group.count ? letter : UInt8(ascii: "="))
      }
    }
    return String(decoding: letters, as: UTF8.self)
  }
}
