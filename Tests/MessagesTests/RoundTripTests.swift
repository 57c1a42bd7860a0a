import Messages
import Testing
import Wire

/// One message of each kind, with every field different from its neighbours.
private let reports: [Report] = [
  .ready,
  .refused(reason: "no such port"),
  .log(level: .notice, text: "backup -> active"),
  .event(EventReport(kind: "ha.role", text: "standby -> active", cause: "peer dead")),
  .vrrp(.roleChanged(RoleChange(role: .active, term: 7, reason: "peer dead"))),
  .vrrp(.answer(request: 3, done: false, text: "sync not ready")),
  .sync(.barrierDone(request: 9, applied: true, reason: "")),
  .policy(
    .status(
      PolicyStatus(
        loaded: true, version: 42, hash: [1, 2, 3], epoch: 43, appliedAt: 1_700_000_000, error: ""))
  ),
  .agent(.fetchProgress(octets: 5 << 32, total: 6 << 32)),
  .agent(.fetchEnded(reason: "the disk is full")),
]

@Test("the commands that fetch software survive encoding and decoding, whole only")
func fetchCommands() throws {
  for command in [
    Command.agent(.fetch(source: "portal:1.2.3", path: "/data/update/incoming/bundle")),
    .agent(.fetchCancel),
  ] {
    #expect(try Command(decoding: command.encoded) == command)
    for length in 0..<command.encoded.count {
      #expect(throws: WireError.self) {
        try Command(decoding: Array(command.encoded.prefix(length)))
      }
    }
  }
}

@Test("every message survives encoding and decoding", arguments: reports)
func roundTrip(report: Report) throws {
  #expect(try Report(decoding: report.encoded) == report)
}

@Test("every truncation of a message is an error, never a trap", arguments: reports)
func truncation(report: Report) {
  let octets = report.encoded
  for length in 0..<octets.count {
    #expect(throws: WireError.self) { try Report(decoding: Array(octets.prefix(length))) }
  }
}

@Test("an unknown tag and left-over octets are errors")
func malformed() {
  #expect(throws: WireError.invalid(offset: 0, value: 250)) { try Command(decoding: [250]) }
  #expect(throws: WireError.trailing(offset: 1, count: 1)) { try Command(decoding: [1, 0]) }
}
