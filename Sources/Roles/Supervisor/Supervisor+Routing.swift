import Linux
import Messages
import SQLite
import Store
import Supervision
import Wire

/// What roles tell each other passes here.
extension Supervisor {
  /// Tells a new process its configuration and everything that others told its predecessor.
  func introduce(_ name: RoleName, pid: Int32) {
    // The fence must know of a new `vrrp` before that can leave a beat.
    if name == .vrrp { send(.fence(.watch(vrrpPID: pid)), to: .fence) }
    configure(name)
    switch name {
    case .vrrp:
      tellHealth()
      tellPaths()
      let readiness = knowledge.syncReadiness
      send(.vrrp(.syncReadiness(ready: readiness.ready, reason: readiness.reason)), to: .vrrp)
      tellPolicy(to: .vrrp)
    case .fence:
      if let vrrp = processes[.vrrp] {
        send(.fence(.watch(vrrpPID: vrrp.child.pid)), to: .fence)
      }
    case .sync:
      tellRole()
      tellPolicy(to: .sync)
    case .policy: break
    }
  }

  /// Sends a role its part of the plan in force.
  func configure(_ name: RoleName) {
    do throws(StoreError) {
      let term = try store.term()
      let configuration = plan.configuration(
        of: name, bootID: bootIDs[name] ?? [], storedTerm: term)
      if let configuration { send(.configure(bound(configuration)), to: name) }
    } catch { log.write(.error, "supervise", "\(error)") }
  }

  /// The policy's part with the hosts of the moment.
  private func bound(_ configuration: RoleConfiguration) -> RoleConfiguration {
    guard case .policy(var policy) = configuration else { return configuration }
    policy.hosts = lanHosts
    leases?.told(policy.hosts)
    return .policy(policy)
  }

  /// What has to change when a role's process is gone.
  func forget(_ name: RoleName, hasLeft: Bool) {
    switch name {
    case .vrrp:
      knowledge.vrrp = nil
      failWaiting("vrrp ended before it answered")
      failDrill("vrrp ended before the drill was over")
      // Its fence has lowered the interfaces: whatever it was, it is not active now.
      if knowledge.role != .initialize {
        changeRole(RoleChange(role: .initialize, term: knowledge.term, reason: "vrrp ended"))
      }
    case .sync:
      knowledge.sync = nil
      peerLeases = nil
      send(.vrrp(.syncReadiness(ready: false, reason: "sync ended")), to: .vrrp)
    case .policy:
      // A policy that was killed leaves its tables in the kernel, and sessions go on.
      if hasLeft {
        knowledge.policy = nil
        forwardingIsClosed()
      }
    case .fence: break
    }
  }

  /// Takes one report.
  func received(_ report: Report, from name: RoleName) {
    switch report {
    case .ready: becameReady(name)
    case .refused(let reason): refused(name, reason)
    case .log(let level, let text): log.write(level, name.rawValue, text)
    case .event(let event): note(event.kind, event.text, event.cause)
    case .vrrp(let report): receivedVRRP(report, from: name)
    case .sync(let report): receivedSync(report, from: name)
    case .policy(.status(let status)): receivedPolicy(status, from: name)
    case .agent, .control, .neighbour, .paths, .probe: complain(name.rawValue)
    }
  }

  private func becameReady(_ name: RoleName) {
    step(.becameReady(name.rawValue))
    guard isLastAnswer(of: name) else { return }
    settleChange(name)
    if name == .policy { tellHosts() }
  }

  private func refused(_ name: RoleName, _ reason: String) {
    note("config.refused", "\(name.rawValue) refused its configuration", reason)
    guard isLastAnswer(of: name) else { return }
    failChange("\(name.rawValue): \(reason)")
    guard name == .policy else { return }
    // It goes on with the hosts of before, unless it was given the configuration of before just now.
    leases?.told(nil)
    tellHosts()
  }

  /// Whether a role's answer is about the last configuration that it was given: one that was taken back
  /// meanwhile may still be answered, and says nothing of what follows.
  private func isLastAnswer(of name: RoleName) -> Bool { processes[name]?.unanswered ?? 0 == 0 }

  // MARK: vrrp

