public import Policy
public import Wire

/// What the gateway does with the first packet of a connection, and why.
public struct PolicyExplanation: Hashable, Sendable {
  /// One end, as the policy sees it.
  public struct End: Hashable, Sendable {
    /// Its address.
    public let address: IPAddress
    /// The interface that leads there; nil: no route.
    public let interface: String?
    /// The zone of that interface; nil: none, so that nothing is allowed.
    public let zone: String?
    /// The group of the address within the zone; nil: none.
    public let group: String?
  }

  /// What becomes of the packet.
  public enum Outcome: Hashable, Sendable {
    /// It is forwarded: a rule allows it.
    case allowed(ruleID: String)
    /// A rule denies it.
    case denied(ruleID: String)
    /// No rule allows it.
    case deniedByDefault
    /// This end is in quarantine.
    case quarantined(IPAddress)
    /// The kill switch closes it, at this level.
    case closed(KillSwitch.Level)
    /// It is forwarded while the policy only monitors; a rule denies it, or (nil) none allows it.
    case monitored(ruleID: String?)
    /// It never comes to the policy: both ends are on one network, or the gateway has no way.
    case notForwarded(String)
  }

  /// Who opens the connection.
  public let from: End
  /// Whom it is for.
  public let to: End
  /// What becomes of it.
  public let outcome: Outcome
  /// The source address that it leaves with, where it is translated; nil inside means the
  /// interface's own.
  public let translation: PolicyContext.Translation?
  /// The port forward by which it reaches ``to``; nil: none, and ``to`` is whom it was sent to.
  public let forward: PolicyContext.PortForward?
}

extension ConfigurationDocument {
  /// The document with these hosts in the groups that match them, to be asked about packets.
  public func with(_ hosts: [LANHost]) -> ConfigurationDocument {
    var document = self
    document.policy = policy.with(hosts)
    return document
  }

  /// Judges the first packet of a connection by this document alone. Groups that match hosts have none
  /// but in ``with(_:)``.
  ///
  /// `port` is the destination port, 0 for protocols without. Both addresses must be of one family.
  /// `time` is in seconds since 1970 and says who is in quarantine and which rules count; nil is before
  /// every expiry and outside of every schedule. `context` is this document's, where somebody has it.
  public func explain(
    from source: IPAddress, to destination: IPAddress, protocolNumber: UInt8, port: UInt16,
    at time: Int64? = nil, in context: PolicyContext? = nil
  ) -> PolicyExplanation {
    let (from, sentTo) = (end(source), end(destination))
    let context = context ?? policyContext(hash: [])
    let packet = PolicyPacket(
      inInterface: from.interface ?? "", outInterface: sentTo.interface ?? "", source: source,
      destination: destination, protocolNumber: protocolNumber, port: port)
    let forward = context.forward(of: packet)
    let inside = context.forwarded(packet)
    let to = forward == nil ? sentTo : end(inside.destination)
    let outcome = judge(
      from, to, protocolNumber, inside.port, isReflected: forward != nil, at: time)
    let translations = (forward == nil ? [] : context.reflections) + context.translations
    let translation =
      !outcome.isForwarded
      ? nil
      : translations.first {
        $0.from.contains(source) && $0.interfaces.contains(to.interface ?? "")
      }
    return PolicyExplanation(
      from: from, to: to, outcome: outcome, translation: translation, forward: forward)
  }

  private func judge(
    _ from: PolicyExplanation.End, _ to: PolicyExplanation.End, _ number: UInt8, _ port: UInt16,
    isReflected: Bool, at time: Int64?
  ) -> PolicyExplanation.Outcome {
    guard from.address.family == to.address.family else {
      return .notForwarded("\(from.address) and \(to.address) are of different families")
    }
    for address in [from.address, to.address] {
      if ownAddresses.contains(address) {
        return .notForwarded("\(address) is the gateway's own address")
      }
      if !address.isRouted { return .notForwarded("\(address) is valid on one link only") }
      if let link = ha, IPPrefix.v4(link.address).contains(address) {
        return .notForwarded("\(address) is on the HA link \(link.port), which forwards nothing")
      }
    }
    guard let entrance = from.interface else {
      return .notForwarded("no network or route leads to \(from.address)")
    }
    guard let way = to.interface else {
      return .notForwarded("no network or route leads to \(to.address)")
    }
    // Neighbours do not speak without the gateway when one knows the other by its address, or when all
    // are kept apart.
    if !isReflected, entrance == way, isolation(on: way) == nil,
      let network = network(of: from.address), network.contains(to.address)
    {
      return .notForwarded("both are on \(network.network), where hosts speak without the gateway")
    }
    return PolicyExplanation.Outcome(
      policy.evaluate(
        PolicyPacket(
          inInterface: entrance, outInterface: way, source: from.address,
          destination: to.address, protocolNumber: number, port: port), at: time))
  }

