import Simulation
import Testing
import VRRP
import Wire

/// The lines of a drill in the log, without times.
private func story(_ simulation: HASimulation) -> [String] {
  simulation.log.compactMap { line in
    let words = line.split(separator: " ")
    guard let start = words.firstIndex(where: { $0.hasPrefix("drill") }) else { return nil }
    return String(words[start...].joined(separator: " ").prefix { !$0.isNumber })
  }
}

@Suite("Drill")
struct HADrillTests {
  @Test("A drill goes to the peer, waits for the sessions, and ends where it began")
  func there() {
    var simulation = pair { $0.synchronisation = .milliseconds(700) }
    simulation.run(for: .seconds(1))
    simulation.tell(0, .drillRequested(dryRun: false))
    let gone = simulation.run(atMost: .seconds(1), until: isActive(1))
    #expect(gone.map { $0 <= .milliseconds(5) } ?? false, "\(simulation.log)")
    let back = simulation.run(atMost: .seconds(10)) { $0.drillAnswer != nil }
    #expect(back.map { $0 >= .milliseconds(2_690) && $0 < .milliseconds(2_800) } ?? false)
    expect(simulation, active: 0)
    #expect(simulation.drillAnswer == .some(nil) && simulation.activations == 3)
    #expect(
      story(simulation) == [
        "drillRequested(dryRun: false)", "drill",
        "drill: the role was given to the peer",
        "drill: the peer is active after ",
        "drill: the peer has every session; asking for the role",
        "drill: the role returns",
        "drill: the role is back, ",
        "drill ends: the role is where it was",
      ])
    simulation.run(for: .seconds(60))
    expect(simulation, active: 0)
  }

  @Test("A dry run says why it would be refused, and moves nothing")
  func dryRun() {
    var simulation = pair()
    simulation.tell(0, .drillRequested(dryRun: true))
    #expect(simulation.drillAnswer == .some(nil))
    simulation.tell(1, .drillRequested(dryRun: true))
    #expect(simulation.drillAnswer == .notActive)
    simulation.tell(1, .synchronisationChanged(isReady: false))
    simulation.run(for: .milliseconds(50))
    simulation.tell(0, .drillRequested(dryRun: true))
    #expect(simulation.drillAnswer == .notSynchronised)
    simulation.tell(1, .synchronisationChanged(isReady: true))
    simulation.tell(0, .checksChanged([CheckState(name: "a", isUp: false, weight: 1)]))
    simulation.run(for: .milliseconds(50))
    simulation.tell(0, .drillRequested(dryRun: true))
    #expect(simulation.drillAnswer == .wouldNotReturn)
    simulation.setCut(true, .ha)
    simulation.run(for: .milliseconds(200))
    simulation.tell(0, .drillRequested(dryRun: false))
    #expect(simulation.drillAnswer == .noPeer)
    #expect(simulation.activations == 1)
  }

  /// A drill in its second half, with the role at the peer.
  private func away() -> HASimulation {
    var simulation = pair { $0.synchronisation = .milliseconds(500) }
    simulation.run(for: .seconds(1))
    simulation.tell(0, .drillRequested(dryRun: false))
    simulation.run(for: .milliseconds(100))
    expect(simulation, active: 1)
    return simulation
  }

  @Test("Heartbeat lost while the role is away: the drill ends and the role stays, for good")
  func heartbeatLost() {
    var simulation = away()
    simulation.setCut(true, .ha)
    simulation.run(for: .milliseconds(200))
    #expect(simulation.drillAnswer == .heartbeatLost)
    simulation.setCut(false, .ha)
    simulation.run(for: .seconds(20))
    expect(simulation, active: 1)
    #expect(simulation.activations == 2)
  }

  @Test("Sessions never in step: the drill ends after its time, the role stays")
  func neverInStep() {
    var simulation = away()
    simulation.run(for: .milliseconds(1_000))
    simulation.tell(1, .synchronisationChanged(isReady: false))
    simulation.run(for: Limits.drillWait)
    #expect(simulation.drillAnswer == .stillNotSynchronised)
    simulation.tell(1, .synchronisationChanged(isReady: true))
    simulation.run(for: .seconds(20))
    expect(simulation, active: 1)
  }

  @Test("Sessions lost while the role is asked for: the drill ends, the role stays")
  func stepLost() {
    var simulation = away()
    simulation.run(for: .milliseconds(2_200))
    // The peer does not hear the request, so the drill is found asking.
    simulation.setCut(true, .ha, from: 0)
    simulation.run(for: .milliseconds(400))
    simulation.tell(0, .synchronisationChanged(isReady: false))
    simulation.run(for: .milliseconds(100))
    #expect(simulation.drillAnswer == .synchronisationLost, "\(simulation.log)")
    #expect(simulation.violation == nil && simulation.actives == [1])
  }

  @Test("The peer dies while the role is away: the node takes over at once and the drill ends")
  func peerDies() {
    var simulation = away()
    simulation.run(for: .milliseconds(600))
    simulation.crash(1)
    let time = simulation.run(atMost: .seconds(1), until: isActive(0))
    #expect(time.map { $0 <= simulation.detection } ?? false)
    let answer = simulation.drillAnswer.flatMap { $0 }
    #expect(answer != nil, "\(simulation.log)")
  }

  @Test("The peer does not take the role: the node goes on, and says so")
  func notTaken() {
    var simulation = pair()
    simulation.tell(0, .drillRequested(dryRun: false))
    simulation.pause(1)
    let time = simulation.run(atMost: .seconds(1)) { $0.drillAnswer != nil }
    #expect(time != nil)
    simulation.resume(1)
    simulation.run(for: .seconds(3))
    #expect(simulation.violation == nil && simulation.actives.count == 1)
  }

  @Test("A drill with preemption on returns by the drill, not before it")
  func withPreemption() {
    var simulation = pair(preempts: true) { $0.preemptDelay = .milliseconds(100) }
    simulation.tell(0, .drillRequested(dryRun: false))
    simulation.run(for: .seconds(4))
    #expect(simulation.drillAnswer == .some(nil))
    expect(simulation, active: 0)
  }
}
