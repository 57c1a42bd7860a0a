/// The two families of addresses, with the kernel's numbers.
public enum AddressFamily: UInt8, Hashable, Sendable, CaseIterable, WireCodable {
  /// RFC 791; `AF_INET`.
  case ipv4 = 2
  /// RFC 8200; `AF_INET6`.
  case ipv6 = 10
}

extension AddressFamily: CustomStringConvertible {
  /// `IPv4` or `IPv6`.
  public var description: String { self == .ipv4 ? "IPv4" : "IPv6" }
}

/// An address of either family.
public enum IPAddress: Hashable, Sendable {
  /// An IPv4 address.
  case v4(IPv4Address)
  /// An IPv6 address.
  case v6(IPv6Address)

  /// Parses either text form; nil when it is neither.
  public init?(_ text: some StringProtocol) {
    if let address = IPv4Address(text) {
      self = .v4(address)
    } else if let address = IPv6Address(text) {
      self = .v6(address)
    } else {
      return nil
    }
  }

  /// Makes an address from 4 or 16 octets in network order; nil for any other number.
  public init?(octets: some Collection<UInt8>) {
    switch octets.count {
    case 4: self = .v4(IPv4Address(octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))
    case 16:
      guard let address = IPv6Address(octets: octets) else { return nil }
      self = .v6(address)
    default: return nil
    }
  }

  /// Which of the two it is.
  public var family: AddressFamily {
    switch self {
    case .v4: .ipv4
    case .v6: .ipv6
    }
  }

  /// The IPv4 address, if it is one.
  public var v4: IPv4Address? { if case .v4(let address) = self { address } else { nil } }

  /// The IPv6 address, if it is one.
  public var v6: IPv6Address? { if case .v6(let address) = self { address } else { nil } }

  /// The 4 or 16 octets in network order.
  public var octets: [UInt8] {
    switch self {
    case .v4(let address): address.octets
    case .v6(let address): address.octets
    }
  }

  /// Whether it names a group.
  public var isMulticast: Bool {
    switch self {
    case .v4(let address): address.isMulticast
    case .v6(let address): address.isMulticast
    }
  }

  /// Whether it never leaves a node.
  public var isLoopback: Bool {
    switch self {
    case .v4(let address): address.isLoopback
    case .v6(let address): address.isLoopback
    }
  }

  /// 0.0.0.0 or ::.
  public var isUnspecified: Bool {
    switch self {
    case .v4(let address): address.isUnspecified
    case .v6(let address): address.isUnspecified
    }
  }

  /// Whether it is an IPv6 address that is valid on one link only.
  public var isLinkLocal: Bool { v6?.isLinkLocal ?? false }
}

extension IPAddress: Comparable {
  /// Within a family the order of RFC 9568 6.4.3, unsigned in network order; IPv4 before IPv6.
  public static func < (a: IPAddress, b: IPAddress) -> Bool {
    switch (a, b) {
    case (.v4(let a), .v4(let b)): a < b
    case (.v6(let a), .v6(let b)): a < b
    case (.v4, .v6): true
    case (.v6, .v4): false
    }
  }
}

extension IPAddress: CustomStringConvertible {
  /// Dotted decimal, or the text of RFC 5952.
  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }
}

extension IPAddress: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    switch try AddressFamily(from: &reader) {
    case .ipv4: self = .v4(try IPv4Address(from: &reader))
    case .ipv6: self = .v6(try IPv6Address(from: &reader))
    }
  }
  public func write(into writer: inout ByteWriter) {
    family.write(into: &writer)
    writer.octets(octets)
  }
}
