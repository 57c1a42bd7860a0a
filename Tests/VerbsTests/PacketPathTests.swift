import Netlink
import Policy
import Testing
import Wire

@testable import Verbs

@Suite struct PacketPathTests {
  private let now = Instant.zero + .seconds(1)

  private func step(
    _ chain: String, _ verdict: TraceStep.Verdict, table: String = "ztb", packet: UInt32 = 7,
    into out: UInt32 = 0
  ) -> TraceStep {
    var step = TraceStep()
    (step.packet, step.table, step.chain, step.verdict) = (packet, table, chain, verdict)
    (step.inInterface, step.outInterface) = (2, out)
    return step
  }

  private func first(_ packet: UInt32 = 7) -> TraceStep {
    var first = step("choose", .goOn, table: "ztb_trace", packet: packet)
    first.rule = 3
    return first
  }

  /// What becomes of the first packet of these steps when nothing follows.
  private func end(_ steps: TraceStep...) -> TracedEnd? {
    var path = PacketPath()
    // The end of the chain that chose it.
    let chosen = [
      step("choose", .goOn, table: "ztb_trace"), step("choose", .accept, table: "ztb_trace"),
    ]
    for step in [first()] + chosen + steps {
      if let packet = path.take(step, at: now) { return packet.end }
    }
    return path.ended(at: now + PacketPath.silence).first?.end
  }

  @Test("how a packet ends follows from the chains that it has passed")
  func ends() {
    let rule = "r_19f79b1921bbcfff"
    let accepted = step("ok", .accept)
    #expect(
      end(
        step("pre_raw", .accept), step("judged", .lead(to: rule)), step(rule, .goOn),
        step(rule, .lead(to: "ok")), accepted, step("forward", .accept, table: "ztb_guard"))
        == .rule(rule, isDropped: false))
    #expect(end(step("judged", .lead(to: rule)), step(rule, .drop)) == .rule(rule, isDropped: true))
    #expect(end(step("forward", .lead(to: "current")), step("current", .accept)) == .known)
    let noRule = step("forward", .lead(to: "deny_default"))
    #expect(end(noRule, step("deny_default", .drop)) == .byDefault(isDropped: true))
    #expect(
      end(noRule, step("deny_default", .lead(to: "ok")), accepted) == .byDefault(isDropped: false))
    #expect(end(step("forward", .lead(to: "killed")), step("killed", .drop)) == .killed)
    #expect(end(step("quarantined", .drop)) == .quarantined)
    // A service that is excepted comes back, and is judged.
    #expect(
      end(
        step("forward", .lead(to: "quarantined")), step("quarantined", .goOn),
        step("judged", .lead(to: rule)), step(rule, .lead(to: "ok")), accepted)
        == .rule(rule, isDropped: false))
    #expect(end(step("pre_raw", .drop)) == .spoofed)
    #expect(end(step("forward", .drop)) == .invalid)
    #expect(end(step("input", .accept)) == .own(isDropped: false))
    #expect(end(step("input", .drop)) == .own(isDropped: true))
    #expect(end(step("forward", .drop, table: "ztb_guard")) == .unjudged)
    #expect(
      end(step("mine", .drop, table: "other")) == .foreign(table: "other", chain: "mine"))
    #expect(end(step("forward", .accept)) == .passed)
    #expect(end(step("pre_raw", .accept)) == .notForwarded)
    #expect(end(step("forwarded", .drop)) == .forwardGone)
  }

  @Test(
    "packets at the same time are kept apart, and a number that is used again is another packet")
  func several() {
    var path = PacketPath()
    #expect(path.take(first(), at: now) == nil)
    #expect(path.take(first(8), at: now) == nil)
    #expect(path.take(step("current", .accept, into: 3), at: now) == nil)
    let later = now + .milliseconds(20)
    let dropped = path.take(step("forward", .drop, packet: 8), at: later)
    #expect(dropped?.end == .invalid && dropped?.time == now && dropped?.outInterface == 0)
    let known = path.take(first(), at: later)
    #expect(known?.end == .known && known?.inInterface == 2 && known?.outInterface == 3)
    #expect(path.ended(at: later + .milliseconds(49)).isEmpty && !path.isEmpty)
    #expect(path.ended(at: later + .milliseconds(50)).map(\.time) == [later] && path.isEmpty)
  }

  @Test("packets that somebody else has followed, or that come too late, are left alone")
  func others() {
    var path = PacketPath()
    #expect(path.take(step("forward", .drop), at: now) == nil && path.isEmpty)
    path.begins = false
    #expect(path.take(first(), at: now) == nil && path.isEmpty)
  }

  @Test("one line for a packet names ports, verdict, rule and reason")
  func lines() {
    let rule = Rule(id: "out", tier: .deny, from: ["lan"], to: ["wan"], service: "any")
    func line(_ end: TracedEnd, out: UInt32 = 0) -> String {
      let time = now + .milliseconds(42)
      let packet = TracedPacket(time: time, inInterface: 0, outInterface: out, end: end)
      return LiveOutput.Packet(packet, since: now, [rule], ["lo": "ge2"]).text
    }
    #expect(
      line(.rule(rule.kernelName, isDropped: true)) == "0.042 s  - → -  denied by rule out")
    #expect(
      line(.rule(rule.kernelName, isDropped: false), out: 1)
        == "0.042 s  - → ge2  allowed by rule out: mode monitor")
    #expect(line(.byDefault(isDropped: true)) == "0.042 s  - → -  denied: no rule allows it")
  }
}
