public import Wire

/// The first packet of a connection, as a policy sees it.
public struct PolicyPacket: Hashable, Sendable {
  /// Interface that it enters by.
  public var inInterface: String
  /// Interface that it leaves by.
  public var outInterface: String
  /// Source address.
  public var source: IPAddress
  /// Destination address.
  public var destination: IPAddress
  /// IP protocol number.
  public var protocolNumber: UInt8
  /// Destination port; 0 where the protocol has none.
  public var port: UInt16

  /// Joins the parts.
  public init(
    inInterface: String, outInterface: String, source: IPAddress, destination: IPAddress,
    protocolNumber: UInt8, port: UInt16
  ) {
    self.inInterface = inInterface
    self.outInterface = outInterface
    self.source = source
    self.destination = destination
    self.protocolNumber = protocolNumber
    self.port = port
  }
}

/// What a policy says about a packet, and why.
public struct PolicyVerdict: Hashable, Sendable {
  /// Whether the connection may be opened.
  public let allowed: Bool
  /// The rule that decided; nil for the default.
  public let ruleID: String?
}

extension PolicyDocument {
  /// Judges a packet straight from the rules, without the compiler: the meaning that the compiled
  /// ruleset must have.
  public func evaluate(_ packet: PolicyPacket) -> PolicyVerdict {
    let from = names(packet.inInterface, packet.source)
    let to = names(packet.outInterface, packet.destination)
    guard !from.isEmpty, !to.isEmpty else { return PolicyVerdict(allowed: false, ruleID: nil) }
    for tier in [Tier.deny, .allow] {
      let matching = rules.filter { rule in
        rule.tier == tier && !from.isDisjoint(with: rule.from) && !to.isDisjoint(with: rule.to)
          && covers(rule.service, packet)
      }
      if let rule = matching.min(by: { $0.id < $1.id }) {
        return PolicyVerdict(allowed: tier == .allow, ruleID: rule.id)
      }
    }
    return PolicyVerdict(allowed: false, ruleID: nil)
  }

  /// The names that stand for an endpoint; none when its interface is in no zone.
  private func names(_ interface: String, _ address: IPAddress) -> Set<String> {
    guard let zone = zones.first(where: { $0.ports.contains(interface) }) else { return [] }
    let group = groups.first { $0.zone == zone.name && $0.nets.contains { $0.contains(address) } }
    return Set([PolicyDocument.any, zone.name] + (group.map { [$0.name] } ?? []))
  }

  private func covers(_ service: String, _ packet: PolicyPacket) -> Bool {
    if service == PolicyDocument.any { return true }
    let entries = services.first { $0.name == service }?.entries ?? []
    return entries.contains { entry in
      entry.transport.rawValue == packet.protocolNumber
        && (entry.ports.isEmpty || entry.ports.contains { $0.contains(packet.port) })
    }
  }
}
