import Activation
import Testing

@Suite("Life cycle of a gateway")
struct LifeCycleTests {
  /// A gateway in a state, all times small numbers.
  private func gateway(_ state: GatewayState, last: GatewayState? = nil) -> LifeCycle {
    LifeCycle(state: state, since: 100, cause: "test", last: last, heardAt: 100)
  }

  private func report(
    _ state: GatewayState, inStep: Bool = true, _ reason: String = ""
  ) -> LifeCycle.Event {
    .reported(.init(state: state, sessionsInStep: inStep, reason: reason))
  }

  private func steps(_ transitions: [LifeCycle.Transition]) -> [GatewayState] {
    transitions.map(\.to)
  }

  private let running: [GatewayState] = [.standalone, .active, .standby, .fault, .suspended]

  @Test("Disconnected -code accepted-> Initializing -configuration verified-> Post-update")
  func activation() {
    var life = LifeCycle(at: 10)
    #expect(life.state == .disconnected)
    let accepted = life.handle(.codeAccepted, at: 20)
    #expect(accepted.first?.from == .disconnected && accepted.first?.time == 20)
    #expect(accepted.first?.cause == "activation code accepted")
    #expect(steps(accepted) == [.initializing])
    #expect(steps(life.handle(report(.standalone), at: 25)).isEmpty, "not before it is verified")
    #expect(steps(life.handle(.configurationVerified, at: 30)) == [.postUpdate])
    #expect(life.since == 30)
  }

  @Test("Initializing -error-> Disconnected(reason), and a later try goes through Initializing")
  func refused() {
    var life = gateway(.initializing)
    let step = life.handle(.configurationFailed(reason: "lan[0].address: bad"), at: 120)
    #expect(steps(step) == [.disconnected])
    #expect(life.cause == "configuration refused: lan[0].address: bad")
    #expect(steps(life.handle(.configurationVerified, at: 130)) == [.initializing, .postUpdate])
  }

  @Test("after a refusal or the 10 minutes only a verified configuration leads back")
  func staysRefused() {
    var refused = gateway(.initializing)
    _ = refused.handle(.configurationFailed(reason: "bad"), at: 120)
    var overdue = gateway(.initializing)
    _ = overdue.handle(.contacted, at: 699)
    _ = overdue.handle(.timePassed, at: 700)
    for var life in [refused, overdue] {
      let cause = life.cause
      #expect(life.handle(.contacted, at: 710).isEmpty)
      for state in GatewayState.allCases {
        #expect(life.handle(report(state), at: 711).isEmpty, "\(state)")
      }
      #expect(life.handle(.configurationFailed(reason: "again"), at: 712).isEmpty)
      #expect(life.handle(.timePassed, at: 2_000).isEmpty)
      #expect(life.state == .disconnected && life.cause == cause && life.hasFailed)
      let stored = LifeCycle(
        state: life.state, since: life.since, cause: life.cause, last: life.last,
        heardAt: life.heardAt, hasFailed: life.hasFailed)
      #expect(stored == life)
      let next = life.handle(.configurationVerified, at: 2_001)
      #expect(steps(next) == [.initializing, .postUpdate])
      #expect(!life.hasFailed)
      #expect(steps(life.handle(report(.standalone), at: 2_002)) == [.standalone])
    }
  }

  @Test("a new code begins a refused activation anew, and silence later is silence only")
  func refusedThenCode() {
    var life = gateway(.initializing)
    _ = life.handle(.configurationFailed(reason: "bad"), at: 120)
    #expect(steps(life.handle(.codeAccepted, at: 130)) == [.initializing])
    #expect(steps(life.handle(.timePassed, at: 220)) == [.disconnected])
    #expect(!life.hasFailed)
    #expect(steps(life.handle(.contacted, at: 230)) == [.initializing])
  }

