import Messages
import RoleChannel
import VRRP
import Wire

/// What the supervisor is told.
extension VRRPNode {
  /// After each wake-up: a change of role or of its term, a status when it is due. The role comes
  /// first: others wait for it, while the term takes the supervisor to the disk.
  func report(at now: Instant) {
    let (role, term) = (shownRole, group.role == .active ? group.term : group.highestTerm)
    if role != toldRole?.role || role == .active && term != toldRole?.term {
      toldRole = (role, term)
      channel.send(.vrrp(.roleChanged(RoleChange(role: role, term: term, reason: shownReason))))
      toldStatusAt = nil
    }
    tell(term: group.highestTerm)
    guard toldStatusAt.map({ now >= $0 + RoleLimits.statusPeriod }) ?? true else { return }
    toldStatusAt = now
    channel.send(.vrrp(.status(status(at: now))))
  }

  /// A term taken or seen goes to the store once.
  private func tell(term: UInt64) {
    guard term > toldTerm else { return }
    toldTerm = term
    channel.send(.vrrp(.termTaken(term: term)))
  }

  private var shownRole: HARole {
    switch group.role {
    case .initializing: .initialize
    case .standby: group.canForward ? .standby : .fault
    case .active: .active
    }
  }

  private var shownReason: String {
    guard shownRole == .fault else { return group.cause.description }
    let missing = ports.compactMap(\.fault).first
    return group.faults.first ?? missing ?? "no port has a link"
  }

  private func status(at now: Instant) -> VRRPStatus {
    VRRPStatus(
      role: shownRole, term: max(group.term, group.highestTerm), reason: shownReason,
      groupID: configuration.groupID, priority: configuration.priority,
      advertInterval: configuration.advertInterval, ports: ports.map(portStatus),
      peer: peerStatus(at: now), linkCarrier: linkCarrier,
      alarms: group.alarms.map { group.text(of: $0, at: now) }.sorted(),
      heartbeatsSent: heartbeatsSent,
      heartbeatsReceived: heartbeatsReceived, heartbeatsDropped: heartbeatDrops,
      lateWakeUps: UInt64(group.counters.lateWakeUps), demotion: group.demotion,
      demotedBy: group.demotionCauses,
      heldFor: group.limiter.holdsUntil.map { max(.zero, $0 - now) })
  }

  private func portStatus(_ port: PortDevice) -> VRRPPortStatus {
    VRRPPortStatus(
      port: port.configuration.port, groupID: port.configuration.groupID,
      family: port.configuration.family, state: port.isUsable ? shownRole : .fault,
      carrier: port.hasCarrier, advertsSent: port.sent, advertsReceived: port.received,
      advertsDropped: Self.counts(port.dropped))
  }

  private func peerStatus(at now: Instant) -> PeerStatus? {
    guard let witness = group.witnesses.first, let peer = witness.last else { return nil }
    let role: HARole =
      switch peer.role {
      case .initializing: .initialize
      case .standby: peer.isFaulted ? .fault : .standby
      case .active: .active
      }
    return PeerStatus(
      role: role, seenAgo: witness.heardAt.map { now - $0 }, priority: peer.priority,
      term: peer.term, faults: peer.faults, syncReady: peer.isSynchronised,
      configurationAgrees: peer.configurationHash == configuration.configurationHash,
      policyVersion: peer.policyVersion)
  }

  private var heartbeatDrops: [NamedCount] {
    let own = group.counters.heartbeatDrops.mapValues(UInt64.init)
    var all = heartbeatsDropped.merging(own, uniquingKeysWith: +)
    all["advert-contradicted"] = UInt64(group.counters.contradictedAdvertisements)
    all["resignation-contradicted"] = UInt64(group.counters.contradictedResignations)
    return Self.counts(all.filter { $0.value > 0 })
  }

  private static func counts(_ counters: [String: UInt64]) -> [NamedCount] {
    counters.sorted { $0.key < $1.key }.map { NamedCount(name: $0.key, count: $0.value) }
  }
}
