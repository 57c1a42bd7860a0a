import Messages
import Testing

@testable import Verbs

@Test("ha status: roles, rank, link, checks, routers with what they refused, and what to do")
func pairText() {
  var status = HAStatus(
    role: "standby", reason: "peer heard", term: 7,
    peer: HAPeer(
      state: "active", seenMsAgo: 4, priority: 100, term: 7, faults: [], configurationAgrees: true,
      policyVersion: 42),
    link: HALinkState(
      carrier: true, encrypted: true, direct: true, heartbeatsSent: 10, heartbeatsReceived: 9),
    vrrp: [
      VirtualRouterStatus(
        port: "ge2", groupId: 77, state: "standby", advertIntervalMs: 20, carrier: true,
        advertsSent: 0, advertsReceived: 5, advertsDropped: ["bad-checksum": 3, "ttl": 4])
    ])
  status.vrrp[0].family = "IPv4"
  status.vrrp[0].addresses = ["10.1.0.1"]
  status.link.heartbeatsDropped = ["replayed": 1]
  status.rank = HARank(
    priority: 200, demotion: 60, causes: ["ge3 has no link: 60"], heldMs: 29_500)
  status.checks = [
    PathState(
      name: "isp", kind: "icmp", target: "203.0.113.254", isUp: true, weight: 20,
      text: "answer in 0.4 ms")
  ]
  status.advice = [HAAdvice(problem: "ge3 has no link", remedy: "check its cable")]
  #expect(
    HAText.pair(status) == """
      role      standby
      because   peer heard
      term      7
      priority  140 = 200 less 60
                demoted by ge3 has no link: 60
                held back by the flap limiter for 30 s
      peer      active, heard 4.0 ms ago, priority 100, term 7
      link      carrier up, stream encrypted, direct cable
      heartbeat 10 sent, 9 received, refused 1 replayed
      checks    isp up (203.0.113.254, weight 20): answer in 0.4 ms

      port      vrid  family  state       interval  link  sent      received  refused
      ge2       77    IPv4    standby     20 ms     up    0         5         7
        10.1.0.1
        refused 4 ttl
        refused 3 bad-checksum

      WRONG     ge3 has no link
      remedy    check its cable
      """)
}

@Test("ha drill: the verdict first, then each step with its figures")
func drillText() {
  let report = DrillReport(
    isDryRun: false, verdict: "would hand over: the peer is ready",
    steps: [
      DrillStep(text: "the role was given to the peer", by: "vrrp", outageMs: nil, probesLost: nil),
      DrillStep(
        text: "10.1.0.1 on ge2 went to the other node", by: "probe", outageMs: 1.44, probesLost: 1),
    ])
  #expect(
    HAText.drill(report) == """
      would hand over: the peer is ready
      the role was given to the peer
      10.1.0.1 on ge2 went to the other node: outage 1.4 ms, 1 probe lost (probe)
      """)
}

@Test("the verbs of a pair")
func haVerbs() {
  #expect(
    HAVerbs.all.map(\.name) == [
      "ha status", "ha switchover", "ha suspend", "ha resume", "ha drill",
    ])
}
