import Testing
import VRRP
import Wire

@Suite("How often a node speaks on the HA link")
struct PaceTests {
  @Test(
    "10 ms at the default, a quarter of slower adverts, never slower than 50 ms",
    arguments: [
      (10, 10), (20, 10), (40, 10), (60, 15), (100, 25), (200, 50), (1_000, 50), (40_950, 50),
    ])
  func interval(advertisements: Int, heartbeats: Int) {
    let pace = Pace(advertInterval: .milliseconds(advertisements))
    #expect(pace.interval == .milliseconds(heartbeats))
    #expect(pace.dead >= Limits.heartbeatDead && pace.patience <= Limits.patience)
  }

  @Test("The default is what it was: 40, 60, 20, 40, 30, 200 ms and 1 s")
  func standard() {
    let pace = Pace(advertInterval: .milliseconds(20))
    #expect(pace.dead == .milliseconds(40) && pace.patience == .milliseconds(60))
    #expect(pace.lateWakeUp == .milliseconds(20) && pace.doubtWait == .milliseconds(40))
    #expect(pace.vacancyHold == .milliseconds(30) && pace.handOverWait == .milliseconds(200))
    #expect(pace.forgotten == .seconds(1))
  }

  @Test("Heartbeats leave with adverts, and stay 100 a second when the ports have drifted apart")
  func together() throws {
    let routers = AddressFamily.allCases.map { Receiver($0).router.configuration }
    var group = SyncGroup(
      SyncGroup.Configuration(
        node: NodeID(1), boot: BootID(high: 1, low: 2), peers: [NodeID(2)], routers: routers))
    _ = group.handle(.started, at: begin)
    _ = group.handle(.linkChanged(port: "ge2", isUp: true), at: begin)
    var now = begin
    /// Runs for a second; how often it woke and what it sent.
    func second() -> (wakeUps: Int, heartbeats: Int, adverts: Int) {
      let end = now + .seconds(1)
      var (wakeUps, actions) = (0, [SyncGroup.Action]())
      while let deadline = group.deadline, deadline < end {
        now = deadline
        wakeUps += 1
        actions += group.handle(.woke, at: now) + group.handle(.drained, at: now)
      }
      now = end
      let heartbeats = actions.count { $0 == .sendHeartbeat }
      let adverts = actions.count { if case .sendAdvertisement = $0 { true } else { false } }
      return (wakeUps, heartbeats, adverts)
    }
    // Start-up hold, then the announcements of the new active.
    for _ in 0..<4 { _ = second() }
    try #require(group.role == .active)
    let joined = second()
    #expect((99...101).contains(joined.wakeUps) && (99...101).contains(joined.heartbeats))
    #expect((98...102).contains(joined.adverts))
    // A router that loses is answered on its port alone, here 4 ms after the others' adverts.
    now = try #require(group.ports[1].router.deadline)
    _ = group.handle(.woke, at: now) + group.handle(.drained, at: now)
    now = now + .milliseconds(4)
    let foreign = Advertisement(
      version: .three, virtualRouter: 42, priority: 1, intervalCentiseconds: 2,
      addresses: Sample.addresses(.ipv4), authentication: .none, checksumForm: .messageOnly)
    let source = try #require(IPAddress("10.0.0.9"))
    _ = group.handle(
      .advertisementReceived(port: 0, foreign, source: source, received: now), at: now)
    let apart = second()
    #expect(apart.wakeUps > 120, "the ports are apart, or this shows nothing")
    #expect((90...101).contains(apart.heartbeats) && (98...102).contains(apart.adverts))
  }

  @Test("A silent heartbeat is not forgotten before it has proved a death")
  func forgotten() {
    for milliseconds in [20, 200, 500, 1_000, 10_000] {
      let interval = Interval.milliseconds(milliseconds)
      let pace = Pace(advertInterval: interval)
      #expect(pace.forgotten > interval * Limits.silentIntervals + pace.patience)
    }
  }

  @Test("A silent heartbeat never delays what two silent intervals prove, from 30 ms on")
  func patience() {
    for milliseconds in 30...1_000 {
      let interval = Interval.milliseconds(milliseconds)
      #expect(Pace(advertInterval: interval).patience <= interval * Limits.silentIntervals)
    }
  }

  @Test("Sleeps ask for patience within the pace")
  func sleeps() {
    let slow = Pace(advertInterval: .milliseconds(200))
    var sleeps = Sleeps()
    #expect(sleeps.patienceMilliseconds(slow) == 200)
    sleeps.note(.milliseconds(170), at: .zero)
    #expect(sleeps.patienceMilliseconds(slow) == 220)
    sleeps.note(.milliseconds(900), at: .zero)
    #expect(sleeps.patienceMilliseconds(slow) == 300)
    #expect(sleeps.patienceMilliseconds(Pace(advertInterval: .milliseconds(20))) == 60)
  }
}
