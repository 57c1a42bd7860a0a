public import Wire

extension PolicyContext {
  /// Connections to an address of the node that go on to a host inside.
  ///
  /// It opens nothing: the policy judges the packet that it makes, with the host as destination.
  public struct PortForward: Hashable, Sendable {
    /// The author's name for it; never in the ruleset.
    public var id: String
    /// The address of the node that strangers know.
    public var address: IPAddress
    /// A protocol with ports.
    public var transport: TransportProtocol
    /// The ports that strangers know.
    public var ports: ClosedRange<UInt16>
    /// The host inside, of the address's family.
    public var to: IPAddress
    /// Its port for the first of ``ports``; the others follow.
    public var toPort: UInt16
    /// Whether hosts inside reach it by ``address``, too.
    public var isReflected: Bool

    /// Joins the parts.
    public init(
      id: String, address: IPAddress, transport: TransportProtocol, ports: ClosedRange<UInt16>,
      to: IPAddress, toPort: UInt16, isReflected: Bool = false
    ) {
      self.id = id
      self.address = address
      self.transport = transport
      self.ports = ports
      self.to = to
      self.toPort = toPort
      self.isReflected = isReflected
    }

    /// The host's port for one of ``ports``.
    public func target(of port: UInt16) -> UInt16 { toPort + (port - ports.lowerBound) }
  }

  /// The port forward that a packet is about; nil: none. Whether it enters from outside counts.
  public func forward(of packet: PolicyPacket) -> PortForward? {
    let isOutside = interfaces.first { $0.name == packet.inInterface }?.isOutside ?? false
    return forwards.first { forward in
      forward.address == packet.destination && forward.ports.contains(packet.port)
        && forward.transport.rawValue == packet.protocolNumber
        && (isOutside || forward.isReflected)
    }
  }

  /// The packet that the policy judges instead of one that a port forward is about. Where it leaves
  /// is a matter of routes, and left alone.
  public func forwarded(_ packet: PolicyPacket) -> PolicyPacket {
    guard let forward = forward(of: packet) else { return packet }
    var inside = packet
    inside.destination = forward.to
    inside.port = forward.target(of: packet.port)
    return inside
  }
}

/// Where the kernel finds port forwards.
enum PortForwardMaps {
  /// For packets from outside: address, protocol and port, to host and port.
  static let outside = "pf_outside"
  /// The same of IPv6.
  static let outside6 = "pf_outside6"
  /// For packets of hosts inside.
  static let inside = "pf_inside"
  /// The same of IPv6.
  static let inside6 = "pf_inside6"
  /// The ports that strangers know, as marks: keys of several parts cannot hold that of an entry.
  static let ports = "pf_port"
  /// What is in force, as an existing connection shows it: the port as a mark, the address, the host,
  /// the protocol, the host's port.
  static let live = "pf_live"
  /// The same of IPv6.
  static let live6 = "pf_live6"

  /// All of them with their types.
  static let all: [(name: String, type: String)] = [
    (outside, "type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;"),
    (outside6, "type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service;"),
    (inside, "type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;"),
    (inside6, "type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service;"),
    (ports, "type inet_service : mark;"),
    (live, "type mark . ipv4_addr . ipv4_addr . inet_proto . inet_service : verdict;"),
    (live6, "type mark . ipv6_addr . ipv6_addr . inet_proto . inet_service : verdict;"),
  ]

  /// Their elements, by the name of the map.
  static func elements(_ forwards: [PolicyContext.PortForward]) -> [(map: String, [String])] {
    var found: [String: [String]] = [:]
    var marks: Set<UInt16> = []
    for forward in forwards.sorted(by: { ($0.address, $0.id) < ($1.address, $1.id) }) {
      let isIPv4 = forward.address.family == .ipv4
      for port in forward.ports {
        let (number, target) = (forward.transport.rawValue, forward.target(of: port))
        let way = "\(forward.address) . \(number) . \(port) : \(forward.to) . \(target)"
        found[isIPv4 ? outside : outside6, default: []].append(way)
        if forward.isReflected { found[isIPv4 ? inside : inside6, default: []].append(way) }
        found[isIPv4 ? live : live6, default: []].append(
          "\(port) . \(forward.address) . \(forward.to) . \(number) . \(target) : return")
        marks.insert(port)
      }
    }
    found[ports] = marks.sorted().map { "\($0) : \($0)" }
    return all.map { ($0.name, found[$0.name] ?? []) }
  }
}

extension Chains {
  /// Where connections that a port forward made are looked at; comes back for those in force.
  static let forwardedName = "forwarded"

  /// A connection keeps its translation for as long as it lives, so that one whose forward is gone
  /// has to be told apart; at once, as a forward is no part of the policy's version.
  var forwardedChain: Chain {
    let directions = [("original", "daddr", "dport"), ("reply", "saddr", "sport")]
    let lookups = [("ip", PortForwardMaps.live), ("ip6", PortForwardMaps.live6)].flatMap {
      family, map in
      directions.map { direction, end, port in
        "ct direction \(direction) meta mark . ct original \(family) daddr . \(family) \(end) . "
          + "meta l4proto . th \(port) vmap @\(map)"
      }
    }
    return Chain(
      name: Chains.forwardedName,
      rules: [
        "meta mark set 0",
        "meta l4proto { 6, 17, 132 } meta mark set ct original proto-dst map "
          + "@\(PortForwardMaps.ports)",
      ] + lookups + ["counter name \"c_stale\" drop"])
  }

  /// Leads there what was translated by its destination (0x20) and opened by itself: what a helper
  /// expected (0x01) goes with its master.
  static let forwardedOnes =
    "ct status and 0x21 == 0x20 ct state != related jump \(forwardedName)"

  /// The first packet of a connection gets its host here.
  var natPre: Chain {
    guard !context.forwards.isEmpty else { return Chain(name: "nat_pre", rules: []) }
    let sides = [
      (true, PortForwardMaps.outside, PortForwardMaps.outside6),
      (false, PortForwardMaps.inside, PortForwardMaps.inside6),
    ]
    let rules = sides.flatMap { isOutside, map, map6 in
      let devices = context.interfaces.filter { $0.isOutside == isOutside }.flatMap(\.devices)
      return devices.isEmpty
        ? []
        : [("ip", map), ("ip6", map6)].map { family, map in
          "iifname \(set(devices)) dnat \(family) to "
            + "\(family) daddr . meta l4proto . th dport map @\(map)"
        }
    }
    return Chain(name: "nat_pre", rules: rules)
  }

  /// A host that reaches its neighbour by an address of the node would get the answer from the
  /// neighbour itself, and not know it; so the neighbour sees the node.
  var reflections: [String] {
    context.reflections.map { reflection in
      "ct status dnat " + statement(reflection)
    }
  }
}
