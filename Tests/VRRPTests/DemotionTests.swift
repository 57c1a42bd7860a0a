import Testing
import VRRP
import Wire

@Suite struct DemotionTests {
  @Test("S12: the advertised priority is what is configured less what is down, never below 1")
  func priority() {
    for (configured, demotion, advertised) in [
      (UInt8(200), UInt16(0), UInt8(200)), (200, 40, 160), (100, 99, 1), (100, 100, 1),
      (100, .max, 1), (1, 20, 1), (255, 0, 255), (255, .max, 255),
    ] {
      #expect(Demotion.priority(configured, demotion: demotion) == advertised)
    }
  }

  @Test("Links weigh as configured or 20, checks as they say; what is up weighs nothing")
  func sum() {
    let links = [
      LinkState(port: "ge1", isUp: false), LinkState(port: "ge2", isUp: false),
      LinkState(port: "ge3", isUp: true),
    ]
    let checks = [
      CheckState(name: "a", isUp: false, weight: 7), CheckState(name: "b", isUp: true, weight: 90),
    ]
    #expect(Demotion.sum(links: links, weights: ["ge1": 3, "ge3": 50], checks: checks) == 30)
    #expect(
      Demotion.causes(links: links, weights: ["ge1": 3, "ge3": 50], checks: checks)
        == ["ge1 has no link (3)", "ge2 has no link (20)", "check a fails (7)"])
    let many = (0..<400).map { CheckState(name: "\($0)", isUp: false, weight: 255) }
    #expect(Demotion.sum(links: [], weights: [:], checks: many) == .max)
  }

  @Test("A heartbeat without demotion is an older peer's: 20 for each link that is down")
  func olderPeer() throws {
    var heartbeat = Heartbeat()
    heartbeat.links = [LinkState(port: "ge1", isUp: false), LinkState(port: "ge2", isUp: false)]
    heartbeat.demotion = 7
    let octets = heartbeat.encoded
    #expect(try Heartbeat(decoding: octets).demotion == 7)
    #expect(try Heartbeat(decoding: octets.dropLast(3)).demotion == 40)
  }
}

@Suite struct FlapLimiterTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  @Test("Six takings within a minute make the node leave the role alone for five minutes")
  func holds() {
    var limiter = FlapLimiter()
    for second in 0..<5 { limiter.noteTaken(at: start + .seconds(second)) }
    #expect(!limiter.isHolding)
    limiter.noteTaken(at: start + .seconds(59))
    #expect(limiter.holdsUntil == start + .seconds(59) + Limits.flapHold)
    limiter.update(at: start + .seconds(358))
    #expect(limiter.isHolding)
    limiter.update(at: start + .seconds(359))
    #expect(!limiter.isHolding)
    limiter.noteTaken(at: start + .seconds(360))
    #expect(!limiter.isHolding)
  }

  @Test("Takings that are further apart never make it hold")
  func slow() {
    var limiter = FlapLimiter()
    for step in 0..<100 { limiter.noteTaken(at: start + .seconds(12) * step) }
    #expect(!limiter.isHolding)
  }
}
