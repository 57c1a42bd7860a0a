import Testing
import VRRP
import Wire

private let start = Instant(nanoseconds: 1_000_000_000)
private let peer = IPAddress.v4(IPv4Address(10, 0, 0, 3))

private func router(
  priority: UInt8 = 100, interval: Interval = .milliseconds(20), _ state: VirtualRouter.State
) -> VirtualRouter {
  var router = VirtualRouter(
    VirtualRouter.Configuration(
      port: "ge2", virtualRouter: 77, priority: priority, interval: interval,
      addresses: [.v4(IPv4Address(10, 0, 0, 1))], nodeAddress: .v4(IPv4Address(10, 0, 0, 2))))
  _ = router.enter(state, at: start)
  return router
}

private func advert(
  _ priority: UInt8, centiseconds: UInt16 = 2, from source: IPAddress = peer, at time: Instant
) -> VirtualRouter.Event {
  .advertisementReceived(
    Advertisement(
      virtualRouter: 77, priority: priority, intervalCentiseconds: centiseconds,
      addresses: [.v4(IPv4Address(10, 0, 0, 1))], checksumForm: .messageOnly),
    source: source, received: time)
}

@Suite struct VirtualRouterTests {
  @Test("RFC 9568 6.1: skew and active-down interval in nanoseconds, never truncated")
  func timers() {
    let router = router(interval: .milliseconds(10), .backup)
    #expect(router.skewTime.nanoseconds == 6_093_750)
    #expect(router.activeDownInterval.nanoseconds == 36_093_750)
  }

  @Test("RFC 9568 6.4.2 (405): the timer runs out after three intervals and the skew")
  func vacancy() {
    var router = router(.backup)
    #expect(router.deadline == start + router.activeDownInterval)
    _ = router.handle(.deadlineReached, at: start + .milliseconds(72))
    #expect(!router.isVacant)
    _ = router.handle(.deadlineReached, at: start + router.activeDownInterval)
    #expect(router.isVacant)
  }

  @Test("RFC 9568 6.4.2 (455): Backup learns the interval and recomputes the skew with it")
  func learning() {
    var router = router(.backup)
    let heard = start + .milliseconds(5)
    _ = router.handle(advert(200, centiseconds: 10, at: heard), at: heard)
    let skew = Interval.milliseconds(100) * 156 / 256
    #expect(router.deadline == heard + .milliseconds(300) + skew)
  }

  @Test("RFC 9568 6.4.2 (440): priority 0 sets the timer to the skew")
  func resignation() {
    var router = router(.backup)
    #expect(router.handle(advert(0, at: start), at: start) == [.resigned])
    #expect(router.deadline == start + router.skewTime)
    #expect(router.lastHeard == nil)
  }

  @Test("RFC 9568 6.4.2 (450): with preemption a lower priority leaves the timer alone")
  func preemption() {
    var router = router(.backup)
    router.preempts = true
    let before = router.deadline
    _ = router.handle(advert(50, at: start + .milliseconds(9)), at: start + .milliseconds(9))
    #expect(router.deadline == before)
    router.preempts = false
    _ = router.handle(advert(50, at: start + .milliseconds(9)), at: start + .milliseconds(9))
    #expect(router.deadline != before)
  }

  @Test("RFC 9568 6.4.3 (650): adverts leave on absolute times, lateness does not add up")
  func cadence() {
    var router = router(.active)
    var sent = 0
    for step in 1...1000 {
      let now = start + .milliseconds(20) * step + .microseconds(step % 7 * 100)
      sent += router.handle(.deadlineReached, at: now).count
    }
    #expect(sent == 1000)
    #expect(router.deadline == start + .milliseconds(20) * 1001)
  }

  @Test("RFC 9568 6.4.3 (705): priority 0 is answered at once")
  func answer() {
    var router = router(.active)
    let now = start + .milliseconds(12)
    #expect(router.handle(advert(0, at: now), at: now) == [.sendAdvertisement])
    #expect(router.deadline == now + .milliseconds(20))
  }

  @Test("RFC 9568 6.4.3 (725): equal priority, the greater unsigned address wins")
  func tie() {
    let now = start + .milliseconds(12)
    for (source, wins) in [
      (IPAddress.v4(IPv4Address(200, 0, 0, 1)), true), (.v4(IPv4Address(10, 0, 0, 10)), true),
      (.v4(IPv4Address(10, 0, 0, 1)), false), (.v4(IPv4Address(9, 255, 255, 255)), false),
    ] {
      var router = router(.active)
      let actions = router.handle(advert(100, from: source, at: now), at: now)
      #expect(actions == (wins ? [.outranked(by: 100, source: source)] : [.sendAdvertisement]))
    }
  }

  @Test("RFC 9568 6.4.3 (745): a losing advert is answered, at most once in ten milliseconds")
  func storm() {
    var router = router(.active)
    var sent = 0
    for millisecond in 0..<100 {
      let now = start + .milliseconds(millisecond)
      sent += router.handle(advert(50, at: now), at: now).count
    }
    #expect(sent == 9)
  }

  @Test("The peer's checksum form is mirrored")
  func mirror() {
    var router = router(.backup)
    #expect(router.advertisement(priority: 100).checksumForm == .withPseudoHeader)
    _ = router.handle(advert(200, at: start), at: start)
    #expect(router.advertisement(priority: 100).checksumForm == .messageOnly)
  }
}
