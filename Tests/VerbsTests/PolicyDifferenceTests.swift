import Policy
import Testing
import Wire

@testable import Verbs

@Suite("What policy diff prints") struct PolicyDifferenceTests {
  private static let net = IPPrefix("10.1.0.64/28")

  private static let old = PolicyDocument(
    version: 42, zones: [Zone(name: "lan", ports: ["p1"]), Zone(name: "wan", ports: ["p2"])],
    groups: [Group(name: "cameras", id: 12, zone: "lan", nets: [net].compactMap { $0 })],
    services: [
      Service(name: "dns", entries: [.init(.udp, ports: [53...53])]),
      Service(name: "web", entries: [.init(.tcp, ports: [80...80, 443...443])]),
    ],
    rules: [
      Rule(id: "names", tier: .allow, from: ["lan"], to: ["wan"], service: "dns"),
      Rule(id: "web", tier: .allow, from: ["lan"], to: ["wan"], service: "web"),
    ])

  private static func lines(_ change: (inout PolicyDocument) -> Void) -> [String] {
    var new = old
    change(&new)
    return PolicyDiffOutput(old, new, at: nil, nil).lines
  }

  @Test("nothing, whatever the order of lists")
  func nothing() {
    let lines = Self.lines { policy in
      policy.rules.reverse()
      policy.zones.reverse()
      policy.services[1].entries[0].ports.reverse()
    }
    #expect(lines == ["nothing differs"])
  }

  @Test("parts that come, go and change, then what that opens and closes")
  func everything() {
    let lines = Self.lines { policy in
      policy.version = 43
      policy.zones[1].ports.append("p3")
      policy.groups[0].nets += ["10.1.0.96/28", "fd00:1::40/122"].compactMap { IPPrefix($0) }
      policy.complements = [Complement(name: "people", zone: "lan", not: ["cameras"])]
      policy.services[1].entries[0].ports = [443...443, 8000...8010]
      policy.services.append(Service(name: "ping", entries: [.init(.icmp), .init(.icmpv6)]))
      policy.rules.removeFirst()
      policy.rules[0].from = ["people"]
      policy.rules[0].log = true
      policy.rules.append(
        Rule(id: "ping", tier: .guard, from: ["any"], to: ["wan"], service: "ping"))
    }
    #expect(
      lines == [
        "policy  ~ version: 42 -> 43", "zone    ~ wan: ports +p3",
        "group   ~ cameras: nets +10.1.0.96/28 +fd00:1::40/122",
        "group   + people: in lan: not cameras", "service ~ web: -tcp/80 +tcp/8000-8010",
        "service + ping: icmp, icmpv6", "rule    - names: allow lan -> wan, dns",
        "rule    ~ web: from -lan +people; log false -> true",
        "rule    + ping: guard any -> wan, ping",
        "opens   cameras, cameras (was lan), wan, wan (was in no zone) -> "
          + "wan, wan (was in no zone): icmp; icmpv6",
        "opens   rest of lan -> wan: icmp; tcp 8000-8010; icmpv6",
        "opens   rest of lan -> wan (was in no zone): icmp; tcp 443, 8000-8010; icmpv6",
        "closes  cameras, cameras (was lan) -> wan: tcp 80, 443; udp 53",
        "closes  rest of lan -> wan: tcp 80; udp 53",
      ])
  }

  @Test("what has no place in the rules: mode, levels, the quarantine and hours")
  func containment() throws {
    let zone = try #require(TimeZone(named: "Europe/Paris"))
    let lines = Self.lines { policy in
      policy.mode = .monitor
      policy.killSwitch = KillSwitch(
        level: .yellow, yellow: [.init(from: ["cameras"], to: ["any"], service: "any")])
      policy.quarantine = Quarantine(
        members: [
          .init(address: .v4(IPv4Address(10, 1, 0, 7)), until: 0, reason: "malware")
        ], allow: ["dns"])
      policy.schedules = [
        Schedule(name: "night", days: [.sat, .sun], from: 1320, to: 360, timeZone: zone)
      ]
      policy.rules[0].schedule = "night"
    }
    #expect(
      lines == [
        "policy  ~ mode: enforce -> monitor", "policy  ~ kill switch: green -> yellow",
        "policy  ~ kill switch, yellow: +(cameras -> any any)",
        "policy  ~ quarantine, allow: +dns",
        "hours   + night: sat sun 22:00-06:00 Europe/Paris",
        "rule    ~ names: schedule none -> night",
        "member  + 10.1.0.7: until 1970-01-01T00:00:00.000Z: malware",
        "closes  cameras -> wan: tcp 80, 443; udp 53", "closes  rest of lan -> wan: udp 53",
        "warning: mode monitor: what is closed is let through all the same, and logged",
      ])
  }

  @Test("people get the first hundred lines about connections")
  func bound() {
    let lines = Self.lines { policy in
      for index in 0..<120 {
        policy.services.append(
          Service(
            name: "s\(index)",
            entries: [.init(.sctp, ports: [UInt16(1 + 2 * index)...UInt16(1 + 2 * index)])]))
        let net = IPPrefix.v4(IPv4Prefix(IPv4Address(10, 2, 0, UInt8(index)), length: 32))
        policy.groups.append(
          Group(name: "g\(index)", id: UInt16(100 + index), zone: "wan", nets: [net]))
        policy.rules.append(
          Rule(
            id: "r\(index)", tier: .allow, from: ["lan"], to: ["g\(index)"], service: "s\(index)"))
      }
    }
    #expect(lines.count == 3 * 120 + 101)
    #expect(lines.last == "… and 20 more; --json has all of them")
  }
}
