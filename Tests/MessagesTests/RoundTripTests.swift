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
  .neighbour(text: "paris-gw-02, port ge4", mac: MACAddress(0x5254_0012_3456)),
  .neighbour(text: "", mac: nil),
  .paths([
    PathCheckResult(name: "isp", isUp: true, text: "answer in 0.4 ms"),
    PathCheckResult(name: "web", isUp: false, text: "status 503 in 2.0 ms"),
  ]), .probe(ProbeReport(isArrival: true, outage: .microseconds(1_400), lost: 1)),
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

@Test("the commands of path checks and drills survive encoding and decoding, whole only")
func watchCommands() throws {
  let order = PathCheckOrder(
    name: "isp", kind: .icmp, target: "203.0.113.254", interval: .seconds(1),
    timeout: .milliseconds(500), fall: 3, rise: 2)
  let probe = ProbeConfiguration(
    port: "ge2", device: "vr4-ge2-77", nodeAddress: IPv4Address(10, 1, 0, 2),
    virtualAddress: IPv4Address(10, 1, 0, 1), virtualMAC: .virtualRouterIPv4(77))
  for command in [
    Command.configure(.checks(PathCheckConfiguration(checks: [order]))),
    .configure(.probe(probe)), .vrrp(.checks([CheckState(name: "isp", isUp: false, weight: 40)])),
    .vrrp(.drill(request: 4, dryRun: true)),
    .policy(
      .hosts([
        LANHost(
          interface: "ge2", mac: MACAddress(7), address: IPv4Address(10, 1, 0, 7), name: "seven")
      ])),
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
