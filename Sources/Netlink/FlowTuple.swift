public import Wire

/// One direction of a connection as the kernel tracks it: the key of a flow.
///
/// A fixed-size value of 40 octets without references. For ICMP `sourcePort` holds the identifier
/// and `destinationPort` holds `type << 8 | code`; for protocols without ports both are zero.
public struct FlowTuple: Hashable, Sendable {
  /// Where packets of this direction come from.
  public var source: FlowAddress
  /// Where packets of this direction go to.
  public var destination: FlowAddress
  /// TCP, UDP, SCTP port in host order, or the ICMP identifier.
  public var sourcePort: UInt16
  /// TCP, UDP, SCTP port in host order, or `type << 8 | code` of ICMP.
  public var destinationPort: UInt16
  /// Conntrack zone, 0 for the default one.
  public var zone: UInt16
  /// Which of the two address families both addresses belong to.
  public var family: AddressFamily
  /// The IP protocol number.
  public var transport: Transport

  /// Makes a tuple; ports are in host order.
  public init(
    family: AddressFamily = .ipv4, transport: Transport, source: FlowAddress,
    destination: FlowAddress, sourcePort: UInt16, destinationPort: UInt16, zone: UInt16 = 0
  ) {
    self.source = source
    self.destination = destination
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.zone = zone
    self.family = family
    self.transport = transport
  }

  /// The tuple of the answers when nothing is translated, or nil when the kernel has no answer
  /// to this ICMP type.
  public var inverse: FlowTuple? {
    var reply = self
    swap(&reply.source, &reply.destination)
    if transport.isICMP {
      guard let type = transport.answer(to: UInt8(destinationPort >> 8)) else { return nil }
      reply.destinationPort = UInt16(type) << 8 | destinationPort & 0xff
    } else {
      swap(&reply.sourcePort, &reply.destinationPort)
    }
    return reply
  }

  /// A 64-bit hash that only the holder of `seed` can predict; for tables and digests.
  public func mixed(seed: UInt64) -> UInt64 {
    var hash = scramble(scramble(seed ^ source.low) ^ destination.low)
    if family == .ipv6 { hash = scramble(scramble(hash ^ source.high) ^ destination.high) }
    let ports = UInt64(sourcePort) << 16 | UInt64(destinationPort)
    let kind = UInt64(zone) << 16 | UInt64(transport.rawValue) << 8 | UInt64(family.rawValue)
    return scramble(hash ^ (ports << 32 | kind))
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(source.low)
    hasher.combine(destination.low)
    if family == .ipv6 { hasher.combine(source.high ^ destination.high) }
    hasher.combine(
      UInt64(sourcePort) << 48 | UInt64(destinationPort) << 32 | UInt64(zone) << 16
        | UInt64(transport.rawValue))
  }
}

/// The finaliser of SplitMix64: one to one, and every input bit changes half of the output bits.
private func scramble(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9e37_79b9_7f4a_7c15
  z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
  return z ^ z >> 31
}

extension FlowTuple: CustomStringConvertible {
  /// `tcp 10.1.0.5:40000>192.0.2.7:80`.
  public var description: String {
    let from = source.text(family)
    let to = destination.text(family)
    let suffix = zone == 0 ? "" : " zone \(zone)"
    if transport.isICMP {
      return "\(transport) \(from)>\(to) id \(sourcePort) type \(destinationPort >> 8)\(suffix)"
    }
    if family == .ipv6 {
      return "\(transport) [\(from)]:\(sourcePort)>[\(to)]:\(destinationPort)\(suffix)"
    }
    return "\(transport) \(from):\(sourcePort)>\(to):\(destinationPort)\(suffix)"
  }
}

/// An IP protocol number, with names for those that the tracker knows.
public struct Transport: RawRepresentable, Hashable, Sendable {
  /// The number in the IP header.
  public var rawValue: UInt8
  /// Names a protocol by its number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// ICMP, 1.
  public static let icmp = Transport(rawValue: 1)
  /// TCP, 6.
  public static let tcp = Transport(rawValue: 6)
  /// UDP, 17.
  public static let udp = Transport(rawValue: 17)
  /// ICMPv6, 58.
  public static let icmpv6 = Transport(rawValue: 58)
  /// GRE, 47; its tuples hold the key of version 1 (PPTP) where others have ports, else zero.
  public static let gre = Transport(rawValue: 47)
  /// SCTP, 132.
  public static let sctp = Transport(rawValue: 132)
  /// UDP-Lite, 136.
  public static let udpLite = Transport(rawValue: 136)

  /// Whether the port fields of a tuple hold identifier, type and code.
  public var isICMP: Bool { self == .icmp || self == .icmpv6 }

  /// Whether the port fields of a tuple hold ports.
  public var hasPorts: Bool {
    self == .tcp || self == .udp || self == .sctp || self == .udpLite || self == .gre
  }

  /// The ICMP type that answers `type`; nil where the kernel's inversion table has none.
  func answer(to type: UInt8) -> UInt8? {
    switch (self, type) {
    case (.icmp, 8): 0  // echo
    case (.icmp, 0): 8
    case (.icmp, 13), (.icmp, 15), (.icmp, 17): type + 1  // timestamp, information, mask
    case (.icmp, 14), (.icmp, 16), (.icmp, 18): type - 1
    case (.icmpv6, 128), (.icmpv6, 139): type + 1  // echo, node information
    case (.icmpv6, 129), (.icmpv6, 140): type - 1
    default: nil
    }
  }
}

extension Transport: CustomStringConvertible {
  /// The lower-case name, or `proto-N`.
  public var description: String {
    switch self {
    case .icmp: "icmp"
    case .tcp: "tcp"
    case .udp: "udp"
    case .icmpv6: "icmpv6"
    case .gre: "gre"
    case .sctp: "sctp"
    case .udpLite: "udplite"
    default: "proto-\(rawValue)"
    }
  }
}
