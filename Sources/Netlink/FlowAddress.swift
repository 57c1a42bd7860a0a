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

  /// Wraps an address of either family.
  public init(_ address: IPAddress) {
    switch address {
    case .v4(let address): self.init(address)
    case .v6(let address): self.init(high: address.high, low: address.low)
    }
  }

  /// The IPv4 address in the low 32 bits; meaningful only in a tuple of family 2.
  public var ipv4: IPv4Address { IPv4Address(UInt32(truncatingIfNeeded: low)) }

  /// As an address of this family.
  public func address(_ family: AddressFamily) -> IPAddress {
    switch family {
    case .ipv4: .v4(ipv4)
    case .ipv6: .v6(IPv6Address(high: high, low: low))
    }
  }

  /// Dotted decimal for family 2, the text of RFC 5952 for family 10.
  public func text(_ family: AddressFamily) -> String { address(family).description }
}
