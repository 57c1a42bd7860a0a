import Simulation
import Testing
import VRRP
import Wire

@Suite struct HATests {
  @Test("Cold boot of both: one active within 100 ms, the higher priority")
  func coldBoot() {
    var simulation = HASimulation(seed: 4, interval: .milliseconds(20))
    let time = simulation.run(atMost: .seconds(3)) { !$0.actives.isEmpty }
    #expect(time.map { $0 < .milliseconds(100) } ?? false)
    simulation.run(for: .seconds(3))
    expect(simulation, active: 0)
    #expect(simulation.activations == 1)
  }

  @Test("A node alone takes over after the start-up hold of two seconds")
  func alone() {
    var simulation = HASimulation(seed: 4, interval: .milliseconds(20))
    simulation.crash(0)
    let time = simulation.run(atMost: .seconds(3), until: isActive(1))
    #expect(time.map { $0 >= .milliseconds(1990) && $0 < .milliseconds(2030) } ?? false)
  }

  @Test(
    "Power loss: the standby takes over when 2 intervals and 40 ms are silent", arguments: 1...20)
  func powerLoss(seed: UInt64) {
    var simulation = pair(seed: seed)
    simulation.run(for: .microseconds(Int(seed) * 1_700))
    simulation.crash(0)
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    #expect(time.map { $0 <= .milliseconds(43) } ?? false, "\(simulation.log)")
  }

  @Test("Cable pulled from the active: the peer is active within 3 ms", arguments: [0, 1])
  func cable(port: Int) {
    var simulation = pair()
    simulation.setCarrier(false, port: port, of: 0)
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    #expect(time.map { $0 <= .milliseconds(3) } ?? false, "\(simulation.log)")
    simulation.setCarrier(true, port: port, of: 0)
    simulation.run(for: .seconds(5))
    expect(simulation, active: 1)
  }

  @Test("Switchover: barrier, then the peer is active within 3 ms, and back")
  func switchover() {
    var simulation = pair()
    for node in [1, 0, 1] {
      simulation.tell(1 - node, .switchoverRequested)
      let gap = simulation.run(atMost: .seconds(1)) { $0.actives.isEmpty }
      #expect(gap != nil)
      let time = simulation.run(atMost: .seconds(1), until: isActive(node))
      #expect(time.map { $0 <= .milliseconds(3) } ?? false, "\(simulation.log)")
      simulation.run(for: .seconds(2))
      expect(simulation, active: node)
      #expect(simulation.answer == .some(nil))
    }
  }

  @Test("Switchover is refused with a reason while the peer's sessions are not complete")
  func refusal() {
    var simulation = pair()
    simulation.tell(1, .switchoverRequested)
    #expect(simulation.answer == .notActive)
    simulation.tell(1, .synchronisationChanged(isReady: false))
    simulation.run(for: .milliseconds(50))
    simulation.tell(0, .switchoverRequested)
    #expect(simulation.answer == .notSynchronised)
    simulation.setCut(true, .ha)
    simulation.run(for: .milliseconds(100))
    simulation.tell(0, .switchoverRequested)
    #expect(simulation.answer == .noPeer)
    expect(simulation, active: 0)
  }

  @Test("Stop of the active hands over like a switchover")
  func stop() {
    var simulation = pair()
    simulation.tell(0, .stopRequested)
    _ = simulation.run(atMost: .seconds(1)) { $0.actives.isEmpty }
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    #expect(time.map { $0 <= .milliseconds(3) } ?? false, "\(simulation.log)")
    simulation.run(for: .seconds(3))
    expect(simulation, active: 1)
  }

  @Test("Adverts gone on every port, heartbeat alive: the standby stays and raises an alarm")
  func advertsGone() {
    var simulation = pair()
    simulation.setCut(true, .lan)
    simulation.setCut(true, .wan)
    simulation.run(for: .seconds(5))
    expect(simulation, active: 0)
    #expect(simulation.group(1).alarms.contains(.advertisementsLost(port: "lan")))
    simulation.setCut(false, .lan)
    simulation.setCut(false, .wan)
    simulation.run(for: .seconds(1))
    #expect(simulation.group(1).alarms.isEmpty)
  }

  @Test(
    "A broken HA link is not a dead peer: adverts of 200 ms go on and stall for 450 ms, nobody moves",
    arguments: [270, 330, 450, 570, 690, 810, 930, 990])
  func brokenHALink(milliseconds: Int) {
    var simulation = pair(seed: UInt64(milliseconds), milliseconds: 200)
    simulation.setCut(true, .ha)
    simulation.run(for: .milliseconds(milliseconds))
    // A stall that begins later after an advert adds up to 3 intervals, when the RFC gives the peer up.
    _ = simulation.run(atMost: .seconds(1)) { simulation in
      simulation.group(0).ports.allSatisfy { $0.router.lastSent == simulation.now }
    }
    simulation.pause(0)
    simulation.run(for: .milliseconds(450))
    simulation.resume(0)
    simulation.run(for: .seconds(3))
    expect(simulation, active: 0)
    #expect(simulation.activations == 1, "\(simulation.log)")
  }

