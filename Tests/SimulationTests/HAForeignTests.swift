import Simulation
import Testing
import VRRP
import Wire

/// A settled pair with a third router on the LAN.
private func trio(
  _ priority: UInt8, isTrusted: Bool = true, preempts: Bool = false
) -> HASimulation {
  var settings = HASimulation.Settings()
  settings.foreignPriorities = [priority]
  settings.trustsForeign = isTrusted
  settings.preempts = preempts
  settings.preemptDelay = .milliseconds(500)
  var simulation = HASimulation(seed: 5, settings: settings)
  simulation.run(for: .seconds(3))
  return simulation
}

@Suite("S18: a third router on the LAN")
struct HAForeignTests {
  @Test("S18: a lower one stays Backup, takes over when the pair is dead, and is not displaced")
  func lower() {
    var simulation = trio(50)
    expect(simulation, active: 0)
    #expect(simulation.foreignActives.isEmpty)
    simulation.tell(0, .switchoverRequested)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 1)
    #expect(simulation.foreignActives.isEmpty)
    simulation.crash(0)
    simulation.crash(1)
    simulation.run(for: .seconds(1))
    #expect(simulation.foreignActives == [0] && simulation.actives.isEmpty)
    for node in 0..<2 { simulation.boot(node) }
    simulation.run(for: .seconds(10))
    #expect(simulation.foreignActives == [0] && simulation.actives.isEmpty)
    simulation.crashForeign(0)
    let time = simulation.run(atMost: .seconds(1), until: isActive(0))
    #expect(time.map { $0 < .milliseconds(150) } ?? false, "\(simulation.log)")
  }

  @Test("S18: with preemption the pair takes the role back from a lower one")
  func lowerPreempted() {
    var simulation = trio(50, preempts: true)
    simulation.crash(0)
    simulation.crash(1)
    simulation.run(for: .seconds(1))
    #expect(simulation.foreignActives == [0])
    for node in 0..<2 { simulation.boot(node) }
    simulation.run(for: .seconds(10))
    #expect(simulation.foreignActives.isEmpty)
    expect(simulation, active: 0)
  }

  @Test("S18: a higher one that is listed has the role while it lives, then the preferred node")
  func higher() {
    var simulation = trio(250)
    #expect(simulation.foreignActives == [0] && simulation.actives.isEmpty)
    simulation.crashForeign(0)
    simulation.run(for: .seconds(1))
    expect(simulation, active: 0)
    simulation.bootForeign(0)
    let time = simulation.run(atMost: .seconds(1)) { $0.foreignActives == [0] }
    #expect(time != nil)
    simulation.run(for: .milliseconds(2))
    #expect(simulation.actives.isEmpty, "\(simulation.log)")
    simulation.run(for: .seconds(20))
    #expect(simulation.actives.isEmpty && simulation.foreignActives == [0])
    #expect(simulation.group(0).alarms.isEmpty)
  }

  @Test("S18: between the nodes it takes the role from the lower one only")
  func between() {
    var simulation = trio(150)
    expect(simulation, active: 0)
    simulation.crash(0)
    simulation.run(for: .seconds(1))
    #expect(simulation.foreignActives == [0] && simulation.actives.isEmpty)
    simulation.crashForeign(0)
    simulation.run(for: .seconds(1))
    expect(simulation, active: 1)
  }

  @Test("S18: one that is not listed demotes nobody while the heartbeat lives, and is an alarm")
  func stranger() {
    var simulation = trio(250, isTrusted: false)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 0)
    for node in 0..<2 {
      #expect(
        simulation.group(node).alarms == [.foreignRouter(.v4(IPv4Address(10, 0, 0, 20)))])
    }
    simulation.crashForeign(0)
    simulation.run(for: Limits.strangerForgotten + .seconds(1))
    expect(simulation, active: 0)
    #expect((0..<2).allSatisfy { simulation.group($0).alarms.isEmpty })
  }

  @Test("S18: without a heartbeat the RFC alone decides between three")
  func dark() {
    var simulation = trio(250)
    simulation.setCut(true, .ha)
    simulation.crashForeign(0)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 0)
    simulation.bootForeign(0)
    simulation.run(for: .seconds(2))
    #expect(simulation.foreignActives == [0] && simulation.actives.isEmpty)
  }

  @Test(
    "S11: a node alone that lost a link takes the role back from a lower router with the link",
    arguments: [true, false])
  func linkBack(hadPeer: Bool) {
    var simulation = trio(50, preempts: true)
    simulation.crash(1)
    if !hadPeer {
      simulation.crash(0)
      simulation.run(for: .seconds(1))
      simulation.boot(0)
    }
    simulation.run(for: .seconds(10))
    expect(simulation, active: 0)
    simulation.setCarrier(false, port: 0, of: 0)
    // It waits whether anybody else advertises, and the other does.
    simulation.run(for: .milliseconds(500))
    #expect(simulation.foreignActives == [0] && simulation.actives.isEmpty)
    simulation.setCarrier(true, port: 0, of: 0)
    simulation.run(for: .seconds(5))
    #expect(simulation.foreignActives.isEmpty, "\(simulation.log)")
    expect(simulation, active: 0)
  }
}
