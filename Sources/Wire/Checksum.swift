/// The Internet checksum: one's complement of the one's complement sum of 16-bit words.
///
/// RFC 1071. An odd last octet is padded with zero on the right.
public struct InternetChecksum: Sendable {
  private var sum: UInt64 = 0

  /// The sum of nothing.
  public init() {}

  /// Adds octets; only the last piece added may have an odd length.
  public mutating func add(_ octets: some Collection<UInt8>) {
    var high: UInt8?
    for octet in octets {
      if let first = high {
        sum += UInt64(first) << 8 | UInt64(octet)
        high = nil
      } else {
        high = octet
      }
    }
    if let last = high { sum += UInt64(last) << 8 }
  }

  /// Adds one 16-bit word.
  public mutating func add(_ word: UInt16) { sum += UInt64(word) }

  /// The value for the checksum field; zero when the data already holds a right checksum.
  public var value: UInt16 {
    var folded = sum
    while folded > 0xffff { folded = (folded & 0xffff) + (folded >> 16) }
    return ~UInt16(folded)
  }
}