  private var ownAddresses: [IPAddress] {
    connectedNetworks.flatMap { network in
      AddressFamily.allCases.compactMap { network.own($0)?.address }
    } + everyVirtualAddress
  }

  private func end(_ address: IPAddress) -> PolicyExplanation.End {
    let interface = interface(towards: address)
    let place = interface.flatMap { policy.place(of: address, on: $0) }
    return PolicyExplanation.End(
      address: address, interface: interface, zone: place?.zone.name, group: place?.group?.name)
  }

  /// The connected network that the address is on.
  private func network(of address: IPAddress) -> IPPrefix? {
    forwardingNetworks.compactMap { $0.own(address.family) }.first { $0.contains(address) }
  }

  /// The longest match among networks and routes, else the default router's.
  func interface(towards address: IPAddress) -> String? {
    let family = address.family
    let near = forwardingNetworks.compactMap { network in
      network.own(family).map { (prefix: $0, interface: network.interface) }
    }
    let far = routes.compactMap { route in
      near.first { $0.prefix.contains(route.via) }
        .map { (prefix: route.to, interface: $0.interface) }
    }
    let match = (near + far).filter { $0.prefix.contains(address) }
      .max { $0.prefix.length < $1.prefix.length }
    if let match { return match.interface }
    // With DHCP the router comes with the lease.
    let hasRouter =
      family == .ipv4 ? wan.gateway != nil || wan.mode == .dhcp : wan.gateway6 != nil
    return hasRouter ? wan.interface : nil
  }
}

extension PolicyExplanation.Outcome {
  fileprivate init(_ verdict: PolicyVerdict) {
    switch verdict.decider {
    case .quarantine(let address): self = .quarantined(address)
    case .killSwitch(let level): self = .closed(level)
    case _ where verdict.wouldDeny: self = .monitored(ruleID: verdict.ruleID)
    case .rule(let id): self = verdict.allowed ? .allowed(ruleID: id) : .denied(ruleID: id)
    case .byDefault: self = .deniedByDefault
    }
  }

  /// Whether the packet leaves.
  public var isForwarded: Bool {
    switch self {
    case .allowed, .monitored: true
    case .denied, .deniedByDefault, .quarantined, .closed, .notForwarded: false
    }
  }
}

extension IPAddress {
  /// Whether a router passes on packets from or to it.
  fileprivate var isRouted: Bool {
    if isMulticast || isLoopback || isUnspecified || isLinkLocal { return false }
    guard let v4 else { return true }
    // RFC 3927, and the broadcast of every network (RFC 919).
    return v4.value >> 16 != 0xa9fe && v4.value != .max
  }
}

extension ConfigurationDocument {
  /// What is valid and hardly meant: rules that decide nothing, and groups whose members are not in
  /// them when they speak the other family.
  public var policyWarnings: [String] {
    policy.warnings.map(\.text)
      + policy.groups.compactMap { group in
        let zone = policy.zones.first { $0.name == group.zone }
        let spoken = forwardingNetworks.filter { zone?.ports.contains($0.interface) ?? false }
        let missing = AddressFamily.allCases.filter { family in
          spoken.contains { $0.own(family) != nil } && !group.speaks(family)
        }
        guard let family = missing.first else { return nil }
        return "group \(group.name) has no \(family) network: its members are ordinary members of "
          + "\(group.zone) when they speak \(family)"
      }
      + policy.groups.filter { !$0.match.isEmpty }.compactMap { group in
        let zone = policy.zones.first { $0.name == group.zone }
        let isServed = lan.contains { lan in
          guard case .server = lan.dhcp else { return false }
          return zone?.ports.contains(lan.interface) ?? false
        }
        return isServed
          ? nil
          : "group \(group.name) matches nobody: no port of \(group.zone) has dhcp with mode server"
      }
  }
}

extension Group {
  /// Whether members may be in it by an address of the family; leases are of IPv4.
  fileprivate func speaks(_ family: AddressFamily) -> Bool {
    nets.contains { $0.family == family } || family == .ipv4 && !match.isEmpty
  }
}