  private func receivedVRRP(_ report: VRRPReport, from name: RoleName) {
    guard name == .vrrp else { return complain(name.rawValue) }
    switch report {
    case .status(let status):
      knowledge.vrrp = status
      knowledge.vrrpToldAt = MonotonicClock.now()
      step(.beat(name.rawValue))
    case .roleChanged(let change): changeRole(change)
    case .termTaken(let term): keep(term)
    case .barrierWanted(let request): askBarrier(request)
    case .answer(let request, let done, let text):
      if !drillAnswered(request, done: done, text) { answerWaiting(request, done: done, text) }
    case .drillStep(let request, let text, let outage, let lost):
      drillStep(request, text, outage: outage, lost: lost)
    }
  }

  private func changeRole(_ change: RoleChange) {
    let old = knowledge.role
    knowledge.role = change.role
    knowledge.term = change.term
    knowledge.reason = change.reason
    // First those who must act, then the disk.
    tellRole()
    serveLANs()
    // Who has come and gone at the other node, or whose time is over.
    tellHosts()
    guard old != change.role else { return }
    if change.role == .active { send(.policy(.promoted), to: .policy) }
    note("ha.role", "\(old) -> \(change.role) term=\(change.term)", change.reason)
  }

  private func tellRole() {
    let isActive = knowledge.role == .active
    // A standby's own term proves nothing: it may be of a turn that the active never heard of. It
    // follows whoever is active; `sync` itself knows the terms that it acted in.
    let term = isActive ? knowledge.term : 0
    send(.sync(.roleChanged(active: isActive, term: term)), to: .sync)
  }

  private func keep(_ term: UInt64) {
    do throws(StoreError) {
      try store.set(term: term)
    } catch { log.write(.error, "supervise", "\(error)") }
  }

  private func askBarrier(_ request: UInt32) {
    if processes[.sync] == nil {
      let answer = VRRPCommand.barrierDone(
        request: request, applied: false, reason: "sync does not run")
      return send(.vrrp(answer), to: .vrrp)
    }
    send(.sync(.barrier(request: request)), to: .sync)
  }

  // MARK: sync

  private func receivedSync(_ report: SyncReport, from name: RoleName) {
    guard name == .sync else { return complain(name.rawValue) }
    switch report {
    case .status(let status):
      let old = knowledge.sync
      knowledge.sync = status
      step(.beat(name.rawValue))
      guard old?.ready != status.ready || old?.reason != status.reason else { return }
      send(.vrrp(.syncReadiness(ready: status.ready, reason: status.reason)), to: .vrrp)
    case .barrierDone(let request, let applied, let reason):
      let answer = VRRPCommand.barrierDone(request: request, applied: applied, reason: reason)
      send(.vrrp(answer), to: .vrrp)
    case .message(let octets): receivedMessage(octets)
    case .messagesWanted:
      leasesWanted()
      repeatLastWord()
    }
  }

  // MARK: policy

  private func receivedPolicy(_ status: PolicyStatus, from name: RoleName) {
    guard name == .policy else { return complain(name.rawValue) }
    let old = knowledge.policy
    knowledge.policy = status
    setForwarding(status.loaded && !plan.isFactory)
    // Some settings of the kernel appear only with the first rule that needs them.
    if status.loaded, !networkFaults.isEmpty { renewNetwork(plan) }
    if old?.loaded != status.loaded { tellHealth() }
    guard old != status else { return }
    tellPolicy(to: .vrrp)
    tellPolicy(to: .sync)
    if old?.version != status.version || old?.hash != status.hash || old?.error != status.error {
      let text = status.loaded ? "policy version \(status.version) loaded" : "no policy loaded"
      note("policy", text, status.error)
    }
  }

  private func tellPolicy(to name: RoleName) {
    guard let policy = knowledge.policy, policy.loaded else { return }
    switch name {
    case .vrrp:
      send(.vrrp(.policyApplied(version: policy.version, hash: policy.hash)), to: .vrrp)
    case .sync: send(.sync(.policyHash(hash: policy.hash)), to: .sync)
    case .fence, .policy: break
    }
  }

  /// A role speaks for another one: a bug or worse; what it says is dropped.
  func complain(_ name: String) {
    log.write(.error, name, "sent a report that is not its own")
  }
}
