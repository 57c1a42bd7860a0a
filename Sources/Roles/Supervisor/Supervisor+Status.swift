import Configuration
import Linux
import Messages
import Policy
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
    document.sync = knowledge.sync.map { SynchronisationStatus($0, leases: leaseStatus) }
    document.leases = leaseStatus
    document.isolation = isolationStatus
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
    alarms += policyAlarms
    if let peer = knowledge.vrrp?.peer, peer.priority == plan.document.ha?.vrrp.priority {
      alarms.append("both nodes have priority \(peer.priority); give them different ones")
    }
    if change?.terms.confirmWithinSeconds != nil, reasonToAskThere == nil {
      alarms.append("a change of configuration waits for ztb config confirm")
    }
    return alarms
  }

  /// What somebody has to remember to take back.
  private var policyAlarms: [String] {
    let policy = plan.document.policy
    let level = policy.killSwitch.level
    return
      (policy.mode == .monitor
      ? ["policy.mode: monitor lets through what no rule allows; set it to enforce"] : [])
      + (level == .green ? [] : ["policy.killSwitch: \(level.rawValue) is in force"])
  }

  private func enforced(_ policy: PolicyStatus) -> EnforcedPolicy {
    EnforcedPolicy(
      loaded: policy.loaded, version: policy.version,
      hash: "sha256:\(Hexadecimal.text(policy.hash))",
      appliedAt: policy.appliedAt == 0 ? "" : WallClock.timestamp(seconds: policy.appliedAt),
      error: policy.error)
  }
}
