import Configuration
import Linux
import Messages
import Wire

/// `ztb ha drill`: a real failover, announced, measured, and undone.
extension Supervisor {
  /// User number of the probe.
  private static let probeUser: UInt32 = 7_114

  /// Begins a drill, or says why not.
  func startDrill(_ request: ControlRequest, for client: ControlClient) {
    let isDry = request.dryRun ?? false
    if let reason = reasonNotToDrill(isDry) { return refuse(client, "ha drill: \(reason)") }
    let number = takeRequestNumber()
    drill = DrillRun(
      client, isDry: isDry, request: number,
      deadline: MonotonicClock.now() + SupervisorLimits.drillPatience)
    if !isDry { note("ha.drill", "drill asked for", "ztb ha drill") }
    send(.vrrp(.drill(request: number, dryRun: true)), to: .vrrp)
  }

  private func reasonNotToDrill(_ isDry: Bool) -> String? {
    if !plan.isPair { return "the gateway is not one of a pair" }
    if processes[.vrrp] == nil { return "vrrp does not run; see ztb status" }
    if drill != nil { return "a drill is under way already; wait for its end" }
    if !waiting.isEmpty { return "a switchover is under way; wait for its end" }
    if change != nil && !isDry {
      return "a change of configuration is not confirmed yet; confirm or roll it back first"
    }
    return nil
  }

  /// `vrrp` has answered under a drill's number; false: it is somebody else's.
  func drillAnswered(_ request: UInt32, done: Bool, _ text: String) -> Bool {
    guard var run = drill, run.request == request else { return false }
    switch run.phase {
    case .asking:
      run.report.verdict = done ? "would hand over: \(text)" : "would refuse: \(text)"
      drill = run
      if done && !run.isDry { prepareProbe() } else { finishDrill(done: done, run.report.verdict) }
    case .moving where done && run.isAway:
      let until = MonotonicClock.now() + SupervisorLimits.arrivalPatience
      drill?.phase = .returned(text, until: until)
    case .moving: finishDrill(done: done, text)
    case .preparing, .returned: break
    }
    return true
  }

  /// Without a probe the drill goes on: `vrrp` measures its own gap.
  private func prepareProbe() {
    drill?.phase = .preparing(until: MonotonicClock.now() + SupervisorLimits.probePatience)
    guard plan.probe != nil else { return moveRole() }
    var recipe = role(.probe, user: Supervisor.probeUser)
    recipe.process.program = SupervisedPrograms.ha
    recipe.process.arguments[0] = "ztbd-ha"
    recipe.process.capabilities = [.netRaw]
    household?.set(.probe, recipe)
  }

  /// Tells the probe what to ask for.
  func configureProbe() {
    guard drill != nil, let configuration = plan.probe else { return }
    household?.send(.configure(.probe(configuration)), to: .probe)
  }

  /// The probe asks; now the role can move.
  func probeReady() {
    guard case .preparing = drill?.phase else { return }
    moveRole()
  }

  private func moveRole() {
    let number = takeRequestNumber()
    drill?.phase = .moving
    drill?.request = number
    send(.vrrp(.drill(request: number, dryRun: false)), to: .vrrp)
  }

  /// `vrrp` tells of a step.
  func drillStep(_ request: UInt32, _ text: String, outage: Interval?, lost: UInt32) {
    guard drill?.request == request else { return }
    let step = DrillStep(
      text: text, by: "vrrp", outageMs: outage?.milliseconds,
      probesLost: outage == nil ? nil : Int(lost))
    noteStep(step)
  }

  /// The probe has seen the address move.
  func probeReported(_ report: ProbeReport) {
    guard drill != nil, let probe = plan.probe else { return }
    let way = report.isArrival ? "came back" : "went to the other node"
    noteStep(
      DrillStep(
        text: "\(probe.virtualAddress) on \(probe.port) \(way)", by: "probe",
        outageMs: report.outage.milliseconds, probesLost: Int(report.lost)))
    drill?.isAway = !report.isArrival
    guard report.isArrival, case .returned(let text, _) = drill?.phase else { return }
    finishDrill(done: true, text)
  }

  private func noteStep(_ step: DrillStep) {
    drill?.report.steps.append(step)
    note("ha.drill", step.text, step.figures)
  }

  private func finishDrill(done: Bool, _ text: String) {
    guard let run = drill else { return }
    drill = nil
    household?.set(.probe, nil)
    if !run.isDry { note("ha.drill", done ? "drill done" : "drill failed", text) }
    var result = ControlAnswer(done: done, done ? text : "ha drill: \(text)")
    result.drill = run.report
    answer(run.client, result)
  }

  /// What a drill waits for will not come any more.
  func failDrill(_ reason: String) { finishDrill(done: false, reason) }

  /// Goes on without the probe, or gives a drill up that takes too long.
  func expireDrill(at now: Instant) {
    guard let run = drill, run.due <= now else { return }
    switch run.phase {
    case .preparing: moveRole()
    case .returned(let text, _): finishDrill(done: true, text)
    case .asking, .moving:
      failDrill(
        "not over in \(SupervisorLimits.drillPatience); the role stays where it is, see "
          + "ztb ha status")
    }
  }
}
