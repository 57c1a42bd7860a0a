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

  /// Whether the kernel tracks it; what it does not is never forwarded. IGMP, VRRP and everything
  /// multicast are between neighbours.
  var isTracked: Bool {
    ![2, 112].contains(protocolNumber) && !destination.isMulticast
  }
}

/// What a policy says about a packet, and why.
public struct PolicyVerdict: Hashable, Sendable {
  /// What decided.
  public enum Decider: Hashable, Sendable {
    /// This end of the connection is in quarantine.
    case quarantine(IPAddress)
    /// The kill switch, at this level.
    case killSwitch(KillSwitch.Level)
    /// The rule with this identifier.
    case rule(String)
    /// Nothing is about the packet.
    case byDefault
  }

  /// Whether the connection may be opened.
  public let allowed: Bool
  /// What decided.
  public let decider: Decider
  /// Whether it may be opened only because the policy is in ``PolicyMode/monitor``.
  public let wouldDeny: Bool

  /// The rule that decided; nil where it was none.
  public var ruleID: String? { if case .rule(let id) = decider { id } else { nil } }
}

/// Where an address is, as a policy sees it.
public struct PolicyPlace: Hashable, Sendable {
  /// The zone of the interface.
  public let zone: Zone
  /// The group within the zone; nil: none.
  public let group: Group?
  /// Those of the zone that do not leave it out.
  let complements: [Complement]

  /// The names that stand for it in a rule.
  var names: Set<String> {
    Set(
      [PolicyDocument.any, zone.name] + (group.map { [$0.name] } ?? [])
        + complements.map(\.name))
  }
}

extension PolicyDocument {
  /// Judges a packet straight from the document, without the compiler: the meaning that the
  /// compiled ruleset must have.
  ///
  /// `time` is in seconds since 1970 and says who is in quarantine and which rules count; nil is before
  /// every expiry and outside of every schedule.
  public func evaluate(_ packet: PolicyPacket, at time: Int64? = nil) -> PolicyVerdict {
    if let member = quarantined(packet, at: time) {
      return PolicyVerdict(
        allowed: false, decider: .quarantine(member.address), wouldDeny: false)
    }
    let from = place(of: packet.source, on: packet.inInterface)?.names ?? []
    let to = place(of: packet.destination, on: packet.outInterface)?.names ?? []
    func decide(_ tier: Tier) -> String? {
      rules.filter { rule in
        rule.tier == tier && counts(rule, at: time) && !from.isDisjoint(with: rule.from)
          && !to.isDisjoint(with: rule.to)
          && covers(rule.service, packet)
      }.map(\.id).min()
    }
    guard packet.isTracked else {
      return PolicyVerdict(allowed: false, decider: .byDefault, wouldDeny: false)
    }
    if let id = decide(.guard) {
      return PolicyVerdict(allowed: true, decider: .rule(id), wouldDeny: false)
    }
    let isClosed =
      killSwitch.level == .red
      || killSwitch.blocks.contains { block in
        !from.isDisjoint(with: block.from) && !to.isDisjoint(with: block.to)
          && covers(block.service, packet)
      }
    if isClosed {
      return PolicyVerdict(
        allowed: false, decider: .killSwitch(killSwitch.level), wouldDeny: false)
    }
    if let id = decide(.deny) { return denial(.rule(id)) }
    if let id = decide(.allow) {
      return PolicyVerdict(allowed: true, decider: .rule(id), wouldDeny: false)
    }
    return denial(.byDefault)
  }

  private func counts(_ rule: Rule, at time: Int64?) -> Bool {
    guard let name = rule.schedule else { return true }
    guard let time else { return false }
    return schedules.contains { $0.name == name && $0.isOpen(at: time) }
  }

  /// Where an address on an interface is; nil when the interface is in no zone.
  public func place(of address: IPAddress, on interface: String) -> PolicyPlace? {
    zones.first { $0.ports.contains(interface) }.map { zone in
      // A host by itself comes before the network that it is in.
      let group = groups.filter { $0.zone == zone.name }.compactMap { group in
        group.nets.filter { $0.contains(address) }.map(\.length).max().map { (group, $0) }
      }.max { $0.1 < $1.1 }?.0
      let others = complements.filter { complement in
        complement.zone == zone.name && !complement.not.contains { $0 == group?.name }
      }
      return PolicyPlace(zone: zone, group: group, complements: others)
    }
  }

  private func denial(_ decider: PolicyVerdict.Decider) -> PolicyVerdict {
    PolicyVerdict(
      allowed: mode == .monitor, decider: decider, wouldDeny: mode == .monitor)
  }

  /// The end of a connection that is in quarantine, unless the service is excepted.
  private func quarantined(_ packet: PolicyPacket, at time: Int64?) -> Quarantine.Member? {
    guard !quarantine.allow.contains(where: { covers($0, packet) }) else { return nil }
    let members = quarantine.members.filter { $0.counts(at: time) }
    return members.first { $0.address == packet.source }
      ?? members.first { $0.address == packet.destination }
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
