public import Wire

/// An IPv4 or IPv6 address inside a ``FlowTuple``; the tuple's family says which.
///
/// 128 bits in two words, most significant first. An IPv4 address is its number in `low`, with
/// `high` zero.
public struct FlowAddress: Hashable, Sendable {
  /// The first eight octets of an IPv6 address; zero for IPv4.
  public var high: UInt64
  /// The last eight octets of an IPv6 address, or the 32 bits of an IPv4 address.
  public var low: UInt64

  /// Makes an address from its two words.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Wraps an IPv4 address.
  public init(_ address: IPv4Address) { self.init(high: 0, low: UInt64(address.value)) }

  /// The IPv4 address in the low 32 bits; meaningful only in a tuple of family 2.
  public var ipv4: IPv4Address { IPv4Address(UInt32(truncatingIfNeeded: low)) }

  /// Dotted decimal for family 2, eight hexadecimal groups for family 10.
  public func text(_ family: AddressFamily) -> String {
    switch family {
    case .ipv4: return ipv4.description
    case .ipv6:
      let groups = [high, low].flatMap { word in
        [48, 32, 16, 0].map { String(UInt16(truncatingIfNeeded: word >> $0), radix: 16) }
      }
      return groups.joined(separator: ":")
    }
  }
}
