import Configuration
import Linux
import Messages
import Supervision
import Wire

/// The status document.
extension Supervisor {
  /// Everything that is known now.
  var statusDocument: StatusDocument {
    let (word, since) = currentState
    var document = StatusDocument(
      gateway: gatewayName, activation: activationStatus.state.rawValue, state: word, since: since)
    if plan.isPair { document.ha = haStatus(plan) }
    document.appliance = applianceStatus
    document.wan = wanStatus
    document.controller = controllerStatus
    document.progress = activationStatus.state == .inProgress ? activationStatus : nil
    document.software = softwareStatus
    document.sync = knowledge.sync.map { SynchronisationStatus($0) }
    document.policy = knowledge.policy.map(enforced)
    document.roles = (table.entries + (household?.entries ?? [])).map { entry in
      RoleStatus(
        name: entry.service.name, pid: entry.pid.map { Int($0) }, state: entry.state.rawValue,
        restarts: entry.restarts)
    }
    document.alarms = alarms
    return document
  }

  private var alarms: [String] {
    var alarms = faults + diskFaults + (knowledge.vrrp?.alarms ?? [])
    if let error = knowledge.policy?.error, !error.isEmpty { alarms.append("policy: \(error)") }
    if change?.confirmWithinSeconds != nil {
      alarms.append("a change of configuration waits for ztb config confirm")
    }
    return alarms
  }

  private func haStatus(_ plan: Plan) -> HAStatus {
    let vrrp = knowledge.vrrp
    let isEncrypted = knowledge.sync.map { $0.connected && $0.encrypted } ?? false
    let link = HALinkState(
      carrier: vrrp?.linkCarrier ?? false, encrypted: isEncrypted, direct: false,
      heartbeatsSent: vrrp?.heartbeatsSent ?? 0, heartbeatsReceived: vrrp?.heartbeatsReceived ?? 0)
    return HAStatus(
      role: "\(knowledge.role)", reason: knowledge.reason, term: knowledge.term,
      peer: vrrp?.peer.map(peer), link: link, vrrp: vrrp.map(routers) ?? [])
  }

  private func peer(_ peer: PeerStatus) -> HAPeer {
    let isReachable = peer.seenAgo.map { $0 < .seconds(1) } ?? false
    return HAPeer(
      state: isReachable ? "\(peer.role)" : "unreachable",
      seenMsAgo: peer.seenAgo?.milliseconds, priority: Int(peer.priority), term: peer.term,
      faults: peer.faults, configurationAgrees: peer.configurationAgrees,
      policyVersion: peer.policyVersion)
  }

  private func routers(_ status: VRRPStatus) -> [VirtualRouterStatus] {
    status.ports.map { port in
      VirtualRouterStatus(
        port: port.port, groupId: Int(status.groupID), state: "\(port.state)",
        advertIntervalMs: Int(status.advertInterval.milliseconds), carrier: port.carrier,
        advertsSent: port.advertsSent, advertsReceived: port.advertsReceived,
        advertsDropped: Dictionary(
          port.advertsDropped.map { ($0.name, $0.count) }, uniquingKeysWith: { $0 + $1 }))
    }
  }

  private func enforced(_ policy: PolicyStatus) -> EnforcedPolicy {
    EnforcedPolicy(
      loaded: policy.loaded, version: policy.version,
      hash: "sha256:\(Hexadecimal.text(policy.hash))",
      appliedAt: policy.appliedAt == 0 ? "" : WallClock.timestamp(seconds: policy.appliedAt),
      error: policy.error)
  }
}
