/// An address with the length of its network, such as `2001:db8::2/64`.
public struct IPv6Prefix: Hashable, Sendable {
  /// The address as written; host bits may be set.
  public var address: IPv6Address
  /// Network bits, 0…128.
  public var length: Int

  /// Joins an address and a length; `length` must be 0…128.
  public init(_ address: IPv6Address, length: Int) {
    precondition((0...128).contains(length), "an IPv6 prefix length is 0…128")
    self.address = address
    self.length = length
  }

  /// Parses `ADDRESS/LENGTH`; nil when either part is malformed or missing.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv6Address(parts[0]),
      let length = decimal(parts[1], atMost: 128)
    else { return nil }
    self.init(address, length: length)
  }

  /// The network with its host bits cleared.
  public var network: IPv6Prefix {
    let (high, low) = mask
    return IPv6Prefix(
      IPv6Address(high: address.high & high, low: address.low & low), length: length)
  }

  /// Whether `other` lies in the network.
  public func contains(_ other: IPv6Address) -> Bool {
    let (high, low) = mask
    return (other.high ^ address.high) & high == 0 && (other.low ^ address.low) & low == 0
  }

  /// Whether the two networks share an address.
  public func overlaps(_ other: IPv6Prefix) -> Bool {
    contains(other.address) || other.contains(address)
  }

  private var mask: (high: UInt64, low: UInt64) {
    // A shift by all 64 bits yields zero, as `<<` on fixed-width integers never wraps around.
    (~0 << UInt64(64 - min(length, 64)), ~0 << UInt64(128 - max(length, 64)))
  }
}

extension IPv6Prefix: CustomStringConvertible {
  /// `ADDRESS/LENGTH`.
  public var description: String { "\(address)/\(length)" }
}

extension IPv6Prefix: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let address = try IPv6Address(from: &reader)
    let offset = reader.offset
    let length = try reader.uint8()
    guard length <= 128 else { throw .invalid(offset: offset, value: UInt64(length)) }
    self.init(address, length: Int(length))
  }
  public func write(into writer: inout ByteWriter) {
    address.write(into: &writer)
    writer.uint8(UInt8(length))
  }
}
