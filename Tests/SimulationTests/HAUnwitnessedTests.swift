import Simulation
import Testing
import VRRP
import Wire

/// The HA link is gone: adverts alone say who is there.
@Suite struct HAUnwitnessedTests {
  /// A settled pair whose heartbeat is forgotten.
  private static func pair(seed: UInt64 = 1, milliseconds: Int = 20) -> HASimulation {
    var simulation = SimulationTests.pair(seed: seed, milliseconds: milliseconds)
    simulation.setCut(true, .ha)
    simulation.run(for: .seconds(5))
    return simulation
  }

  @Test(
    "Adverts present: both stay and raise an alarm; a death is seen after the timers and patience")
  func death() {
    var simulation = Self.pair()
    expect(simulation, active: 0)
    #expect(simulation.group(0).alarms == [.heartbeatLost(NodeID(2))])
    #expect(simulation.group(1).alarms == [.heartbeatLost(NodeID(1))])
    let wait =
      simulation.group(1).ports[0].router.activeDownInterval + Limits.unwitnessedPatience
    simulation.crash(0)
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    // An interval may have passed since the last advert.
    #expect(
      time.map { $0 > wait - simulation.interval && $0 < wait + .milliseconds(3) } ?? false)
  }

  @Test(
    "A stall that machines have moves no role", arguments: [10, 20, 30, 50], [0.1, 0.4, 0.7, 0.95])
  func stall(milliseconds: Int, share: Double) {
    // As long as the fence lets the active have it.
    let longest = Double(3 * milliseconds + min(100, 2 * max(3 * milliseconds, 40) - 20))
    for seed in UInt64(1)...5 {
      var simulation = Self.pair(seed: seed, milliseconds: milliseconds)
      simulation.pause(0)
      simulation.run(for: .milliseconds(max(1, Int(longest * share) - milliseconds)))
      simulation.resume(0)
      simulation.run(for: .seconds(3))
      expect(simulation, active: 0)
      #expect(simulation.activations == 1, "\(simulation.log)")
    }
  }

  @Test(
    "Who slept for longer has lost the role and knows it at once", arguments: [165, 200, 260, 400])
  func sleep(milliseconds: Int) {
    var simulation = Self.pair(seed: UInt64(milliseconds))
    simulation.pause(0)
    simulation.run(for: .milliseconds(milliseconds))
    simulation.resume(0)
    let time = simulation.run(atMost: .milliseconds(2)) { $0.group(0).role == .standby }
    #expect(time != nil, "\(simulation.log)")
    simulation.run(for: .seconds(3))
    expect(simulation, active: 1)
    #expect(simulation.activations == 2, "\(simulation.log)")
  }

  @Test("The role that its owner gives up is taken at once")
  func resignation() {
    var simulation = Self.pair()
    simulation.tell(0, .stopRequested)
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    #expect(time.map { $0 <= .milliseconds(40) } ?? false, "\(time as Any) \(simulation.log)")
  }

  @Test("It is taken by the timers alone where the word of it is lost on a port")
  func resignationLost() {
    var simulation = Self.pair()
    let down = simulation.group(1).ports[0].router.activeDownInterval
    simulation.setCut(true, .lan, from: 0)
    simulation.tell(0, .stopRequested)
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    #expect(
      time.map { $0 > .milliseconds(40) && $0 <= down + .milliseconds(3) } ?? false,
      "\(time as Any) \(simulation.log)")
  }
}
