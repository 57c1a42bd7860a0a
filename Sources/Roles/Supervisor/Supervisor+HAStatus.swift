import Configuration
import Messages
import Wire

/// The part of the status document that is about the pair.
extension Supervisor {
  /// Everything that is known of the pair now.
  func haStatus(_ plan: Plan) -> HAStatus {
    let vrrp = knowledge.vrrp
    var status = HAStatus(
      role: "\(knowledge.role)", reason: knowledge.reason,
      // A standby's role does not change when it hears of a higher one.
      term: max(knowledge.term, vrrp?.term ?? 0),
      peer: vrrp?.peer.map(peer), link: linkState, vrrp: vrrp.map(routers) ?? [])
    status.rank = vrrp.map { vrrp in
      HARank(
        priority: Int(vrrp.priority), demotion: Int(vrrp.demotion), causes: vrrp.demotedBy,
        heldMs: vrrp.heldFor?.milliseconds)
    }
    status.checks = pathStates
    let readiness = knowledge.syncReadiness
    status.advice =
      HAAdvisor(
        status: status, linkPort: plan.given.ha?.port ?? "", faults: faults,
        policyVersion: knowledge.policy.flatMap { $0.loaded ? $0.version : nil },
        syncProblem: readiness.ready ? nil : readiness.reason
      ).advice
    return status
  }

  private var linkState: HALinkState {
    let vrrp = knowledge.vrrp
    let isEncrypted = knowledge.sync.map { $0.connected && $0.encrypted } ?? false
    var state = HALinkState(
      carrier: vrrp?.linkCarrier ?? false, encrypted: isEncrypted, direct: watch.isLinkDirect,
      heartbeatsSent: vrrp?.heartbeatsSent ?? 0, heartbeatsReceived: vrrp?.heartbeatsReceived ?? 0)
    state.heartbeatsDropped = vrrp.map { byName($0.heartbeatsDropped) }
    state.neighbour = watch.neighbour.isEmpty ? nil : watch.neighbour
    return state
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
    let configured = plan.document.ha?.vrrp.routers ?? []
    return status.ports.map { port in
      var router = VirtualRouterStatus(
        port: port.port, groupId: Int(port.groupID), state: "\(port.state)",
        advertIntervalMs: Int(status.advertInterval.milliseconds), carrier: port.carrier,
        advertsSent: port.advertsSent, advertsReceived: port.advertsReceived,
        advertsDropped: byName(port.advertsDropped))
      router.family = "\(port.family)"
      router.addresses = configured.first {
        $0.interface == port.port && $0.groupID == port.groupID && $0.family == port.family
      }?.addresses.map(\.description)
      return router
    }
  }

  private func byName(_ counts: [NamedCount]) -> [String: UInt64] {
    Dictionary(counts.map { ($0.name, $0.count) }, uniquingKeysWith: { $0 + $1 })
  }
}
