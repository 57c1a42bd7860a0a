import Messages
import Netlink
import Testing
import Wire

@testable import Verbs

/// The verb and its invocation, or the exit status of a refusal.
private func parse(_ line: String) -> (name: String, invocation: Invocation)? {
  let words = line.split(separator: " ").map { String($0) }
  guard case .verb(let verb, let invocation) = try? CommandLineTool.parse(words) else { return nil }
  return (verb.name, invocation)
}

@Test("options may stand before, between and behind the words of a verb")
func optionsAnywhere() {
  for line in [
    "--run-dir /x ha status --json", "ha --json status --run-dir /x",
    "ha status --run-dir /x --json",
  ] {
    let parsed = parse(line)
    #expect(parsed?.name == "ha status", "\(line)")
    #expect(parsed?.invocation.runDirectory == "/x" && parsed?.invocation.isJSON == true)
  }
}

@Test("the longest verb wins, the rest are operands")
func operands() {
  let parsed = parse("config apply file.json --confirm-within 30")
  #expect(parsed?.name == "config apply")
  #expect(parsed?.invocation.operands == ["file.json"])
  #expect(parsed?.invocation.options == ["--confirm-within": "30"])
}

@Test(
  "what makes no sense ends with exit status 2",
  arguments: [
    "bogus", "ha", "ha bogus", "status extra", "config check", "config check a b",
    "status --limit 3",
    "events --limit", "events --limit 0", "events --limit many", "wait nirvana", "--run-dir",
    "sessions --address 10.1.0", "sessions --port 70000",
  ])
func usage(line: String) {
  #expect(CommandLineTool.run(line.split(separator: " ").map { String($0) }) == 2)
}

@Test("every verb explains itself on one screen of 80 columns")
func help() {
  for verb in CommandLineTool.verbs {
    guard case .help(let text) = try? CommandLineTool.parse(verb.words + ["--help"]) else {
      Issue.record("\(verb.name) has no help")
      continue
    }
    #expect(text.contains("Exit status: 0"))
    #expect(text.split(separator: "\n").count <= 24)
  }
  let everything = CommandLineTool.verbs.map(\.help) + [CommandLineTool.help]
  for line in everything.joined(separator: "\n").split(separator: "\n") {
    #expect(line.count <= 80, "\(line)")
  }
}

@Test("without a supervisor a verb fails with status 1 and names the remedy")
func noSupervisor() {
  let error = #expect(throws: Refusal.self) {
    try ControlClient(runDirectory: "/nonexistent").ask(ControlRequest(.status))
  }
  guard case .failed(let text) = error else {
    Issue.record("not a failure")
    return
  }
  #expect(text.contains("start it") && !text.contains("\n"))
}

@Test("the overview of an active gateway fits 80 columns")
func overview() {
  var status = StatusDocument(
    gateway: "paris-gw-01", activation: "activated", state: "active",
    since: "2026-11-20T10:00:00.123Z")
  status.ha = HAStatus(
    role: "active", reason: "peer dead: 3 adverts and 4 heartbeats missed", term: 7,
    peer: HAPeer(
      state: "standby", seenMsAgo: 4.04, priority: 100, term: 7, faults: [],
      configurationAgrees: true, policyVersion: 42),
    link: HALinkState(
      carrier: true, encrypted: true, direct: false, heartbeatsSent: 1, heartbeatsReceived: 2),
    vrrp: [])
  status.policy = EnforcedPolicy(
    loaded: true, version: 42, hash: "sha256:00", appliedAt: "2026-11-20T09:00:00.000Z", error: "")
  status.roles = [RoleStatus(name: "vrrp", pid: 123, state: "running", restarts: 0)]
  #expect(
    StatusText.overview(status) == """
      gateway   paris-gw-01
      state     active since 2026-11-20T10:00:00Z
      because   peer dead: 3 adverts and 4 heartbeats missed
      peer      standby, heard 4.0 ms ago, priority 100, term 7
      link      carrier up, stream encrypted
      policy    version 42 since 2026-11-20T09:00:00Z

      role      state         pid      restarts
      vrrp      running       123      0
      """)
}

@Test("a filter finds a session by each of its addresses and ports, translated or not")
func sessionFilter() throws {
  var flow = Flow(
    tuple: FlowTuple(
      transport: .tcp, source: FlowAddress(IPv4Address(10, 1, 0, 5)),
      destination: FlowAddress(IPv4Address(192, 0, 2, 7)), sourcePort: 40_000, destinationPort: 80))
  flow.sourceNAT = Translation(address: FlowAddress(IPv4Address(203, 0, 113, 1)), port: 1_024)
  func accepts(_ options: [String: String]) throws -> Bool {
    try SessionVerbs.Filter(Invocation(options: options)).accepts(flow)
  }
  for address in ["10.1.0.5", "192.0.2.7", "203.0.113.1"] {
    #expect(try accepts(["--address": address]))
  }
  for port in ["40000", "80", "1024"] { #expect(try accepts(["--port": port])) }
  #expect(try accepts(["--proto": "tcp"]))
  #expect(try !accepts(["--address": "10.1.0.6"]))
  #expect(try !accepts(["--proto": "udp", "--port": "80"]))
  #expect(try !accepts(["--port": "81"]))
}
