import Activation
import JSON
import Messages
import Testing
import Wire

@testable import Roles

@Suite("Activation attempt") struct ActivationAttemptTests {
  private func make() -> ActivationAttempt {
    ActivationAttempt(
      method: .code, code: "0000000000000000", portal: "https://portal.example:8443")
  }

  @Test("it begins with the code read and waits for the WAN")
  func begin() {
    let attempt = make()
    #expect(attempt.steps.map(\.state) == [.done, .running] + Array(repeating: .waiting, count: 7))
    #expect(attempt.steps.map(\.name) == ActivationStep.allCases.map(\.name))
    #expect(attempt.isRunning && !attempt.isComplete)
  }

  @Test("a failure marks the step that was running, with its cause")
  func failure() {
    var attempt = make()
    attempt.mark(.wanUp, .done)
    attempt.mark(.dns, .running)
    attempt.fail(["1.1.1.1 does not answer"], remedy: "Check the name servers.")
    #expect(attempt[.dns] == .failed)
    #expect(attempt.steps[2].cause == "1.1.1.1 does not answer")
    #expect(!attempt.isRunning && !attempt.isFinal)
  }

  @Test("after a power cut it goes on: before the certificate from the WAN, afterwards from there")
  func resume() {
    var attempt = make()
    for step in [ActivationStep.wanUp, .dns, .proxy, .portalReached] { attempt.mark(step, .done) }
    attempt.mark(.codeAccepted, .running)
    attempt.resume()
    #expect(attempt[.wanUp] == .running && attempt[.codeAccepted] == .waiting)
    #expect(attempt[.linkRead] == .done)

    for step in ActivationStep.allCases where step.rawValue <= 7 { attempt.mark(step, .done) }
    attempt.mark(.configurationApplied, .failed)
    attempt.resume()
    #expect(attempt[.certificateIssued] == .done && attempt[.configurationApplied] == .waiting)
    #expect(attempt.isRunning)
  }

  @Test("what the agent tries again by itself stays failed until the step is done")
  func retries() {
    var attempt = make()
    attempt.mark(.wanUp, .done)
    attempt.advance(.dns, .done, "")
    attempt.advance(.portalReached, .failed, "")
    attempt.fail(["no answer"], remedy: "wait", retriesByItself: true)
    #expect(attempt.isAlive && !attempt.isRunning)
    attempt.advance(.dns, .running, "")
    attempt.advance(.dns, .done, "")
    #expect(attempt.failure == ["no answer"])
    attempt.advance(.portalReached, .running, "")
    attempt.advance(.portalReached, .done, "")
    #expect(attempt.failure.isEmpty && attempt.isRunning)
    attempt.fail(["used"], remedy: "ask", isFinal: true)
    #expect(!attempt.isAlive)
  }

  @Test("what the portal knows is done up to the certificate, whatever the disk says")
  func enrolled() {
    var attempt = make()
    attempt.mark(.proxy, .skipped)
    attempt.markEnrolled()
    #expect(attempt[.certificateIssued] == .done && attempt[.proxy] == .skipped)
    attempt.mark(.configurationApplied, .running)
    attempt.resume()
    #expect(attempt[.certificateIssued] == .done && attempt[.configurationApplied] == .waiting)
  }

  @Test("a WAN that comes late goes on with the activation by itself")
  func lateWAN() {
    var attempt = make()
    attempt.fail(at: .wanUp, ["no DHCP server"], remedy: "Wait.", retriesByItself: true)
    #expect(!attempt.isRunning && attempt.isAlive)
    attempt.advance(.wanUp, .done, "203.0.113.2/24")
    #expect(attempt.isRunning && attempt.failure.isEmpty)
  }

  @Test("the disk gives back what was kept, and no deadline of another boot")
  func disk() throws {
    var attempt = make()
    attempt.privateKey = "key"
    attempt.deadline = Instant(nanoseconds: 5)
    attempt.fail(["no"], remedy: "yes", isFinal: true)
    let text = try JSONValue(encoding: attempt).compact
    let read: ActivationAttempt = try JSONParser.parse(text).decode()
    #expect(read.privateKey == "key" && read.isFinal && read.failure == ["no"])
    #expect(read.steps == attempt.steps && read.deadline == nil)
  }
}

@Suite("Channel history") struct ChannelHistoryTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  @Test("up is stable, down is not present, up again is suspicious for two hours")
  func verdicts() {
    var history = ChannelHistory()
    #expect(history.verdict("portal", at: start).verdict == .notPresent)
    history.observe("portal", isUp: true, at: start)
    #expect(history.verdict("portal", at: start).verdict == .stable)
    history.observe("portal", isUp: false, at: start + .seconds(10))
    #expect(history.verdict("portal", at: start + .seconds(11)).verdict == .notPresent)
    history.observe("portal", isUp: true, at: start + .seconds(12))
    let later = history.verdict("portal", at: start + .seconds(610))
    #expect(later.verdict == .suspicious && later.cause == "it broke 10 minutes ago")
    #expect(history.verdict("portal", at: start + .seconds(7_300)).verdict == .stable)
  }

  @Test("a channel that was never up has not broken")
  func neverUp() {
    var history = ChannelHistory()
    history.observe("portal", isUp: false, at: start)
    history.observe("portal", isUp: true, at: start + .seconds(1))
    #expect(history.verdict("portal", at: start + .seconds(2)).verdict == .stable)
  }
}
