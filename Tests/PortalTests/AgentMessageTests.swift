import HTTP
import JSON
import Testing

@testable import Portal

@Suite("What agents send")
struct AgentMessageTests {
  private func request(_ body: String) -> HTTPRequest {
    HTTPRequest(
      method: "POST", path: "/", headers: [HTTPField("Content-Type", "application/json")],
      body: Array(body.utf8))
  }

  @Test("a whole report is read")
  func report() throws {
    let report = try AgentMessages.report(
      request(
        """
        {"status": {"state": "active"},
         "applied": {"version": 3, "outcome": "verified", "reason": ""},
         "commandResults": [{"id": 4, "done": true, "text": "ok"},
                            {"id": "5", "done": false, "text": "why"}],
         "later": 1}
        """))
    #expect(report.status?["state"]?.string == "active")
    #expect(report.applied == AppliedDocument(version: 3, outcome: "verified", reason: ""))
    #expect(
      report.results == [
        CommandResult(id: 4, done: true, text: "ok"),
        CommandResult(id: 5, done: false, text: "why"),
      ])
  }

  @Test(
    "reports and events that are malformed are refused whole",
    arguments: [
      #"{"status": 1}"#, #"{"applied": {"version": 1, "outcome": "maybe"}}"#,
      #"{"commandResults": {}}"#, "[", "\"\"",
    ])
  func malformed(body: String) {
    #expect(throws: PortalError.self) { try AgentMessages.report(request(body)) }
    #expect(throws: PortalError.self) { try AgentMessages.events(request(body)) }
  }

  @Test(
    "times are read to the second",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-20T10:00:00.123Z", 1_795_168_800),
      ("2000-02-29T23:59:59Z", 951_868_799), ("2100-03-01T00:00:00.000Z", 4_107_542_400),
    ] as [(String, Int64)])
  func times(text: String, seconds: Int64) {
    #expect(Timestamp.seconds(text) == seconds)
  }

  @Test(
    "what is no time is none",
    arguments: [
      "", "Z", "2026-11-20", "2026-11-20T10:00:00", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
      "2026-01-01T00:00Z", "x-1-1T0:0:0Z", "1969-12-31T23:59:59Z", "2026-01-01T00:00:00.1.2Z",
    ])
  func noTimes(text: String) { #expect(Timestamp.seconds(text) == nil) }
}
