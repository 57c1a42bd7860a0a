import Linux
import Messages
import RoleChannel
import VRRP
import Wire

/// Doing what the group wants, and telling the supervisor.
extension VRRPNode {
  func perform(_ action: SyncGroup.Action, at now: Instant) {
    switch action {
    case .raiseInterfaces: raise(at: now)
    case .lowerInterfaces: lower(at: now)
    case .sendAdvertisement(let port, let priority): advertise(port, priority: priority)
    case .announce(let port): announce(port)
    case .sendHeartbeat:
      sendHeartbeat(at: now)
      if now >= nextBeat { sendBeat(at: now) }
    // The report that ends the wake-up tells it, after the role.
    case .takeTerm: break
    case .roleChanged(_, let cause, _):
      channel.log(
        .notice, "vrrp group=\(configuration.groupID) role=\(group.role) cause=\(cause)")
    case .roleKept(let gap):
      channel.log(.notice, "vrrp group=\(configuration.groupID) slept \(gap), role kept")
    case .alarmRaised(let alarm):
      tellEvent("ha.alarm", "alarm: \(group.text(of: alarm, at: now))")
    case .alarmCleared(let alarm): tellEvent("ha.alarm.cleared", "cleared: \(alarm)")
    case .requestBarrier:
      barrier &+= 1
      channel.send(.vrrp(.barrierWanted(request: barrier)))
    case .switchoverAnswered(let refusal): answer(refusal)
    case .drillStep(let step): tell(step)
    case .drillAnswered(let refusal): answerDrill(refusal)
    case .finished: finish(at: now)
    }
  }

  /// One command of the supervisor.
  func receive(_ command: VRRPCommand, at now: Instant) {
    switch command {
    case .switchover(let request): beginSwitchover(request, at: now)
    case .syncReadiness(let ready, _):
      handle(.synchronisationChanged(isReady: ready), at: now)
    case .policyApplied(let version, let hash):
      guard hash.count == 32 else { return channel.log(.error, "policy hash is not 32 octets") }
      handle(.policyChanged(version: version, hash: hash), at: now)
    case .health(let faults): handle(.faultsChanged(faults), at: now)
    case .barrierDone(let request, let applied, let reason):
      guard request == barrier else { return }
      handle(.barrierAnswered(failure: applied ? nil : reason), at: now)
    case .checks(let states):
      let checks = states.map { VRRP.CheckState(name: $0.name, isUp: $0.isUp, weight: $0.weight) }
      handle(.checksChanged(checks), at: now)
    case .drill(let request, let dryRun): beginDrill(request, dryRun: dryRun, at: now)
    }
  }

  // MARK: Switchover

  private func beginSwitchover(_ request: UInt32, at now: Instant) {
    if switchover != nil {
      let text = Self.text(.inProgress)
      return channel.send(.vrrp(.answer(request: request, done: false, text: text)))
    }
    switchover = request
    handle(.switchoverRequested, at: now)
  }

  private func answer(_ refusal: Refusal?) {
    guard let request = switchover else { return }
    switchover = nil
    let text = refusal.map(Self.text) ?? "the peer is active"
    channel.send(.vrrp(.answer(request: request, done: refusal == nil, text: text)))
  }

  // MARK: Drill

  private func beginDrill(_ request: UInt32, dryRun: Bool, at now: Instant) {
    if drill != nil {
      let text = Self.text(.inProgress)
      return channel.send(.vrrp(.answer(request: request, done: false, text: text)))
    }
    drill = (request, dryRun)
    handle(.drillRequested(dryRun: dryRun), at: now)
  }

  private func tell(_ step: VRRP.DrillStep) {
    guard let (request, _) = drill else { return }
    let outage: Interval? = if case .taken(let time) = step { time } else { nil }
    channel.send(
      .vrrp(
        .drillStep(request: request, text: step.description, outage: outage, probesLost: 0)))
  }

  private func answerDrill(_ refusal: Refusal?) {
    guard let (request, dryRun) = drill else { return }
    drill = nil
    let success = dryRun ? "a drill would be done" : "the role went to the peer and came back"
    let text = refusal.map { Self.text($0) } ?? success
    channel.send(.vrrp(.answer(request: request, done: refusal == nil, text: text)))
  }

  private static func text(_ refusal: Refusal) -> String {
    "\(refusal.reason); \(refusal.remedy)"
  }

  private func tellEvent(_ kind: String, _ text: String) {
    channel.send(.event(EventReport(kind: kind, text: text, cause: "")))
  }
}
