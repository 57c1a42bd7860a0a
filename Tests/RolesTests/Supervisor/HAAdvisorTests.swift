import Messages
import Testing

@testable import Roles

@Suite struct HAAdvisorTests {
  private static func healthy() -> HAStatus {
    var status = HAStatus(
      role: "active", reason: "peer leaves", term: 3,
      peer: HAPeer(
        state: "standby", seenMsAgo: 4, priority: 100, term: 3, faults: [],
        configurationAgrees: true, policyVersion: 7),
      link: HALinkState(
        carrier: true, encrypted: true, direct: true, heartbeatsSent: 1, heartbeatsReceived: 1),
      vrrp: [
        VirtualRouterStatus(
          port: "ge2", groupId: 77, state: "active", advertIntervalMs: 20, carrier: true,
          advertsSent: 1, advertsReceived: 0, advertsDropped: [:])
      ])
    status.rank = HARank(priority: 200, demotion: 0, causes: [], heldMs: nil)
    return status
  }

  private static func problems(
    _ status: HAStatus, faults: [String] = [], policy: UInt64? = 7, sync: String? = nil
  ) -> [String] {
    let advice = HAAdvisor(
      status: status, linkPort: "ge4", faults: faults, policyVersion: policy, syncProblem: sync
    ).advice
    for entry in advice { #expect(!entry.remedy.isEmpty, "\(entry.problem)") }
    return advice.map(\.problem)
  }

  @Test("a pair that is well gets no advice")
  func well() { #expect(Self.problems(Self.healthy()) == []) }

  @Test("each thing that is wrong is told once, with a remedy")
  func wrong() {
    var status = Self.healthy()
    status.vrrp[0].carrier = false
    status.peer?.configurationAgrees = false
    status.peer?.priority = 200
    status.peer?.faults = ["sync does not run"]
    status.checks = [
      PathState(
        name: "isp", kind: "icmp", target: "203.0.113.254", isUp: false, weight: 20,
        text: "no answer in 500.0 ms")
    ]
    status.rank?.heldMs = 29_500
    #expect(
      Self.problems(status, faults: ["suspended by the operator"], policy: 8, sync: "bulk runs")
        == [
          "suspended by the operator", "ge2 has no link", "the other node: sync does not run",
          "the nodes have different configurations", "policy version 8 here, 7 there",
          "both nodes have priority 200", "the sessions of the nodes do not agree: bulk runs",
          "check isp is down: no answer in 500.0 ms",
          "the role moved too often; this node waits 30 s more",
        ])
  }

  @Test("a silent node is one thing; without a link it is the link")
  func silent() {
    var status = Self.healthy()
    status.peer?.state = "unreachable"
    #expect(Self.problems(status, sync: "unconnected") == ["the other node is silent on ge4"])
    status.link.carrier = false
    #expect(Self.problems(status, sync: "unconnected") == ["ge4 has no link"])
  }

  @Test("what adverts carry: at least 1, and 255 always for the owner")
  func rank() {
    #expect(HARank(priority: 100, demotion: 40, causes: [], heldMs: nil).effective == 60)
    #expect(HARank(priority: 100, demotion: 400, causes: [], heldMs: nil).effective == 1)
    #expect(HARank(priority: 255, demotion: 40, causes: [], heldMs: nil).effective == 255)
  }
}
