import Activation
import JSON
import Messages
import Testing
import Wire

@Suite("Service")
struct ServiceTests {
  private var story = AgentStory()

  private mutating func begin(clockIsSet: Bool = true) {
    story.configure(.serve(AgentStory.identity))
    status("1")
    story.answer(.status, 204)
    _ = story.take()
  }

  private mutating func status(_ value: String) {
    story.handle(.commanded(.status(document: Array(value.utf8))))
  }

  private mutating func events(_ numbers: ClosedRange<Int64>) {
    let list = JSONValue.array(numbers.map { .object([.init("number", .integer($0))]) })
    story.handle(.commanded(.events(list: list.canonical, last: numbers.upperBound)))
  }

  private func statusBody() -> JSONValue? {
    story.inFlight[.status].flatMap { try? JSONParser.parse($0.body) }
  }

  @Test("a quiet minute of an activated gateway reads like this")
  mutating func transcript() {
    story.configure(.serve(AgentStory.identity))
    status(#"{"state":"active"}"#)
    story.answer(.status, 204)
    events(11...12)
    story.answer(.events, 200, #"{"last":12}"#)
    story.answer(
      .poll, 200, #"{"version":4,"document":{"b":1,"a":2},"commands":[],"time":1800000000}"#)
    story.handle(.commanded(.applied(version: 4, outcome: .verified, reason: "")))
    story.pass(.seconds(1))
    story.answer(.status, 204)
    story.answer(.poll, 200, #"{"version":4,"commands":[{"id":"c1","verb":"switchover"}]}"#)
    story.handle(.commanded(.commandDone(id: "c1", done: true, text: "handed over")))
    story.pass(.seconds(1))
    story.answer(.status, 204)
    story.answer(.poll, 204)
    story.pass(.seconds(30))
    story.answer(.status, 204)
    let own = "as CERT(KEY-1)"
    #expect(
      story.take() == [
        "GET 8444/api/v3/agent/config?have=3 \(own)",
        "POST 8444/api/v3/agent/status \(own) "
          + #"{"applied":null,"commandResults":[],"status":{"state":"active"}}"#,
        "contact true",
        #"POST 8444/api/v3/agent/events \#(own) {"events":[{"number":11},{"number":12}]}"#,
        "delivered 12", #"document 4 {"a":2,"b":1}"#,
        "GET 8444/api/v3/agent/config?have=4 \(own)",
        "POST 8444/api/v3/agent/status \(own) "
          + #"{"applied":{"outcome":"verified","reason":"","version":4},"commandResults":[],"#
          + #""status":{"state":"active"}}"#,
        "command c1 switchover", "GET 8444/api/v3/agent/config?have=4 \(own)",
        "POST 8444/api/v3/agent/status \(own) "
          + #"{"applied":null,"commandResults":[{"done":true,"id":"c1","text":"handed over"}],"#
          + #""status":{"state":"active"}}"#,
        "GET 8444/api/v3/agent/config?have=4 \(own)",
        "POST 8444/api/v3/agent/status \(own) "
          + #"{"applied":null,"commandResults":[],"status":{"state":"active"}}"#,
      ])
  }

  @Test("a status goes up at each change, at most once a second")
  mutating func changes() {
    begin()
    status("2")
    #expect(story.inFlight[.status] == nil)
    story.pass(.milliseconds(500))
    status("3")
    story.pass(.milliseconds(499))
    #expect(story.inFlight[.status] == nil)
    story.pass(.milliseconds(1))
    #expect(statusBody()?["status"] == .number("3"))
    story.answer(.status, 204)
    story.pass(.seconds(5))
    #expect(story.inFlight[.status] == nil)
  }

  @Test("without a change, a status goes up every 30 seconds")
  mutating func silence() {
    begin()
    status("1")
    story.pass(.milliseconds(29_900))
    #expect(story.inFlight[.status] == nil)
    story.pass(.milliseconds(100))
    #expect(story.inFlight[.status] != nil)
  }

  @Test("each outcome of a document arrives, in order, one a status")
  mutating func outcomes() {
    begin()
    story.handle(.commanded(.applied(version: 4, outcome: .verified, reason: "")))
    story.handle(.commanded(.applied(version: 4, outcome: .failed, reason: "no carrier")))
    story.pass(.seconds(1))
    #expect(statusBody()?["applied"]?["outcome"]?.string == "verified")
    story.answer(.status, 500)
    story.passUntilSending()
    #expect(statusBody()?["applied"]?["outcome"]?.string == "verified")
    story.answer(.status, 204)
    story.pass(.seconds(1))
    #expect(statusBody()?["applied"]?["outcome"]?.string == "failed")
    #expect(statusBody()?["applied"]?["reason"]?.string == "no carrier")
    story.answer(.status, 204)
    story.pass(.seconds(30))
    #expect(statusBody()?["applied"] == .null)
  }

  @Test("events go up in order, a hundred at a time, and stay until the portal has them")
  mutating func manyEvents() throws {
    begin()
    events(11...250)
    for (first, last) in [(Int64(11), Int64(110)), (111, 210), (211, 250)] {
      let request = try #require(story.inFlight[.events])
      let sent = try JSONParser.parse(request.body)["events"]?.array ?? []
      #expect(sent.first?["number"]?.integer == first)
      #expect(sent.last?["number"]?.integer == last)
      story.answer(.events, 200, #"{"last":\#(last)}"#)
      #expect(story.take().contains("delivered \(last)"))
    }
    #expect(story.inFlight[.events] == nil)
  }

  @Test("events that come twice are sent once; those that the portal has not taken, again")
  mutating func eventsAgain() throws {
    begin()
    events(5...12)
    events(11...13)
    story.answer(.events, 200, #"{"last":11}"#)
    let request = try #require(story.inFlight[.events])
    let numbers = try JSONParser.parse(request.body)["events"]?.array?
      .compactMap { $0["number"]?.integer }
    #expect(numbers == [12, 13])
  }

  @Test("a portal that claims events it cannot have does not make us skip any")
  mutating func claims() {
    begin()
    events(11...12)
    story.answer(.events, 200, #"{"last":9999}"#)
    #expect(story.take().contains("delivered 12"))
  }

  @Test("what the portal cannot take is dropped, said loudly, and does not block the rest")
  mutating func poison() {
    begin()
    events(11...12)
    story.answer(.events, 400)
    #expect(story.takeLog() == ["error portal refuses events status=400: dropped"])
    #expect(story.inFlight[.events] == nil)
    status("2")
    story.pass(.seconds(1))
    story.answer(.status, 413)
    #expect(story.takeLog() == ["error portal refuses status status=413: dropped"])
    status("3")
    story.pass(.seconds(1))
    #expect(story.inFlight[.status] != nil)
  }

  @Test("a command that comes again is handed on once")
  mutating func commandsOnce() {
    begin()
    for _ in 1...3 {
      story.answer(.poll, 200, #"{"version":3,"commands":[{"id":"a","verb":"resume"}]}"#)
      story.pass(.seconds(1))
    }
    #expect(story.take().filter { $0.hasPrefix("command") } == ["command a resume"])
  }

  @Test("a document is handed on once, also one that is older than ours")
  mutating func documents() {
    begin()
    story.answer(.poll, 200, #"{"version":2,"document":{},"commands":[]}"#)
    #expect(story.inFlight[.poll]?.url.hasSuffix("have=2") == true)
    story.answer(.poll, 200, #"{"version":2,"document":{},"commands":[]}"#)
    story.pass(.seconds(1))
    #expect(story.take().filter { $0.hasPrefix("document") } == ["document 2 {}"])
  }

  @Test("a portal that answers polls at once with nothing is asked once a second")
  mutating func noCircle() {
    begin()
    let start = story.now
    var polls = 0
    while story.now - start < .seconds(10) {
      story.answer(.poll, 204)
      polls += 1
      while story.inFlight[.poll] == nil { story.pass(.milliseconds(100)) }
      if story.inFlight[.status] != nil { story.answer(.status, 204) }
    }
    #expect(polls == 10)
  }

  @Test("one failure may be an old connection; the second is told, with the reason")
  mutating func lost() {
    begin()
    story.fail(.poll, .portal, "closed")
    #expect(story.take() == [])
    story.pass(.milliseconds(500))
    story.fail(.status, .portal, "refused", "check the way")
    #expect(
      story.take().filter { $0.hasPrefix("contact") } == ["contact false: refused; check the way"])
  }

  @Test("while the portal is away one request at a time tries, at least every 36 seconds")
  mutating func away() {
    begin()
    story.fail(.poll)
    events(11...20)
    let start = story.now
    var tries = 0
    while story.now - start < .seconds(86_400) {
      let before = story.now
      story.passUntilSending()
      #expect(story.inFlight.keys.map(\.rawValue) == ["status"])
      #expect(story.now - before <= .seconds(36))
      story.fail(.status, .portal, "away")
      tries += 1
    }
    #expect((2_400...3_700).contains(tries))
    #expect(story.take().filter { $0.hasPrefix("contact") } == ["contact false: away"])
    story.passUntilSending()
    story.answer(.status, 204)
    #expect(Set(story.inFlight.keys) == [.poll, .events])
    #expect(story.take().suffix(3).first == "contact true")
  }

  @Test("a change of the reason is told")
  mutating func reasons() {
    begin()
    story.fail(.poll)
    for reason in ["a", "a", "b"] {
      story.passUntilSending()
      story.fail(.status, .portal, reason)
    }
    #expect(
      story.take().filter { $0.hasPrefix("contact") } == ["contact false: a", "contact false: b"])
  }

  @Test("a revoked gateway hears so, and asks less and less often", arguments: [410, 403])
  mutating func revoked(status: Int) {
    begin()
    story.answer(.poll, status)
    let contact = story.take().first { $0.hasPrefix("contact false") }
    #expect(contact?.contains(status == 410 ? "revoked" : "does not accept") == true)
    for _ in 1...12 {
      story.passUntilSending()
      story.answer(.status, status)
    }
    let before = story.now
    story.passUntilSending()
    #expect(story.now - before > .seconds(200))
    story.answer(.status, 204)
    #expect(story.take().contains("contact true"))
  }

  @Test("a portal that wants us to wait is given the time")
  mutating func retryAfter() {
    begin()
    story.answer(.poll, 503, "", retryAfter: 20)
    let before = story.now
    story.passUntilSending()
    #expect(story.now - before == .seconds(20))
  }

  @Test("the portal's time is taken only while the clock was never set")
  mutating func clock() {
    begin()
    let body = #"{"version":3,"commands":[],"time":1800000000}"#
    story.answer(.poll, 200, body)
    #expect(!story.take().contains { $0.hasPrefix("clock") })
    story.pass(.seconds(1))
    story.answer(.poll, 200, body, clockIsSet: false)
    #expect(story.take().contains("clock 1800000000"))
    story.pass(.seconds(1))
    story.answer(.poll, 200, #"{"version":3,"time":5}"#, clockIsSet: false)
    #expect(!story.take().contains { $0.hasPrefix("clock") })
  }

  @Test(
    "answers that are no JSON, or of another shape, do nothing",
    arguments: [
      "", "<html>", "[]", "{}", #"{"version":"4","document":{}}"#, #"{"version":4}"#,
      #"{"version":-4,"document":{}}"#, #"{"version":4,"document":[]}"#,
      #"{"commands":[{"id":true,"verb":"x"},{"verb":"x"},7]}"#,
    ])
  mutating func shapes(body: String) {
    begin()
    story.answer(.poll, 200, body)
    #expect(story.take() == [])
    story.pass(.seconds(1))
    #expect(story.inFlight[.poll] != nil)
  }

  @Test("what became of a command reaches the portal before the gateway forgets it")
  mutating func settles() {
    begin()
    story.answer(.poll, 200, #"{"version":3,"commands":[{"id":7,"verb":"factory-reset"}]}"#)
    story.handle(.commanded(.commandDone(id: "7", done: true, text: "")))
    _ = story.take()
    story.configure(.rest)
    #expect(statusBody()?["commandResults"]?.array?.first?["id"]?.string == "7")
    #expect(story.machine.deadline == story.now + .milliseconds(1_500))
    story.answer(.status, 204)
    #expect(story.take().suffix(1) == ["cancel poll"])
    #expect(story.machine.deadline == nil)
  }

  @Test("a portal that does not take it does not hold up the next task for long")
  mutating func settlesInTime() {
    begin()
    story.handle(.commanded(.commandDone(id: "7", done: true, text: "")))
    story.configure(.enroll(AgentStory.enrollment()))
    #expect(story.inFlight[.anchor] == nil)
    story.pass(.milliseconds(1_500))
    #expect(Set(story.inFlight.keys) == [.anchor])
  }

  @Test("the end waits for results, and for nothing else")
  mutating func leaves() {
    begin()
    story.handle(.commanded(.applied(version: 3, outcome: .applied, reason: "")))
    story.handle(.left)
    #expect(!story.take().contains("leave"))
    story.answer(.status, 204)
    #expect(story.take().last == "leave")
    story = AgentStory()
    begin()
    story.handle(.left)
    #expect(story.take() == ["cancel poll", "leave"])
    story.handle(.left)
    #expect(story.take() == ["leave"])
  }

  @Test("while the portal is away nothing waits for it")
  mutating func leavesAway() {
    begin()
    story.fail(.poll)
    story.handle(.commanded(.commandDone(id: "7", done: true, text: "")))
    story.handle(.left)
    #expect(story.take().last == "leave")
  }

  @Test("another proxy is used from then on, and at once while the portal is away")
  mutating func proxyChanges() {
    begin()
    story.fail(.poll)
    story.configure(.serve(AgentStory.identity), proxy: AgentStory.proxy)
    #expect(story.inFlight[.status]?.proxy == AgentStory.proxy)
  }

  @Test("a document that the supervisor could not keep is fetched again")
  mutating func fetchesAgain() {
    begin()
    story.answer(.poll, 200, #"{"version":4,"document":{},"commands":[]}"#)
    #expect(story.inFlight[.poll]?.url.hasSuffix("have=4") == true)
    _ = story.take()
    // The supervisor still has version 3: it took 4 back.
    story.configure(.serve(AgentStory.identity))
    #expect(story.take().first == "cancel poll")
    #expect(story.inFlight[.poll]?.url.hasSuffix("have=3") == true)
  }

  @Test("a newer document version from the supervisor does not interrupt anything")
  mutating func resumes() {
    begin()
    var identity = AgentStory.identity
    identity.documentVersion = 4
    identity.eventsDelivered = 99
    story.configure(.serve(identity))
    #expect(story.take() == [])
    identity.privateKey = "KEY-2"
    story.configure(.serve(identity))
    #expect(story.take().first == "cancel poll")
  }
}
