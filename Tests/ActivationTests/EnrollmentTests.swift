import Activation
import JSON
import Messages
import Testing
import Wire

@Suite("Enrollment")
struct EnrollmentTests {
  private var story = AgentStory()

  @Test("a whole activation with a code, directly, reads like this")
  mutating func transcript() {
    story.configure(.enroll(AgentStory.enrollment()))
    story.connect(.anchor)
    story.answer(.anchor, 200, AgentStory.anchor)
    story.answer(.validate, 200, #"{"gateway":"paris-gw-01"}"#)
    story.configure(.enroll(AgentStory.enrollment { $0.privateKey = "KEY-1" }))
    story.answer(.enroll, 200, AgentStory.enrolled)
    let body =
      #"{"code":"ABCDEFGHJKMNPQRB",@"linkDigest":null,"profile":"zt400","proxy":null,"#
      + #""serial":"S1","version":"0.1.0","wan":{"dns":["1.1.1.1"],"mode":"dhcp"}}"#
    let nonce = Base64URL.encode([UInt8](repeating: 7, count: 32))
    #expect(
      story.take() == [
        "key KEY-1", "step 3 running",
        "POST 8443/api/v3/activation/anchor trusting-anything "
          + #"{"id":"ABCD","nonce":"\#(nonce)"}"#,
        "step 3 done", "step 4 skipped", "step 5 running",
        "step 5 done: portal.example:8443", "step 6 running",
        "POST 8443/api/v3/activation/validateActivationCode "
          + body.replacing("@", with: ""),
        "step 6 done: paris-gw-01", "step 7 running",
        "POST 8443/api/v3/activation/enroll "
          + body.replacing("@", with: #""csr":"CSR(KEY-1)","#),
        "step 7 done",
        "enrolled paris-gw-01 g1 CERT(KEY-1) at https://portal.example:8444",
      ])
    #expect(story.machine.deadline == nil)
  }

  @Test("by a proxy: its name, its tunnel and the portal are steps of their own")
  mutating func byProxy() {
    story.configure(.enroll(AgentStory.enrollment()), proxy: AgentStory.proxy)
    story.handle(.progressed(.anchor, .resolved))
    story.handle(.progressed(.anchor, .connected))
    story.answer(.anchor, 200, AgentStory.anchor)
    let lines = story.take().filter { $0.hasPrefix("step") }
    #expect(
      lines == [
        "step 3 running", "step 3 done", "step 4 running", "step 4 done: by proxy.example:3128",
        "step 5 running", "step 5 done: portal.example:8443", "step 6 running",
      ])
    #expect(story.inFlight[.validate]?.proxy == AgentStory.proxy)
  }

