import Simulation
import Testing
import VRRP
import Wire

private func advert(
  _ priority: UInt8, from source: IPAddress, at time: Instant
) -> SyncGroup.Event {
  .advertisementReceived(
    port: 0,
    Advertisement(
      virtualRouter: 77, priority: priority, intervalCentiseconds: 2,
      addresses: [.v4(IPv4Address(10, 0, 0, 1))]), source: source, received: time)
}

@Suite("Robustness of the decision")
struct HARobustnessTests {
  @Test(
    "R03: a pause of 200 ms to 5 s: exactly one active within an interval after the resume",
    arguments: [200, 350, 800, 2_000, 5_000])
  func pause(milliseconds: Int) {
    for seed in UInt64(1)...8 {
      var simulation = pair(seed: seed)
      simulation.pause(0)
      simulation.run(for: .milliseconds(milliseconds))
      #expect(simulation.group(1).role == .active)
      simulation.resume(0)
      simulation.run(for: simulation.interval)
      expect(simulation, active: 1)
      simulation.run(for: .seconds(3))
      expect(simulation, active: 1)
    }
  }

  @Test("R04: the wall clock steps by an hour while packets wait with its times: nobody moves")
  func clockStep() {
    var simulation = pair()
    for step in 0..<400 {
      // Timers know no wall clock; the kernel's times of what waits in the sockets do.
      let node = step % 2
      simulation.pause(node)
      simulation.run(for: .milliseconds(6))
      simulation.stepClock(of: node, by: .seconds(step % 4 < 2 ? 3_600 : -3_600))
      simulation.resume(node)
      simulation.run(for: .milliseconds(7))
    }
    simulation.run(for: .seconds(2))
    expect(simulation, active: 0)
    #expect(simulation.activations == 1)
  }

  @Test("R05: a fifth of all adverts lost for a minute, heartbeat alive: nobody moves")
  func loss() {
    for seed in UInt64(1)...5 {
      var simulation = pair(seed: seed)
      simulation.setLoss(permille: 200, .lan)
      simulation.setLoss(permille: 200, .wan)
      simulation.run(for: .seconds(60))
      expect(simulation, active: 0)
      #expect(simulation.activations == 1)
    }
  }

  @Test("R05: three adverts lost in a row on every port, heartbeat alive: nobody moves")
  func burst() {
    var simulation = pair()
    for _ in 0..<20 {
      for isCut in [true, false] {
        simulation.setCut(isCut, .lan)
        simulation.setCut(isCut, .wan)
        simulation.run(for: .milliseconds(65))
      }
    }
    expect(simulation, active: 0)
    #expect(simulation.activations == 1)
  }

  @Test(
    "R06: multicast blocked one way or both, HA link alive: never two actives, an alarm",
    arguments: [[0], [1], [0, 1]])
  func multicastBlocked(senders: [Int]) {
    var simulation = pair()
    for sender in senders {
      simulation.setCut(true, .lan, from: sender)
      simulation.setCut(true, .wan, from: sender)
    }
    simulation.run(for: .seconds(10))
    expect(simulation, active: 0)
    #expect(simulation.activations == 1)
    let isDeaf = senders.contains(0)
    #expect(simulation.group(1).alarms.contains(.advertisementsLost(port: "lan")) == isDeaf)
    simulation.tell(0, .switchoverRequested)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 1)
  }

  @Test(
    "R07: the HA link dies: plain VRRP, no flap, a takeover by the timers of the RFC and patience")
  func linkDead() {
    for seed in UInt64(1)...10 {
      var simulation = pair(seed: seed)
      simulation.setCut(true, .ha)
      simulation.run(for: .seconds(20))
      expect(simulation, active: 0)
      #expect(simulation.activations == 1)
      let down =
        simulation.group(1).ports[0].router.activeDownInterval + Limits.unwitnessedPatience
      simulation.crash(0)
      let time = simulation.run(atMost: .seconds(1), until: isActive(1))
      #expect(
        time.map { $0 > down - simulation.interval && $0 < down + .milliseconds(3) } ?? false)
    }
  }

  @Test("R08: both paths dead: two actives; healed: one within an interval, and it announces again")
  func bothDead() {
    for seed in UInt64(1)...10 {
      var simulation = pair(seed: seed)
      for network in HANetwork.allCases { simulation.setCut(true, network) }
      simulation.run(for: .seconds(5))
      #expect(simulation.actives == [0, 1])
      let before = simulation.announcements
      for network in HANetwork.allCases { simulation.setCut(false, network) }
      simulation.run(for: simulation.interval + .milliseconds(3))
      #expect(simulation.actives.count == 1, "\(simulation.log)")
      simulation.run(for: .seconds(2))
      let survivor = simulation.actives.first ?? 0
      #expect(simulation.announcements[survivor] >= before[survivor] + 10)
      #expect(simulation.violation == nil && simulation.actives == [survivor])
    }
  }

  @Test(
    "R11: spoofed adverts of the peer's own address, priority 0, 255 and equal, change nothing",
    arguments: [UInt8(0), 255, 200, 100])
  func spoof(priority: UInt8) {
    var simulation = pair()
    for _ in 0..<200 {
      for node in 0..<2 {
        let known = IPAddress.v4(IPv4Address(10, 0, 0, UInt8(3 - node)))
        simulation.tell(node, advert(priority, from: known, at: simulation.now))
      }
      simulation.run(for: .milliseconds(9))
    }
    expect(simulation, active: 0)
    #expect(simulation.activations == 1)
  }

  @Test("R12: adverts recorded before a change of role and played after it do not turn it back")
  func replayedAdverts() {
    var simulation = pair()
    simulation.tell(0, .switchoverRequested)
    simulation.run(for: .seconds(1))
    expect(simulation, active: 1)
    for _ in 0..<300 {
      // What node 0 said while it was active.
      simulation.tell(1, advert(200, from: .v4(IPv4Address(10, 0, 0, 2)), at: simulation.now))
      simulation.run(for: .milliseconds(7))
    }
    expect(simulation, active: 1)
    #expect(simulation.activations == 2)
    #expect(simulation.group(1).counters.contradictedAdvertisements > 0)
  }

  @Test("R12: heartbeats recorded before a change of role are dropped, and the role stays")
  func replayedHeartbeats() {
    var simulation = pair()
    let header = HeartbeatHeader(
      node: NodeID(1), boot: simulation.group(0).configuration.boot, counter: 40)
    let recorded = simulation.group(0).ownHeartbeat
    #expect(recorded.role == .active)
    simulation.tell(0, .switchoverRequested)
    simulation.run(for: .seconds(1))
    // The network doubles a datagram now and then.
    let before = simulation.group(1).counters.heartbeatDrops["replayed", default: 0]
    for _ in 0..<100 {
      simulation.tell(1, .heartbeatReceived(header, recorded, received: simulation.now))
      simulation.run(for: .milliseconds(7))
    }
    expect(simulation, active: 1)
    #expect(simulation.group(1).counters.heartbeatDrops["replayed"] == before + 100)
  }
}
