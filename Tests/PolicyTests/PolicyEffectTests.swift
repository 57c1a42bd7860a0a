import Testing
import Wire

@testable import Policy

@Suite("What a change opens and closes") struct PolicyEffectTests {
  /// Each effect on a line.
  private static func effects(
    of change: (inout PolicyDocument) -> Void, from old: PolicyDocument = Sample.policy
  ) -> [String] {
    var new = old
    change(&new)
    return new.effects(replacing: old, at: nil).map { effect in
      "\(effect.opens ? "opens" : "closes") \(effect.from.joined(separator: ", ")) -> "
        + "\(effect.to.joined(separator: ", ")): \(effect.services.joined(separator: "; "))"
    }
  }

  @Test("nothing, where only the version, a name or the tier's log differs")
  func nothing() {
    #expect(Self.effects { $0.version = 43 }.isEmpty)
    #expect(Self.effects { $0.rules[0].id = "another" }.isEmpty)
    // What another rule allows as well.
    #expect(Self.effects { $0.rules[0].from = ["lan", "cameras"] }.isEmpty)
  }

  @Test("a port more and one less, for those whose decision changes")
  func ports() {
    #expect(
      Self.effects { $0.services[0].entries[0].ports = [80...80, 8000...8020] } == [
        "opens rest of lan -> wan: tcp 8011-8020", "closes rest of lan -> wan: tcp 443",
      ])
  }

  @Test("a rule about a zone is about its groups; what a deny keeps shut is not opened")
  func rules() {
    #expect(
      Self.effects {
        $0.rules.append(Rule(id: "in", tier: .allow, from: ["wan"], to: ["lan"], service: "any"))
      } == ["opens wan -> lan: any but tcp 23"])
    #expect(
      Self.effects { $0.rules.removeAll { $0.id == "no-telnet" } } == [
        "opens cameras -> wan: tcp 23"
      ])
    #expect(
      Self.effects { $0.rules[1].tier = .deny }
        == ["closes lan -> wan: icmp"])
  }

  @Test("addresses that come into a group or leave it have the rules of another class")
  func groups() {
    let half = IPPrefix.v4(Sample.prefix("10.1.0.64/29"))
    #expect(
      Self.effects { $0.groups[0].nets = [half] } == [
        "closes rest of lan (was cameras) -> wan: "
          + "any but icmp; tcp 23, 80, 443, 8000-8010; udp 443"
      ])
    #expect(
      Self.effects {
        $0.groups[0].nets = [half]
        let other = IPPrefix.v4(Sample.prefix("10.1.0.72/29"))
        $0.groups.append(Group(name: "tv", id: 13, zone: "lan", nets: [other]))
        $0.rules[2].from.append("tv")
      }.isEmpty)
  }

  @Test("a port that changes its zone, and one that is in none any more")
  func zones() {
    #expect(
      Self.effects { $0.zones[0].ports.append("ge5") } == [
        "opens cameras (was in no zone) -> wan: any but tcp 23",
        "opens rest of lan (was in no zone) -> wan: icmp; tcp 80, 443, 8000-8010; udp 443",
      ])
    #expect(
      Self.effects { $0.zones[1].ports = [] } == [
        "closes cameras -> no zone (was wan): any but tcp 23",
        "closes rest of lan -> no zone (was wan): icmp; tcp 80, 443, 8000-8010; udp 443",
      ])
  }

  @Test("a kill switch closes what was open, and red everything but guard rules")
  func killSwitch() {
    let all = [
      "closes cameras -> wan: any but tcp 23",
      "closes rest of lan -> wan: icmp; tcp 80, 443, 8000-8010; udp 443",
    ]
    #expect(Self.effects { $0.killSwitch.level = .red } == all)
    #expect(
      Self.effects {
        $0.killSwitch = KillSwitch(
          level: .yellow, yellow: [.init(from: ["lan"], to: ["any"], service: "web")])
      } == [
        "closes lan -> wan: tcp 80, 443, 8000-8010; udp 443"
      ])
  }
}
