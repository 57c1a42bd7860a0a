import Simulation
import Testing
import VRRP
import Wire

private func check(_ isUp: Bool, weight: UInt8 = 30, _ name: String = "uplink")
  -> SyncGroup.Event
{
  .checksChanged([CheckState(name: name, isUp: isUp, weight: weight)])
}

@Suite("Health, weights and who is preferred")
struct HAHealthTests {
  @Test("S11: a port that goes and comes back moves the role once")
  func linkDownAndUp() {
    var simulation = pair()
    simulation.setCarrier(false, port: 0, of: 0)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 1)
    #expect(simulation.group(0).alarms == [.linkDown(port: "lan")])
    simulation.setCarrier(true, port: 0, of: 0)
    simulation.run(for: .seconds(10))
    expect(simulation, active: 1)
    #expect(simulation.activations == 2 && simulation.group(0).alarms.isEmpty)
  }

  @Test("S11: a port's own address goes, and another one comes: the role stays where it is")
  func addressChange() {
    var simulation = pair()
    simulation.tell(0, .addressChanged(port: 0, nil))
    simulation.run(for: .seconds(2))
    expect(simulation, active: 0)
    #expect(simulation.group(1).alarms == [.advertisementsLost(port: "lan")])
    simulation.tell(0, .addressChanged(port: 0, .v4(IPv4Address(10, 0, 0, 22))))
    simulation.run(for: .seconds(2))
    expect(simulation, active: 0)
    #expect(simulation.activations == 1 && simulation.group(1).alarms.isEmpty)
  }

  @Test("A link lost while a planned move waits for its barrier: the move is answered, a stop ends")
  func linkLostInBarrier() {
    for isStop in [false, true] {
      var simulation = pair()
      simulation.tell(0, isStop ? .stopRequested : .switchoverRequested)
      simulation.setCarrier(false, port: 0, of: 0)
      simulation.run(for: .milliseconds(300))
      expect(simulation, active: 1)
      #expect(simulation.group(0).cause == .linkLost(port: "lan"), "\(simulation.log)")
      if isStop {
        #expect(simulation.log.contains { $0.hasSuffix("node 0 has left") }, "\(simulation.log)")
      } else {
        #expect(simulation.answer == .some(.notActive), "\(simulation.log)")
      }
    }
  }

  @Test("The role leaves for the check that failed last, and says which")
  func causeNamesCheck() {
    var simulation = pair()
    let uplink = CheckState(name: "uplink", isUp: false, weight: 10)
    for node in [1, 0] { simulation.tell(node, .checksChanged([uplink])) }
    simulation.run(for: .seconds(3))
    expect(simulation, active: 0)
    let application = CheckState(name: "application", isUp: false, weight: 10)
    simulation.tell(0, .checksChanged([uplink, application]))
    simulation.run(for: .seconds(5))
    expect(simulation, active: 1)
    #expect(simulation.group(0).cause == .checkFailed("application"), "\(simulation.log)")
  }

  @Test("A node that holds the role back keeps it from the preferred one; ten bad seconds end that")
  func holdAndOutlast() {
    var simulation = pair(preempts: true) { $0.preemptDelay = .milliseconds(500) }
    for _ in 0..<Limits.flapMoves {
      simulation.setCarrier(false, port: 0, of: 0)
      simulation.run(for: .seconds(1))
      expect(simulation, active: 1)
      simulation.setCarrier(true, port: 0, of: 0)
      simulation.run(for: .seconds(4))
    }
    expect(simulation, active: 1)
    #expect(simulation.group(1).limiter.isHolding && !simulation.group(0).limiter.isHolding)
    simulation.tell(1, .switchoverRequested)
    simulation.run(for: .seconds(1))
    expect(simulation, active: 0)
    simulation.setCarrier(false, port: 0, of: 0)
    simulation.run(for: Limits.flapOutlast - .seconds(1))
    expect(simulation, active: 0)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 1)
  }

  @Test("S12: weights lower the advertised priority at run time, down to 1, and give it back")
  func weights() {
    var simulation = pair { $0.linkWeights = ["wan": 120] }
    // Both lose the uplink, so nobody is better off and the role stays.
    for node in [1, 0] {
      simulation.setCarrier(false, port: 1, of: node)
      simulation.run(for: .milliseconds(50))
    }
    expect(simulation, active: 0)
    #expect(simulation.advertised[0] == 80)
    for node in [1, 0] {
      simulation.tell(node, check(false, weight: 255))
      simulation.run(for: .milliseconds(50))
    }
    #expect(simulation.advertised[0] == 1)
    #expect(simulation.group(0).ports[0].router.skewTime == .milliseconds(20) * 255 / 256)
    for node in [0, 1] {
      simulation.tell(node, check(true))
      simulation.setCarrier(true, port: 1, of: node)
    }
    simulation.run(for: .seconds(3))
    expect(simulation, active: 0)
    #expect(simulation.advertised[0] == 200 && simulation.activations == 1)
  }

  @Test("S13: one port lost moves every port; the less important link lost moves nothing")
  func syncGroup() {
    var simulation = pair { $0.linkWeights = ["lan": 60, "wan": 30] }
    simulation.setCarrier(false, port: 1, of: 1)
    simulation.run(for: .seconds(2))
    // The standby has lost its WAN (30). The active losing its LAN (60) is worse off.
    simulation.setCarrier(false, port: 0, of: 0)
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    #expect(time.map { $0 <= .milliseconds(3) } ?? false, "\(simulation.log)")
    #expect(simulation.group(0).ports.allSatisfy { $0.router.state == .backup })
    #expect(simulation.group(1).ports.allSatisfy { $0.router.state == .active })
    // Now the active is worse by its WAN only.
    simulation.setCarrier(true, port: 0, of: 0)
    simulation.run(for: .seconds(3))
    expect(simulation, active: 0)
    #expect(simulation.activations == 3)
    simulation.setCarrier(true, port: 1, of: 1)
    simulation.setCarrier(false, port: 1, of: 0)
    simulation.run(for: .seconds(3))
    expect(simulation, active: 1)
  }

  @Test("S14: without preemption a preferred node that restarts stays in standby, however often")
  func noPreemptionAcrossRestart() {
    var simulation = pair()
    simulation.crash(0)
    for _ in 0..<3 {
      simulation.run(for: .seconds(1))
      simulation.boot(0)
      simulation.run(for: .seconds(40))
      expect(simulation, active: 1)
      simulation.crash(0)
    }
    #expect(simulation.activations == 2)
  }

  @Test("Preemption waits for the sessions, then for its delay")
  func preemptionWaitsForSessions() {
    var simulation = pair(preempts: true) {
      $0.preemptDelay = .seconds(3)
      $0.synchronisation = .seconds(20)
    }
    simulation.crash(0)
    simulation.run(for: .seconds(30))
    simulation.boot(0)
    simulation.run(for: .seconds(22))
    expect(simulation, active: 1)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 0)
    #expect(simulation.group(1).cause == .preempted)
  }

  @Test("A failed check moves the role after two seconds, once, and names itself")
  func failedCheck() {
    var simulation = pair()
    for node in 0..<2 { simulation.tell(node, check(true)) }
    simulation.run(for: .seconds(2))
    simulation.tell(0, check(false))
    let time = simulation.run(atMost: .seconds(4), until: isActive(1))
    let latest = Limits.checkSettle + .milliseconds(30)
    #expect(
      time.map { $0 >= Limits.checkSettle && $0 <= latest } ?? false,
      "\(simulation.log)")
    #expect(simulation.group(0).cause == .checkFailed("uplink"))
    #expect(simulation.group(0).alarms == [.checkFailed("uplink")])
    simulation.tell(0, check(true))
    simulation.run(for: .seconds(10))
    expect(simulation, active: 1)
  }

  @Test("A target that both nodes lose one after the other moves nothing")
  func sharedTarget() {
    var simulation = pair()
    for node in 0..<2 { simulation.tell(node, check(true)) }
    for isUp in [false, true, false, true] {
      for node in 0..<2 {
        simulation.run(for: .milliseconds(900))
        simulation.tell(node, check(isUp))
      }
      simulation.run(for: .seconds(5))
      expect(simulation, active: 0)
    }
    #expect(simulation.activations == 1)
  }

  @Test("Equal priorities raise an alarm on both; the higher address goes first")
  func equalPriorities() {
    var simulation = HASimulation(seed: 3, interval: .milliseconds(20))
    simulation.run(for: .seconds(3))
    #expect(simulation.group(0).alarms.isEmpty)
    var settings = HASimulation.Settings()
    settings.priorities = [150, 150]
    simulation = HASimulation(seed: 3, settings: settings)
    simulation.run(for: .seconds(4))
    expect(simulation, active: 1)
    for node in 0..<2 {
      #expect(simulation.group(node).alarms == [.prioritiesEqual(NodeID(UInt8(2 - node)))])
    }
  }

  @Test("S02: the owner of an address is active at once, and again whenever it can be")
  func owner() {
    var settings = HASimulation.Settings()
    settings.priorities = [255, 100]
    settings.preemptDelay = .seconds(1)
    var simulation = HASimulation(seed: 2, settings: settings)
    let first = simulation.run(atMost: .seconds(1), until: isActive(0))
    #expect(first.map { $0 < .milliseconds(2) } ?? false)
    simulation.run(for: .seconds(3))
    #expect(simulation.advertised[0] == 255)
    simulation.crash(0)
    simulation.run(for: .seconds(1))
    expect(simulation, active: 1)
    simulation.boot(0)
    simulation.run(for: .milliseconds(100))
    expect(simulation, active: 0)
    simulation.setCarrier(false, port: 0, of: 0)
    simulation.run(for: .seconds(1))
    expect(simulation, active: 1)
    simulation.setCarrier(true, port: 0, of: 0)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 0)
  }

  /// Links that go and come so that each node is healthier in turn, every two seconds.
  private func flap(_ simulation: inout HASimulation, rounds: Int) {
    for _ in 0..<rounds {
      for node in 0..<2 {
        simulation.setCarrier(false, port: 1, of: node)
        simulation.run(for: .milliseconds(1_500))
        simulation.setCarrier(true, port: 1, of: node)
        simulation.run(for: .milliseconds(500))
      }
    }
  }

  @Test("Flapping links stop moving the role after six takings; five minutes later they may again")
  func flapLimiter() {
    var simulation = pair()
    flap(&simulation, rounds: 30)
    #expect(simulation.violation == nil)
    let moves = simulation.activations
    #expect(moves <= 14, "\(moves)")
    let holding = (0..<2).filter { simulation.group($0).limiter.isHolding }
    #expect(!holding.isEmpty)
    for node in holding {
      #expect(simulation.group(node).alarms.contains(.flapping))
      let text = simulation.group(node).text(of: .flapping, at: simulation.now)
      #expect(text.contains(" s); find the link"), "\(text)")
    }
    // A peer that is gone is replaced all the same.
    if let active = simulation.actives.first {
      simulation.crash(active)
      simulation.run(for: .milliseconds(100))
      expect(simulation, active: 1 - active)
      simulation.boot(active)
    }
    simulation.run(for: Limits.flapHold + .seconds(1))
    #expect((0..<2).allSatisfy { !simulation.group($0).limiter.isHolding })
    #expect((0..<2).allSatisfy { simulation.group($0).alarms.isEmpty })
    let active = simulation.actives.first ?? 0
    simulation.setCarrier(false, port: 1, of: active)
    simulation.run(for: .seconds(1))
    expect(simulation, active: 1 - active)
  }
}
