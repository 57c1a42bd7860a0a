import Testing
import Wire

@testable import Policy

/// Quarantine, kill switch, guard rules and monitor mode.
@Suite struct ContainmentTests {
  private let laptop = IPv4Address(10, 1, 0, 10)
  private let camera = IPv4Address(10, 1, 0, 70)
  private let outside = IPv4Address(198, 51, 100, 9)

  private func verdict(
    _ policy: PolicyDocument, _ source: IPv4Address, _ number: UInt8, _ port: UInt16,
    to destination: IPv4Address? = nil, at time: Int64? = nil
  ) -> PolicyVerdict {
    policy.evaluate(
      PolicyPacket(
        inInterface: "ge2", outInterface: "ge3", source: .v4(source),
        destination: .v4(destination ?? outside), protocolNumber: number, port: port), at: time)
  }

  private static func changed(_ change: (inout PolicyDocument) -> Void) -> PolicyDocument {
    var policy = Sample.policy
    change(&policy)
    #expect(policy.problems(interfaces: ["ge2", "ge3"]).isEmpty)
    return policy
  }

  private static func guarding(
    _ policy: inout PolicyDocument, _ service: String, from: String = "lan"
  ) {
    policy.rules.append(
      Rule(id: "vital", tier: .guard, from: [from], to: ["wan"], service: service))
  }

  // MARK: Guard

  @Test("a deny does not take away what a guard rule allows")
  func guardBeatsDeny() {
    let policy = Self.changed { Self.guarding(&$0, "telnet", from: "cameras") }
    #expect(verdict(policy, camera, 6, 23).ruleID == "vital")
    #expect(verdict(policy, camera, 6, 23).allowed)
    #expect(verdict(policy, laptop, 6, 23).ruleID == "no-telnet")
    #expect(policy.warnings.isEmpty)
  }

  // MARK: Kill switch

  private static func pulled(_ level: KillSwitch.Level) -> PolicyDocument {
    changed { policy in
      let web = KillSwitch.Block(from: ["lan"], to: ["any"], service: "web")
      let everything = KillSwitch.Block(from: ["cameras"], to: ["wan"], service: "any")
      policy.killSwitch = KillSwitch(level: level, yellow: [web], orange: [everything])
      guarding(&policy, "ping")
    }
  }

  @Test("each level closes what the levels below it close, and what it names; red everything")
  func levels() {
    let web = { self.verdict(Self.pulled($0), self.laptop, 6, 443).allowed }
    let streams = { self.verdict(Self.pulled($0), self.camera, 17, 5000).allowed }
    #expect(KillSwitch.Level.allCases.map(web) == [true, false, false, false])
    #expect(KillSwitch.Level.allCases.map(streams) == [true, true, false, false])
    let red = verdict(Self.pulled(.red), laptop, 6, 23)
    #expect(red.decider == .killSwitch(.red) && red.ruleID == nil)
    #expect(verdict(Self.pulled(.yellow), laptop, 6, 443).decider == .killSwitch(.yellow))
  }

  @Test("a guard rule stays in force at every level")
  func guardUnderKillSwitch() {
    for level in KillSwitch.Level.allCases {
      for source in [laptop, camera] {
        #expect(verdict(Self.pulled(level), source, 1, 0).ruleID == "vital")
      }
    }
  }

  @Test("red needs no elements, and leaves no grace to replies")
  func redRuleset() {
    let text = PolicyCompiler.compile(Self.pulled(.red), Sample.context).text
    #expect(text.contains("\ngoto killed\n}"))
    #expect(!text.contains("goto deny_default") && !text.contains("@grace"))
    #expect(!text.contains("add element inet ztb pol "))
    let judges = JudgeNumbers(Self.pulled(.red).rules.sorted { $0.id < $1.id })
    let vital = judges[
      Rule(id: "vital", tier: .guard, from: [], to: [], service: "any").kernelName]
    #expect(text.contains("add element inet ztb pol_proto { 12 . 4002 . 1 : \(vital), "))
    // Rules keep their counters while they are out of force.
    #expect(PolicyCompiler.compile(Self.pulled(.red), Sample.context).ruleNames.count == 5)
    let orange = PolicyCompiler.compile(Self.pulled(.orange), Sample.context).text
    #expect(orange.contains("12 . 4002 : \(JudgeNumbers.killed)"))
  }

  @Test("what a pulled kill switch covers is no warning")
  func noWarning() {
    for level in KillSwitch.Level.allCases {
      #expect(Self.pulled(level).warnings.map(\.ruleID) == ["lan-ping"])
    }
  }

  // MARK: Quarantine

  private static func quarantining(
    until: Int64? = nil, allow: [String] = ["ping"]
  ) -> PolicyDocument {
    changed { policy in
      policy.quarantine = Quarantine(
        members: [
          .init(address: .v4(IPv4Address(10, 1, 0, 10)), until: until, reason: "malware"),
          .init(address: .v6(IPv6Address(high: 0xfd00 << 48, low: 7)), reason: "stolen"),
        ], allow: allow)
      guarding(&policy, "web")
    }
  }

  @Test("a member reaches nobody, not even by a guard rule, and nobody reaches it")
  func member() {
    let policy = Self.quarantining()
    #expect(verdict(policy, laptop, 6, 443).decider == .quarantine(.v4(laptop)))
    #expect(verdict(policy, camera, 17, 5000, to: laptop).decider == .quarantine(.v4(laptop)))
    #expect(verdict(policy, camera, 17, 5000).allowed)
  }

