import Policy
import Testing
import Wire

@testable import Verbs

@Suite struct PolicyOutputTests {
  private let policy = PolicyDocument(
    version: 42, zones: [Zone(name: "lan", ports: ["p1"]), Zone(name: "wan", ports: ["p2"])],
    services: [Service(name: "dns", entries: [.init(.udp, ports: [53...53])])],
    rules: [Rule(id: "out", tier: .allow, from: ["lan"], to: ["wan"], service: "any")])
  private let name = "r_19f79b1921bbcfff"

  @Test("a rule is shown with its name in the kernel and what it has judged")
  func counted() {
    let hits = PolicyHits(packets: [name: 12, "c_default_denied": 3])
    #expect(
      PolicyOutput(policy, [], hits).lines == [
        "version 42, epoch 43; what no rule allows is denied, 3 packets", "zone    lan: p1",
        "zone    wan: p2", "service dns: udp 53",
        "rule    out: allow lan -> wan, any; \(name), 12 packets",
      ])
  }

  @Test("without the kernel's word there are no counts")
  func uncounted() {
    let output = PolicyOutput(policy, ["odd"], nil)
    #expect(output.rules.first?.hits == nil && output.defaultDenied == nil)
    #expect(output.lines.first == "version 42, epoch 43; what no rule allows is denied")
    #expect(
      output.lines.suffix(2) == ["rule    out: allow lan -> wan, any; \(name)", "warning odd"])
  }

  @Test("mode, kill switch and quarantine are shown where there is anything to say")
  func containment() {
    var policy = policy
    policy.mode = .monitor
    policy.killSwitch.level = .red
    policy.quarantine = Quarantine(
      members: [
        .init(address: .v4(IPv4Address(10, 1, 0, 7)), until: 0, reason: "malware"),
        .init(address: .v4(IPv4Address(10, 1, 0, 8)), reason: "stolen"),
      ], allow: ["dns"])
    let hits = PolicyHits(packets: ["c_killed": 5, "c_quarantined": 6])
    #expect(
      PolicyOutput(policy, [], hits).lines.prefix(5) == [
        "version 42, epoch 43; what no rule allows would be denied (mode monitor)",
        "kill switch: red, 5 packets", "quarantine: closed but for dns, 6 packets",
        "member  10.1.0.7, ended at 1970-01-01T00:00:00.000Z: malware", "member  10.1.0.8: stolen",
      ])
  }

  @Test("schedules and what a group is not are shown, and with a rule the name of its schedule")
  func hours() throws {
    var policy = policy
    policy.complements = [Complement(name: "people", zone: "lan", not: ["cameras", "printers"])]
    policy.schedules = [
      Schedule(
        name: "never", days: [], from: 420, to: 1440,
        timeZone: try #require(TimeZone(named: "Europe/Paris"))),
      Schedule(
        name: "always", days: Schedule.Weekday.allCases, from: 0, to: 1440,
        timeZone: try #require(TimeZone(named: "UTC"))),
    ]
    policy.rules[0].schedule = "never"
    #expect(
      PolicyOutput(policy, [], nil).lines.dropFirst(3) == [
        "group   people in lan: not cameras, printers", "service dns: udp 53",
        "hours   never:  07:00-24:00 Europe/Paris; now shut",
        "hours   always: mon tue wed thu fri sat sun 00:00-24:00 UTC; now open",
        "rule    out: allow lan -> wan, any, schedule never; \(name)",
      ])
  }
}