  @Test("Initializing -10 min-> Disconnected(reason), although the gateway is heard of")
  func overdue() {
    var life = gateway(.initializing)
    #expect(steps(life.handle(.contacted, at: 699)).isEmpty)
    #expect(life.deadline == 700)
    #expect(life.handle(.timePassed, at: 699).isEmpty)
    #expect(steps(life.handle(.timePassed, at: 700)) == [.disconnected])
    #expect(life.cause == "not ready within 10 minutes")
  }

  @Test(
    "Post-update -ready-> Standalone | Active | Standby",
    arguments: [GatewayState.standalone, .active, .standby])
  func ready(state: GatewayState) {
    var life = gateway(.postUpdate)
    #expect(steps(life.handle(report(.initializing), at: 105)).isEmpty)
    #expect(steps(life.handle(report(state), at: 110)) == [state])
  }

  @Test("Post-update becomes Standby only when the sessions are in step")
  func inStep() {
    var life = gateway(.postUpdate)
    #expect(steps(life.handle(report(.standby, inStep: false), at: 110)).isEmpty)
    #expect(life.state == .postUpdate)
    #expect(life.cause == "waiting for the sessions of the active node")
    #expect(steps(life.handle(report(.standby), at: 120)) == [.standby])
  }

  @Test("Post-update -apply failed, rolled back-> Fault; a running gateway stays what it is")
  func applyFailed() {
    var life = gateway(.postUpdate)
    #expect(steps(life.handle(.configurationFailed(reason: "no ge9"), at: 110)) == [.fault])
    #expect(life.cause == "configuration failed, rolled back: no ge9")
    var other = gateway(.active)
    #expect(other.handle(.configurationFailed(reason: "no ge9"), at: 110).isEmpty)
    #expect(other.handle(.configurationVerified, at: 111).isEmpty)
    #expect(other.state == .active)
  }

  @Test("Active <-failover, switchover-> Standby, with the gateway's own reason")
  func failover() {
    var life = gateway(.active)
    #expect(steps(life.handle(report(.standby), at: 110)) == [.standby])
    let back = life.handle(report(.active, "peer dead: 3 adverts missed"), at: 120)
    #expect(steps(back) == [.active])
    #expect(back.first?.cause == "peer dead: 3 adverts missed")
    #expect(life.handle(report(.active), at: 130).isEmpty, "no change, no event")
  }

  @Test("any -reboot, update-> Restarting -> Post-update", arguments: GatewayState.allCases)
  func restarting(state: GatewayState) {
    var life = gateway(state)
    let told = life.handle(.restarting(cause: "update"), at: 110)
    if state == .disconnected || state == .restarting {
      #expect(told.isEmpty)
    } else {
      #expect(steps(told) == [.restarting])
      #expect(steps(life.handle(report(.restarting), at: 111)).isEmpty)
      #expect(steps(life.handle(report(.initializing), at: 112)) == [.postUpdate])
      #expect(steps(life.handle(report(.standalone), at: 113)) == [.standalone])
    }
  }

  @Test("a restart that nobody announced passes through Restarting and Post-update too")
  func unannounced() {
    for state in running {
      var life = gateway(state)
      #expect(steps(life.handle(report(.initializing), at: 110)) == [.restarting])
      #expect(steps(life.handle(report(.standby), at: 120)) == [.postUpdate, .standby])
    }
  }

  @Test("any -health lost-> Fault -stable-> Standby | Standalone")
  func fault() {
    for state in running where state != .fault {
      var life = gateway(state)
      #expect(steps(life.handle(report(.fault, "ge2 has no carrier"), at: 110)) == [.fault])
      #expect(life.cause == "ge2 has no carrier")
      #expect(steps(life.handle(report(.standby), at: 120)) == [.standby])
      #expect(life.cause == "stable again")
    }
    var alone = gateway(.fault)
    #expect(steps(alone.handle(report(.standalone), at: 120)) == [.standalone])
    var quick = gateway(.fault)
    #expect(steps(quick.handle(report(.active), at: 120)) == [.standby, .active])
  }