  @Test(
    "Both paths silent at once: two intervals; adverts after the HA link broke: three and patience")
  func bothSilent() {
    for isLinkBrokenFirst in [false, true] {
      var simulation = pair(milliseconds: 200)
      if isLinkBrokenFirst {
        simulation.setCut(true, .ha)
        simulation.run(for: .milliseconds(600))
      }
      simulation.crash(0)
      let time = simulation.run(atMost: .seconds(2), until: isActive(1))
      let limits = isLinkBrokenFirst ? (500, 780) : (200, 403)
      #expect(
        time.map { $0 > .milliseconds(limits.0) && $0 < .milliseconds(limits.1) } ?? false,
        "\(simulation.log)")
    }
  }

  @Test("No heartbeat ever: RFC 9568 timers alone elect one active and replace it")
  func neverUp() {
    var simulation = HASimulation(seed: 9, interval: .milliseconds(20))
    simulation.setCut(true, .ha)
    simulation.run(for: .seconds(4))
    expect(simulation, active: 0)
    simulation.crash(0)
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    #expect(time.map { $0 > .milliseconds(50) && $0 <= .milliseconds(75) } ?? false)
  }

  @Test(
    "Total partition makes two actives; healing either path leaves one", arguments: [true, false])
  func partition(heartbeatFirst: Bool) {
    var simulation = pair()
    for network in HANetwork.allCases { simulation.setCut(true, network) }
    simulation.run(for: .seconds(3))
    #expect(simulation.actives == [0, 1])
    if heartbeatFirst {
      simulation.setCut(false, .ha)
    } else {
      simulation.setCut(false, .lan)
      simulation.setCut(false, .wan)
    }
    simulation.run(for: .seconds(1))
    // With a heartbeat the higher term, which the standby took; without it the RFC's priority.
    expect(simulation, active: heartbeatFirst ? 1 : 0)
    for network in HANetwork.allCases { simulation.setCut(false, network) }
    simulation.run(for: .seconds(2))
    expect(simulation, active: heartbeatFirst ? 1 : 0)
  }

  @Test("A standby that was active for a moment: the active that stays takes a term above its")
  func termRenewed() {
    var simulation = pair()
    for network in HANetwork.allCases { simulation.setCut(true, network) }
    simulation.run(for: .seconds(1))
    #expect(simulation.actives == [0, 1])
    simulation.setCut(false, .lan)
    simulation.setCut(false, .wan)
    simulation.run(for: .seconds(1))
    // Priority decided, as adverts carry no term.
    expect(simulation, active: 0)
    #expect(simulation.group(0).term == 1 && simulation.group(1).highestTerm == 2)
    let announced = simulation.announcements[0]
    simulation.setCut(false, .ha)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 0)
    #expect(simulation.announcements[0] >= announced + 10, "\(simulation.announcements)")
    #expect(simulation.group(0).term == 3 && simulation.group(1).highestTerm == 3)
    #expect(simulation.activations == 2)
  }

  @Test("Freeze and thaw: the peer takes over; the thawed node lowers before it says a word")
  func freeze() {
    var simulation = pair()
    simulation.pause(0)
    simulation.run(for: .seconds(3))
    #expect(simulation.group(1).role == .active)
    simulation.resume(0)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 1)
  }

  @Test("A stall of both, as a paused hypervisor makes it, moves nothing")
  func commonStall() {
    for milliseconds in stride(from: 10, through: 1_500, by: 37) {
      var simulation = pair(seed: UInt64(milliseconds))
      simulation.pause(0)
      simulation.pause(1)
      simulation.run(for: .milliseconds(milliseconds))
      simulation.resume(0)
      simulation.resume(1)
      simulation.run(for: .seconds(2))
      expect(simulation, active: 0)
      #expect(simulation.activations == 1)
    }
  }

  @Test("A node that was late asks for patience: the same pause moves nothing the next time")
  func patience() {
    var simulation = pair()
    simulation.tell(0, .switchoverRequested)
    simulation.run(for: .seconds(1))
    simulation.pause(0)
    simulation.run(for: .milliseconds(48))
    simulation.resume(0)
    simulation.run(for: .milliseconds(100))
    simulation.tell(1, .switchoverRequested)
    simulation.run(for: .seconds(1))
    expect(simulation, active: 0)
    simulation.pause(0)
    simulation.run(for: .milliseconds(44))
    simulation.resume(0)
    simulation.run(for: .seconds(1))
    expect(simulation, active: 0)
    #expect(simulation.activations == 3)
    simulation.crash(0)
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    // The last heartbeat may have left at that moment, and takes its time on the wire.
    let longest = Pace(advertInterval: simulation.interval).patience + .milliseconds(3)
    #expect(
      time.map { $0 <= longest } ?? false,
      "\(simulation.log)")
  }

  @Test(
    "A survivor whose peer is silent for long keeps the role through a sleep below 3 intervals",
    arguments: [true, false])
  func survivorSleeps(peerIsDead: Bool) {
    for milliseconds in stride(from: 41, through: 57, by: 2) {
      var simulation = pair(seed: UInt64(milliseconds))
      if peerIsDead { simulation.crash(1) } else { simulation.setCut(true, .ha) }
      simulation.run(for: .seconds(3))
      let sent = simulation.run(atMost: .seconds(1)) { simulation in
        simulation.group(0).ports.allSatisfy { $0.router.lastSent == simulation.now }
      }
      simulation.pause(0)
      simulation.run(for: .milliseconds(milliseconds))
      simulation.resume(0)
      simulation.run(for: .seconds(1))
      expect(simulation, active: 0)
      #expect(sent != nil && simulation.activations == 1, "\(simulation.log)")
    }
  }

  @Test("WAN switch dead for both and back: one active all the time, at most one move")
  func wanDead() {
    var simulation = pair()
    simulation.setCarrier(false, port: 1, of: 0)
    simulation.run(for: .milliseconds(4))
    simulation.setCarrier(false, port: 1, of: 1)
    simulation.run(for: .seconds(3))
    #expect(simulation.actives.count == 1)
    simulation.setCarrier(true, port: 1, of: 0)
    simulation.run(for: .milliseconds(40))
    simulation.setCarrier(true, port: 1, of: 1)
    simulation.run(for: .seconds(3))
    #expect(simulation.violation == nil && simulation.actives.count == 1, "\(simulation.log)")
    #expect(simulation.activations == 2)
  }

  @Test("Own link lost with the heartbeat gone: resign; alone again after 3 intervals + 1 s")
  func linkLostInTheDark() {
    var simulation = pair()
    simulation.setCut(true, .ha)
    simulation.run(for: .seconds(2))
    let down = simulation.group(1).ports[0].router.activeDownInterval
    simulation.setCarrier(false, port: 0, of: 0)
    // The port that still works tells that it leaves; of the other one nothing is heard.
    let time = simulation.run(atMost: .seconds(1), until: isActive(1))
    #expect(time.map { $0 <= down + .milliseconds(3) } ?? false, "\(time as Any)")
    simulation.run(for: .seconds(2))
    expect(simulation, active: 1)
    simulation.crash(1)
    simulation.run(for: .seconds(2))
    expect(simulation, active: 0)
    #expect(simulation.group(0).alarms.contains(.linkDown(port: "lan")))
  }

  @Test("Ten percent loss everywhere, a minute long: nobody moves")
  func loss() {
    var simulation = pair(seed: 11)
    for network in HANetwork.allCases { simulation.setLoss(permille: 100, network) }
    simulation.run(for: .seconds(60))
    expect(simulation, active: 0)
    #expect(simulation.activations == 1)
  }

  @Test("Without preemption the returned primary waits; with it, it asks after the delay")
  func preemption() {
    for preempts in [false, true] {
      var simulation = pair(preempts: preempts)
      simulation.crash(0)
      simulation.run(for: .seconds(1))
      simulation.boot(0)
      simulation.run(for: .seconds(29))
      expect(simulation, active: 1)
      simulation.run(for: .seconds(3))
      expect(simulation, active: preempts ? 0 : 1)
    }
  }

  @Test("Spoofed priority 0 and priority 255 are counted and change nothing")
  func spoof() {
    var simulation = pair()
    for priority in [UInt8(0), 255] {
      for node in 0..<2 {
        for _ in 0..<50 {
          let spoofed = Advertisement(
            virtualRouter: 77, priority: priority, intervalCentiseconds: 2,
            addresses: [.v4(IPv4Address(10, 0, 0, 1))])
          let now = simulation.now
          simulation.tell(
            node,
            .advertisementReceived(
              port: 0, spoofed, source: .v4(IPv4Address(10, 0, 0, 99)), received: now))
          simulation.run(for: .milliseconds(7))
        }
      }
    }
    expect(simulation, active: 0)
    #expect(simulation.activations == 1)
    #expect(simulation.group(0).counters.contradictedAdvertisements > 0)
    #expect(simulation.group(1).counters.contradictedResignations > 0)
  }
}