  @Test("addresses need no name server")
  mutating func addresses() {
    story.configure(.enroll(AgentStory.enrollment { $0.portal = "https://192.0.2.1:8443" }))
    #expect(
      story.take().filter { $0.hasPrefix("step") }
        == ["step 3 skipped", "step 4 skipped", "step 5 running"])
  }

  @Test(
    "the proxy is not used for what it is not for",
    arguments: ["portal.example", ".example", "example", "*", "PORTAL.example"])
  mutating func excepted(exception: String) {
    var proxy = AgentStory.proxy
    proxy.exceptions = ["10.0.0.0/8", exception]
    story.configure(.enroll(AgentStory.enrollment()), proxy: proxy)
    #expect(story.inFlight[.anchor]?.proxy == nil)
    proxy.exceptions = ["other.example", "ortal.example", "192.0.2.0/24"]
    story.configure(.enroll(AgentStory.enrollment()), proxy: proxy)
    #expect(story.inFlight[.anchor]?.proxy != nil)
  }

  @Test("the secret is not sent before the proof, and to nobody but the proven authority")
  mutating func secretIsKept() throws {
    story.beginAnchor()
    let first = try #require(story.inFlight[.anchor])
    let text = String(decoding: first.body, as: UTF8.self)
    #expect(!text.contains("EFGHJKMNPQR"))
    story.answer(.anchor, 200, #"{"ca":"CA","proof":"Ag"}"#)
    #expect(story.inFlight.isEmpty)
    story.passUntilSending()
    #expect(story.inFlight.keys.map(\.rawValue) == ["anchor"])
    story.answer(.anchor, 200, AgentStory.anchor)
    #expect(story.inFlight[.validate]?.trust == .authority("CA"))
  }

  @Test("no log line and no report holds the code")
  mutating func nothingLogged() {
    story.beginIssuing()
    story.answer(.enroll, 500)
    story.passUntilSending()
    story.answer(.enroll, 403, #"{"error":"used","message":"This code was already used."}"#)
    #expect(!story.takeLog().joined().contains("EFGH"))
  }

  @Test("a proof that is wrong fails the step with cause and remedy, and is asked for again")
  mutating func wrongProof() {
    story.beginAnchor()
    _ = story.take()
    story.answer(.anchor, 200, #"{"ca":"CA","proof":"Ag"}"#)
    #expect(
      story.take() == [
        "step 5 failed: portal.example:8443 could not prove that it knows this activation code.",
        "failed: portal.example:8443 could not prove that it knows this activation code. => "
          + "Check the code; if it is right, something on the way answers instead of the portal. "
          + "The next try is in 1 s.",
      ])
  }

  @Test("the authority has to be the one that the link names")
  mutating func fingerprint() {
    story.beginAnchor { $0.caFingerprint = [0xbb] }
    story.answer(.anchor, 200, AgentStory.anchor)
    #expect(story.inFlight.isEmpty)
    #expect(story.take().last?.contains("is not the one that the link names") == true)
    story = AgentStory()
    story.beginAnchor { $0.caFingerprint = [0xca] }
    story.answer(.anchor, 200, AgentStory.anchor)
    #expect(story.inFlight[.validate] != nil)
  }

  @Test(
    "what is no portal is said to be none",
    arguments: [
      "", "<html>", "{}", #"{"ca":1,"proof":"AQ"}"#, #"{"ca":"CA","proof":"!"}"#,
      #"{"ca":"x","proof":"AQ"}"#,
    ])
  mutating func noPortal(body: String) {
    story.beginAnchor()
    story.answer(.anchor, 200, body)
    #expect(story.take().last?.hasPrefix("failed: portal.example:8443 is no portal.") == true)
    #expect(story.machine.deadline != nil)
  }

  @Test("a code that the portal does not know ends the activation; its words are not believed")
  mutating func unknownCode() {
    story.beginAnchor()
    story.answer(.anchor, 404, #"{"error":"unknown","message":"\u001b[2J"}"#)
    #expect(
      story.take().last
        == "failed for good: The portal portal.example:8443 does not know this activation code. "
        + "=> Check the code, and that it is from this portal.")
    #expect(story.machine.deadline == nil)
  }

  @Test(
    "each failure on the way fails its step and passes those before it",
    arguments: [
      (PortalFailure.Place.name, ["step 3 failed: No."]),
      (.proxy, ["step 3 done", "step 4 failed: No."]),
      (.portal, ["step 3 done", "step 4 done", "step 5 failed: No."]),
    ])
  mutating func failures(place: PortalFailure.Place, steps: [String]) {
    story.configure(.enroll(AgentStory.enrollment()), proxy: AgentStory.proxy)
    _ = story.take()
    story.fail(.anchor, place, "no", "do this")
    let lines = story.take()
    #expect(lines.dropLast() == steps[...])
    #expect(lines.last == "failed: No. => Do this. The next try is in 1 s.")
  }

  @Test("what fails for a while is tried again, less and less often, at least every 36 seconds")
  mutating func backoff() {
    story.configure(.enroll(AgentStory.enrollment()))
    var waits: [Double] = []
    for _ in 1...10 {
      story.fail(.anchor)
      let before = story.now
      story.passUntilSending()
      waits.append((story.now - before).milliseconds / 1_000)
    }
    for (wait, nominal) in zip(waits, [1.0, 2, 4, 8, 16, 30, 30, 30, 30, 30]) {
      #expect(wait >= nominal * 0.79 && wait <= nominal * 1.21, "\(waits)")
    }
    #expect(Set(waits).count > 5, "no jitter: \(waits)")
  }

  @Test("a portal that was away has to prove itself again, for it may be another one")
  mutating func provesAgain() {
    story.beginValidation()
    story.fail(.validate, .portal, "the certificate is not from the expected authority")
    #expect(story.take().first?.hasPrefix("step 5 failed") == true)
    story.passUntilSending()
    #expect(story.inFlight[.anchor] != nil)
  }

  @Test("a step that failed and works again is done")
  mutating func recovers() {
    story.configure(.enroll(AgentStory.enrollment()))
    story.fail(.anchor, .name)
    story.passUntilSending()
    _ = story.take()
    story.connect(.anchor)
    story.answer(.anchor, 200, AgentStory.anchor)
    #expect(
      story.take().prefix(3) == ["step 3 done", "step 4 skipped", "step 5 running"])
  }

  @Test("differences are told one line each, nothing is used up, and it goes on by itself")
  mutating func differences() {
    story.beginValidation()
    let body =
      #"{"error":"differences","differences":["wan.mode: box dhcp, site static","dns: …"]}"#
    story.answer(.validate, 409, body)
    #expect(
      story.take() == [
        "step 6 failed: The settings differ from the site's.",
        "failed: wan.mode: box dhcp, site static | dns: … => "
          + "Change them here (2 Configure Gateway) or in the site; then it goes on by itself.",
      ])
    for _ in 1...3 {
      story.passUntilSending()
      #expect(story.inFlight[.validate] != nil)
      story.answer(.validate, 409, body)
    }
    #expect(story.take().allSatisfy { $0.hasPrefix("POST") })
    story.passUntilSending()
    story.answer(.validate, 200, #"{"gateway":"paris-gw-01"}"#)
    #expect(story.take().contains("step 6 done: paris-gw-01"))
  }

  @Test(
    "refusals end the activation with the portal's sentence and a remedy",
    arguments: [
      ("expired", "Ask the administrator of the portal for a new code or link."),
      ("used", "Ask the administrator of the portal for a new code or link."),
      ("replaced", "Use the newest code or link."),
      ("wrong-platform", "Use the code or link of a gateway of this model."),
      ("something", "Ask the administrator of the portal for a new code or link."),
    ])
  mutating func refusals(word: String, remedy: String) {
    story.beginValidation()
    story.answer(.validate, 403, #"{"error":"\#(word)","message":"This link is no good."}"#)
    #expect(
      story.take() == [
        "step 6 failed: This link is no good.",
        "failed for good: This link is no good. => \(remedy)",
      ])
    #expect(story.machine.deadline == nil)
  }

  @Test("the portal's texts are cut, and cannot move the cursor")
  mutating func hostileText() {
    story.beginValidation()
    let long = String(repeating: "x", count: 10_000)
    story.answer(.validate, 403, #"{"error":"expired","message":"\u001b[2J\u009b\#(long)"}"#)
    let text = story.take().joined()
    #expect(text.count < 1_000)
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
  }

  @Test("too many tries: the portal says how long to wait, within reason", arguments: [60, 0, -5])
  mutating func rateLimit(seconds: Int) {
    story.beginAnchor()
    story.answer(.anchor, 429, "", retryAfter: seconds)
    let wait = max(seconds, 1)
    #expect(story.take().last?.hasSuffix("The next try is in \(wait) s.") == true)
    #expect(story.machine.deadline == story.now + .seconds(wait))
  }

  @Test("an ill portal is asked again", arguments: [PortalCall.anchor, .validate, .enroll])
  mutating func illPortal(call: PortalCall) {
    switch call {
    case .validate: story.beginValidation()
    case .enroll: story.beginIssuing()
    default: story.beginAnchor()
    }
    for status in [500, 502, 503, 404, 400] {
      story.answer(call, status, "<html>")
      story.passUntilSending()
      #expect(story.inFlight[call] != nil, "\(status)")
    }
  }

  @Test("another try at once when a person asks for it, also after the end")
  mutating func retryNow() {
    story.beginAnchor { $0.privateKey = "KEY-1" }
    story.fail(.anchor)
    story.configure(.enroll(AgentStory.enrollment { $0.privateKey = "KEY-1" }))
    #expect(story.inFlight[.anchor] != nil)
    story.answer(.anchor, 404, #"{"error":"unknown"}"#)
    #expect(story.inFlight.isEmpty)
    story.configure(.enroll(AgentStory.enrollment { $0.privateKey = "KEY-1" }))
    #expect(story.inFlight[.anchor] != nil)
  }

  @Test("that the key is stored is no reason for another try after the end")
  mutating func storedAfterTheEnd() {
    story.beginAnchor()
    story.answer(.anchor, 404, #"{"error":"unknown"}"#)
    story.configure(.enroll(AgentStory.enrollment { $0.privateKey = "KEY-1" }))
    #expect(story.inFlight.isEmpty)
  }

  @Test("rest gives everything up")
  mutating func rest() {
    story.beginValidation()
    story.configure(.rest)
    #expect(story.inFlight.isEmpty)
    #expect(story.machine.deadline == nil)
  }

  @Test(
    "what cannot be an activation is said at once",
    arguments: [
      ("http://portal.example:8443", AgentStory.code), ("https://a/b", AgentStory.code),
      ("https://", AgentStory.code), ("https://a:99999", AgentStory.code),
      (AgentStory.portal, "ABCD"), (AgentStory.portal, "ABCDEFGHJKMNPQRA"),
    ])
  mutating func malformed(portal: String, code: String) {
    story.configure(
      .enroll(
        AgentStory.enrollment {
          $0.portal = portal
          $0.code = code
        }))
    #expect(story.take().last?.hasPrefix("failed for good:") == true)
    #expect(story.inFlight.isEmpty)
  }
}