  @Test("any -suspend-> Suspended -resume-> Standby")
  func suspended() {
    var life = gateway(.active)
    #expect(steps(life.handle(report(.suspended), at: 110)) == [.suspended])
    #expect(steps(life.handle(report(.standby), at: 120)) == [.standby])
    #expect(life.cause == "resumed")
    var quick = gateway(.suspended)
    #expect(steps(quick.handle(report(.active), at: 120)) == [.standby, .active])
  }

  @Test(
    "any -90 s silence-> Disconnected (last: X) -contact-> the reported state",
    arguments: [GatewayState.standalone, .active, .standby, .fault, .suspended, .restarting])
  func silence(state: GatewayState) {
    var life = gateway(state)
    #expect(life.deadline == 190)
    #expect(life.handle(.timePassed, at: 189).isEmpty)
    #expect(steps(life.handle(.timePassed, at: 190)) == [.disconnected])
    #expect(life.last == state)
    #expect(life.cause == "silent for 90 seconds (last: \(state.rawValue))")
    #expect(life.deadline == nil)
    #expect(life.handle(.contacted, at: 200).isEmpty, "what it is now, its report tells")
    #expect(steps(life.handle(report(.active), at: 201)) == [.active])
    #expect(life.last == nil)
  }

  @Test("each contact puts the silence off")
  func contact() {
    var life = gateway(.active)
    #expect(life.handle(.contacted, at: 180).isEmpty)
    #expect(life.deadline == 270)
  }

  @Test("silence in the middle of an activation: contact goes on where it was")
  func interrupted() {
    for state in [GatewayState.initializing, .postUpdate] {
      var life = gateway(state)
      #expect(steps(life.handle(.timePassed, at: 190)) == [.disconnected])
      #expect(steps(life.handle(.contacted, at: 200)) == [state])
    }
    var life = gateway(.disconnected, last: .initializing)
    #expect(steps(life.handle(.configurationVerified, at: 200)) == [.initializing, .postUpdate])
  }

  @Test("any -reset, replaced-> Disconnected (new code), and its reports count no more")
  func reset() {
    for state in GatewayState.allCases {
      var life = gateway(state)
      #expect(
        steps(life.handle(.reset(cause: "factory reset; new code"), at: 110)) == [.disconnected])
      #expect(life.handle(report(.active), at: 120).isEmpty)
      #expect(life.handle(report(.initializing), at: 121).isEmpty)
      #expect(life.state == .disconnected)
    }
  }

  @Test("Initializing precedes Post-update whatever happens, and Standby is never out of step")
  func order() {
    var generator = SplitMix(state: 20_261)
    for _ in 0..<2_000 {
      var life = LifeCycle(at: 0)
      var seen: [GatewayState] = []
      var now: Int64 = 0
      for _ in 0..<40 {
        now += Int64.random(in: 0...120, using: &generator)
        let before = life.state
        let event = anyEvent(&generator)
        for step in life.handle(event, at: now) {
          if step.to == .postUpdate && !seen.contains(.initializing) {
            Issue.record("Post-update without Initializing after \(event)")
          }
          if before == .postUpdate && step.to == .standby, case .reported(let report) = event {
            #expect(report.sessionsInStep)
          }
          seen.append(step.to)
        }
      }
    }
  }

  private func anyEvent(_ generator: inout SplitMix) -> LifeCycle.Event {
    let state = GatewayState.allCases.randomElement(using: &generator) ?? .fault
    let events: [LifeCycle.Event] = [
      .codeAccepted, .configurationVerified, .configurationFailed(reason: "x"), .contacted,
      report(state, inStep: Bool.random(using: &generator)), report(state),
      .restarting(cause: "x"), .reset(cause: "x"), .timePassed,
    ]
    return events.randomElement(using: &generator) ?? .timePassed
  }
}

/// Random numbers that come again (Steele, Lea, Flood 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
