/// An address of either family with the length of its network.
public enum IPPrefix: Hashable, Sendable {
  /// An IPv4 prefix.
  case v4(IPv4Prefix)
  /// An IPv6 prefix.
  case v6(IPv6Prefix)

  /// Parses `ADDRESS/LENGTH` of either family; nil when it is neither.
  public init?(_ text: some StringProtocol) {
    if let prefix = IPv4Prefix(text) {
      self = .v4(prefix)
    } else if let prefix = IPv6Prefix(text) {
      self = .v6(prefix)
    } else {
      return nil
    }
  }

  /// Which of the two it is.
  public var family: AddressFamily { address.family }

  /// The address as written; host bits may be set.
  public var address: IPAddress {
    switch self {
    case .v4(let prefix): .v4(prefix.address)
    case .v6(let prefix): .v6(prefix.address)
    }
  }

  /// Network bits.
  public var length: Int {
    switch self {
    case .v4(let prefix): prefix.length
    case .v6(let prefix): prefix.length
    }
  }

  /// The IPv4 prefix, if it is one.
  public var v4: IPv4Prefix? { if case .v4(let prefix) = self { prefix } else { nil } }

  /// The IPv6 prefix, if it is one.
  public var v6: IPv6Prefix? { if case .v6(let prefix) = self { prefix } else { nil } }

  /// The network with its host bits cleared.
  public var network: IPPrefix {
    switch self {
    case .v4(let prefix): .v4(prefix.network)
    case .v6(let prefix): .v6(prefix.network)
    }
  }

  /// Whether `other` is of this family and lies in the network.
  public func contains(_ other: IPAddress) -> Bool {
    switch (self, other) {
    case (.v4(let prefix), .v4(let address)): prefix.contains(address)
    case (.v6(let prefix), .v6(let address)): prefix.contains(address)
    case (.v4, .v6), (.v6, .v4): false
    }
  }

  /// Whether the two networks share an address.
  public func overlaps(_ other: IPPrefix) -> Bool {
    contains(other.address) || other.contains(address)
  }
}

extension IPAddress {
  /// The address as a network of itself, /32 or /128.
  public var alone: IPPrefix {
    switch self {
    case .v4(let address): .v4(IPv4Prefix(address, length: 32))
    case .v6(let address): .v6(IPv6Prefix(address, length: 128))
    }
  }
}

extension IPPrefix: CustomStringConvertible {
  /// `ADDRESS/LENGTH`.
  public var description: String { "\(address)/\(length)" }
}

extension IPPrefix: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    switch try AddressFamily(from: &reader) {
    case .ipv4: self = .v4(try IPv4Prefix(from: &reader))
    case .ipv6: self = .v6(try IPv6Prefix(from: &reader))
    }
  }
  public func write(into writer: inout ByteWriter) {
    family.write(into: &writer)
    switch self {
    case .v4(let prefix): prefix.write(into: &writer)
    case .v6(let prefix): prefix.write(into: &writer)
    }
  }
}