  @Test("what is excepted has a limit of its own")
  func tooManyExceptions() {
    var policy = Self.quarantining(allow: [])
    policy.quarantine.allow = ["many"]
    let ports = (0...UInt16(PolicyDocument.Limits.quarantineEntries)).map { $0 * 2...$0 * 2 }
    policy.services.append(
      Service(name: "many", entries: [.init(.tcp, ports: ports)]))
    #expect(policy.quarantineProblems().map(\.path) == ["quarantine.allow"])
    policy.services[policy.services.count - 1].entries[0].ports.removeLast()
    #expect(policy.quarantineProblems().isEmpty)
  }

  @Test("an excepted service is left to the rest of the policy, which may deny it")
  func exception() {
    #expect(verdict(Self.quarantining(), laptop, 1, 0).ruleID == "lan-ping")
    let policy = Self.quarantining(allow: ["telnet"])
    #expect(verdict(policy, laptop, 6, 23).ruleID == "no-telnet")
  }

  @Test("a membership ends by itself at its second")
  func expiry() {
    let policy = Self.quarantining(until: 1_000)
    #expect(!verdict(policy, laptop, 6, 443, at: 999).allowed)
    #expect(verdict(policy, laptop, 6, 443, at: 1_000).ruleID == "vital")
    #expect(!verdict(policy, laptop, 6, 443).allowed)
    #expect(
      PolicyCompiler.quarantine(policy, at: 940) == """
        flush set inet ztb members
        add element inet ztb members { 10.1.0.10 timeout 0d60s }
        flush set inet ztb members6
        add element inet ztb members6 { fd00::7 }

        """)
    #expect(!PolicyCompiler.quarantine(policy, at: 1_000).contains("10.1.0.10"))
    // The year 9999 is more than the kernel counts.
    #expect(
      PolicyCompiler.quarantine(Self.quarantining(until: 253_402_300_799), at: 0)
        .contains("timeout 36525d0s"))
  }

  @Test("members are stopped before anything is accepted for its epoch, replies before the grace")
  func order() throws {
    let text = PolicyCompiler.compile(Self.quarantining(), Sample.context).text
    let original = try #require(
      text.firstRange(of: "ct direction original ip saddr @members jump quarantined"))
    let current = try #require(text.firstRange(of: "jump current"))
    let reply = try #require(
      text.firstRange(
        of: "ct direction reply ip daddr @members counter name \"c_quarantined\" drop"))
    let grace = try #require(text.firstRange(of: "@grace"))
    #expect(original.lowerBound < current.lowerBound && current.lowerBound < reply.lowerBound)
    #expect(reply.lowerBound < grace.lowerBound)
    #expect(
      text.contains(
        """
        chain quarantined {
        meta l4proto 1 return
        ct state related meta l4proto { 1, 58 } counter name "c_quarantined" drop
        counter name "c_quarantined"
        limit name "l_denied" log prefix "ztb quarantine " group 5 snaplen 128
        ct mark set 0
        drop
        }
        """))
    let services = PolicyCompiler.compile(Self.quarantining(allow: ["web"]), Sample.context).text
    #expect(services.contains("tcp dport { 80, 443, 8000-8010 } return\nudp dport { 443 } return"))
    #expect(!PolicyCompiler.compile(Sample.policy, Sample.context).text.contains("@members"))
  }

  // MARK: Monitor

  @Test("monitor mode lets through what rules or their absence deny, and says so")
  func monitor() {
    let policy = Self.changed { $0.mode = .monitor }
    let telnet = verdict(policy, camera, 6, 23)
    #expect(telnet.allowed && telnet.wouldDeny && telnet.ruleID == "no-telnet")
    let unknown = verdict(policy, laptop, 6, 22)
    #expect(unknown.allowed && unknown.wouldDeny && unknown.decider == .byDefault)
    #expect(!verdict(policy, laptop, 6, 443).wouldDeny)
  }

  @Test("monitor mode lets nothing through that is untracked, quarantined or closed")
  func monitorStaysShut() {
    let policy = Self.changed { policy in
      policy.mode = .monitor
      policy.killSwitch = KillSwitch(
        level: .yellow, yellow: [.init(from: ["lan"], to: ["wan"], service: "web")])
      policy.quarantine.members = [.init(address: .v4(camera), reason: "odd")]
    }
    #expect(!verdict(policy, laptop, 6, 443).allowed)
    #expect(!verdict(policy, camera, 6, 22).allowed)
    for (number, destination) in [
      (UInt8(2), outside), (112, outside), (17, IPv4Address(239, 1, 1, 1)),
    ] {
      #expect(!verdict(policy, laptop, number, 0, to: destination).allowed)
    }
    let text = PolicyCompiler.compile(policy, Sample.context).text
    #expect(
      text.contains("ct state untracked counter name \"c_untracked\" drop\nmeta priority set 0"))
  }

  @Test("monitor mode counts and logs as ever, and then accepts")
  func monitorRuleset() {
    let text = PolicyCompiler.compile(Self.changed { $0.mode = .monitor }, Sample.context).text
    #expect(
      text.contains(
        """
        chain deny_default {
        counter name "c_default_denied"
        limit name "l_denied" log prefix "ztb would deny c_default_denied " group 5 snaplen 128
        goto ok
        }

        """))
    #expect(text.contains("chain killed {\ncounter name \"c_killed\"\nlimit"))
    #expect(text.contains("log prefix \"ztb kill \" group 5 snaplen 128\nct mark set 0\ndrop\n}"))
  }
}
