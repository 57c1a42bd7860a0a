import Configuration
import Messages
import Testing
import Wire

@testable import Roles

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct PolicyEnforcerTests {
  /// `more` are further members of the policy, each with a comma behind it.
  static func configuration(
    version: Int = 1, hash: UInt8 = 1, _ more: String = "", zones: String = "{}"
  ) throws -> PolicyConfiguration {
    let document = try NodeNetworkTests.document(
      ("\"version\": 1, \"zones\": {}", "\"version\": \(version), \(more) \"zones\": \(zones)"))
    return PolicyConfiguration(
      document: document.canonical, appliedHash: [UInt8](repeating: hash, count: 32))
  }

  @Test("a policy is loaded, proved, and reported with version, hash and epoch")
  func load() throws {
    try OwnNamespace.run {
      let enforcer = try PolicyEnforcer()
      #expect(!enforcer.status.loaded)
      try enforcer.configure(try Self.configuration(version: 42), at: .zero)
      #expect(enforcer.status.loaded && enforcer.status.error.isEmpty)
      #expect(enforcer.status.version == 42 && enforcer.status.epoch == 43)
      #expect(enforcer.status.hash == [UInt8](repeating: 1, count: 32))
      #expect(enforcer.deadline == Instant.zero + PolicyEnforcer.checkInterval)
      #expect(enforcer.check(at: .zero) == nil)
    }
  }

  @Test("a ruleset that somebody flushed is found missing and loaded again")
  func repair() throws {
    try OwnNamespace.run {
      let nftables = try Nftables()
      var current = ""
      let enforcer = try PolicyEnforcer(awaitPackets: {
        current = (try? nftables.run("list chain inet ztb current")) ?? ""
      })
      try enforcer.configure(try Self.configuration(), at: .zero)
      try OwnNamespace.command("nft", "flush", "ruleset")
      #expect(enforcer.check(at: .zero) != nil)
      // The connections are there still, and pass from the first of the two transactions on.
      #expect(current.contains("0x02000000"))
      #expect(enforcer.check(at: .zero) == nil)
      #expect(enforcer.status.loaded)
    }
  }

  @Test("a chain that somebody emptied or added to is found, but not at each of many changes")
  func touched() throws {
    try OwnNamespace.run {
      let nftables = try Nftables()
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(try Self.configuration(), at: .zero)
      // But for the grace, which a repair gives and the kernel ends.
      let content = {
        try nftables.run("list table inet ztb").split(separator: "\n").filter {
          !$0.contains(" timeout 3s ")
        }
      }
      let whole = try content()
      for change in ["flush chain inet ztb forward", "insert rule inet ztb forward accept"] {
        try nftables.run(change)
        let now = (enforcer.deadline ?? .zero) + PolicyEnforcer.checkInterval
        #expect(
          enforcer.check(at: now)
            == .repaired("the ruleset was touched by another program and is loaded again"))
        #expect(enforcer.check(at: now + PolicyEnforcer.checkInterval) == nil)
        #expect(try content() == whole)
        try nftables.run("add table inet other")
        #expect(enforcer.check(at: now + .milliseconds(20)) == nil)
      }
    }
  }

  @Test("the guard stays where somebody flushes everything, and goes with its owner")
  func guardian() throws {
    try OwnNamespace.run {
      var enforcer: PolicyEnforcer? = try PolicyEnforcer()
      try enforcer?.configure(try Self.configuration(), at: .zero)
      #expect(enforcer?.status.error == "")
      try OwnNamespace.command("nft", "flush", "ruleset")
      let nftables = try Nftables()
      #expect(try nftables.run("list tables") == "table inet ztb_guard\n")
      #expect(throws: NftablesError.self) { try nftables.run("delete table inet ztb_guard") }
      #expect(enforcer?.check(at: .zero) != nil)
      #expect(try nftables.run("list tables") == "table inet ztb_guard\ntable inet ztb\n")
      enforcer = nil
      #expect(try nftables.run("list tables") == "table inet ztb\n")
    }
  }

  @Test("packets are followed until their time is over, one trace in place of another")
  func follow() throws {
    try OwnNamespace.run {
      let nftables = try Nftables()
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(try Self.configuration(), at: .zero)
      let now = Instant.zero + PolicyEnforcer.checkInterval
      var traces = [(UInt32(1), "10.1.0.5", "198.51.100.9", UInt8(6), UInt16(443))]
      traces += [(2, "10.1.0.5", "198.51.100.9", 47, 0), (3, "fd00:1::5", "fd00:2::9", 17, 53)]
      for (number, from, to, transport, port) in traces {
        let source = try #require(IPAddress(from))
        let destination = try #require(IPAddress(to))
        let trace = PacketTrace(
          number: number, source: source, destination: destination, protocolNumber: transport,
          port: port, duration: 3)
        try enforcer.follow(trace, at: now)
        let table = try nftables.run("list table inet ztb_trace")
        #expect(table.contains("counter t_\(number) {"))
        #expect(table.contains("saddr \(from) ") && table.contains("daddr \(to) "))
        #expect(table.contains("dport \(port) ") == (port != 0))
        #expect(table.contains("limit rate 20/second burst 20 packets meta nftrace set 1"))
        #expect(!table.contains("counter t_\(number - 1) {"))
      }
      try enforcer.endTrace(at: now + .seconds(2))
      #expect(enforcer.traceEnd == now + .seconds(3))
      try enforcer.endTrace(at: now + .seconds(3))
      #expect(enforcer.traceEnd == nil)
      #expect(!(try nftables.run("list tables").contains("trace")))
      // Nothing of it looks like somebody else's.
      #expect(enforcer.check(at: now + PolicyEnforcer.checkInterval) == nil)
    }
  }

  @Test("a change of any ruleset brings the next look near, never puts it off")
  func suspicion() throws {
    try OwnNamespace.run {
      let enforcer = try PolicyEnforcer()
      enforcer.suspect(at: .zero)
      #expect(enforcer.deadline == nil)
      try enforcer.configure(try Self.configuration(), at: .zero)
      enforcer.suspect(at: .zero)
      #expect(enforcer.deadline == Instant.zero + PolicyEnforcer.suspicion)
      enforcer.suspect(at: Instant.zero + .seconds(5))
      #expect(enforcer.deadline == Instant.zero + PolicyEnforcer.suspicion)
    }
  }

  @Test("other content under the same version is refused, and the last policy stays")
  func sameVersion() throws {
    try OwnNamespace.run {
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(try Self.configuration(version: 2, hash: 1), at: .zero)
      #expect(throws: PolicyRefusal.self) {
        try enforcer.configure(try Self.configuration(version: 2, hash: 2), at: .zero)
      }
      // The same epoch: what it closes would not be judged again.
      #expect(throws: PolicyRefusal.self) {
        try enforcer.configure(try Self.configuration(version: 257, hash: 2), at: .zero)
      }
      #expect(enforcer.status.hash.first == 1)
      #expect(enforcer.check(at: .zero) == nil)
      try enforcer.configure(try Self.configuration(version: 3, hash: 2), at: .zero)
      #expect(enforcer.status.version == 3)
    }
  }

  @Test("a change or a promotion accepts the epoch before in reply direction for a moment")
  func grace() throws {
    try OwnNamespace.run {
      let nftables = try Nftables()
      let granted = { try nftables.run("list set inet ztb grace") }
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(try Self.configuration(version: 7), at: .zero)
      #expect(try !granted().contains("0x"))
      enforcer.promoted()
      #expect(try granted().contains("0x07000000 timeout 3s"))
      try enforcer.configure(try Self.configuration(version: 9, hash: 2), at: .zero)
      // The one before that keeps its own moment.
      #expect(try granted().contains("0x08000000 timeout 3s") && granted().contains("0x07000000"))
      // A restarted process learns the epoch from the kernel.
      let next = try PolicyEnforcer()
      try next.configure(try Self.configuration(version: 20, hash: 3), at: .zero)
      #expect(try granted().contains("0x0a000000 timeout 3s"))
    }
  }

  @Test("a table of an older build with other types is replaced")
  func olderBuild() throws {
    try OwnNamespace.run {
      try Nftables().run(
        "add table inet ztb\nadd map inet ztb pol_any { type mark : mark; }\n")
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(try Self.configuration(), at: .zero)
      #expect(enforcer.status.loaded)
    }
  }

  @Test("a rule's counter outlives other versions with that rule, and goes with the rule")
  func counters() throws {
    func rules(_ ids: String...) -> String {
      let rules = ids.map {
        "{\"id\": \"\($0)\", \"tier\": \"deny\", \"from\": [\"any\"], \"to\": [\"any\"],"
          + " \"service\": \"any\"}"
      }
      return "\"rules\": [\(rules.joined(separator: ", "))],"
    }
    let (kept, gone) = ("r_af63dc4c8601ec8c", "r_af63df4c8601f1a5")
    try OwnNamespace.run {
      let nftables = try Nftables()
      // As if seven packets had come.
      try nftables.run(
        "add table inet ztb\nadd counter inet ztb \(kept) { packets 7 bytes 700 }\n")
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(try Self.configuration(version: 1, rules("a", "b")), at: .zero)
      #expect(try nftables.run("list counter inet ztb \(kept)").contains("packets 7 bytes 700"))
      #expect(try nftables.run("list chain inet ztb \(gone)").contains("ztb deny \(gone) "))
      try enforcer.configure(try Self.configuration(version: 2, rules("a")), at: .zero)
      #expect(try nftables.run("list counter inet ztb \(kept)").contains("packets 7 bytes 700"))
      for object in ["chain", "counter"] {
        #expect(throws: NftablesError.self) {
          try nftables.run("list \(object) inet ztb \(gone)")
        }
      }
      #expect(enforcer.check(at: .zero) == nil && enforcer.status.error.isEmpty)
    }
  }

  @Test("the second load is the difference, unless somebody touched any ruleset")
  func ways() throws {
    try OwnNamespace.run {
      let nftables = try Nftables()
      let enforcer = try PolicyEnforcer()
      func configure(_ version: Int) throws -> PolicyEnforcer.Way {
        let configuration = try Self.configuration(version: version, hash: UInt8(version))
        try enforcer.configure(configuration, at: .zero)
        #expect(enforcer.status.loaded && enforcer.status.error.isEmpty)
        return enforcer.lastLoad.way
      }
      #expect(try configure(1) == .whole)
      #expect(try configure(2) == .delta)
      // A transaction of nothing is none: what the kernel holds is known as before.
      #expect(try configure(2) == .delta)
      // The grace of a promotion is the enforcer's own.
      enforcer.promoted()
      #expect(try configure(3) == .delta)
      try nftables.run("add table inet other")
      #expect(try configure(4) == .whole)
      #expect(try configure(5) == .delta)
      try nftables.run("flush chain inet ztb forward")
      enforcer.promoted()
      #expect(try configure(6) == .whole)
      #expect(try nftables.run("list chain inet ztb forward").contains("jump current"))
      try OwnNamespace.command("nft", "flush", "ruleset")
      #expect(enforcer.check(at: .zero) != nil)
      #expect(enforcer.lastLoad.way == .whole)
      #expect(try configure(7) == .delta)
    }
  }

  /// A wall clock that a test sets.
  private final class Clock {
    var time: Int64 = 1_795_888_800  // 2026-11-28T18:00:00Z
  }

  @Test(
    "members of the quarantine are in the kernel as long as they count, whatever the clock does")
  func quarantine() throws {
    let quarantine = """
      "quarantine": {"members": [{"address": "10.1.0.7", "until": "2026-11-28T18:01:00Z",
        "reason": "a"}, {"address": "fd00:1::7", "reason": "b"}], "allow": []},
      """
    try OwnNamespace.run {
      let nftables = try Nftables()
      let clock = Clock()
      let enforcer = try PolicyEnforcer(wallClock: { clock.time })
      let isMember = {
        #expect(try nftables.run("list set inet ztb members6").contains("fd00:1::7"))
        return try nftables.run("list set inet ztb members").contains(
          "10.1.0.7 timeout 60s expires")
      }
      try enforcer.configure(try Self.configuration(version: 1, quarantine), at: .zero)
      #expect(try isMember())
      // Time that passes on both clocks changes nothing here: the kernel counts.
      clock.time += 100
      #expect(enforcer.check(at: .zero + .seconds(100)) == nil)
      #expect(try isMember())
      // A clock that was set does, to and fro.
      #expect(enforcer.check(at: .zero) == nil)
      #expect(try !isMember())
      clock.time -= 100
      #expect(enforcer.check(at: .zero) == nil)
      #expect(try isMember())
      // A later version without them has none.
      try enforcer.configure(try Self.configuration(version: 2, hash: 2), at: .zero)
      #expect(try !nftables.run("list set inet ztb members").contains("10.1.0.7"))
      #expect(enforcer.status.error.isEmpty)
    }
  }

  @Test("rules come and go with their hours, and who was judged under others is judged again")
  func schedules() throws {
    let policy = """
      "schedules": {"office": {"days": ["sat"], "from": "19:00", "to": "19:01",
                               "timeZone": "Europe/Paris"}},
      "rules": [{"id": "a", "tier": "allow", "from": ["any"], "to": ["any"], "service": "any",
                 "schedule": "office"}],
      """
    try OwnNamespace.run {
      let nftables = try Nftables()
      let clock = Clock()
      clock.time -= 30
      let enforcer = try PolicyEnforcer(wallClock: { clock.time })
      let state = {
        let isInForce = try nftables.run("list map inet ztb pol_any").contains("elements")
        return (isInForce, try nftables.run("list ruleset").contains("0x02001000"))
      }
      let zones = "{\"lan\": {\"ports\": [\"ge2\"]}}"
      try enforcer.configure(
        try Self.configuration(version: 1, policy, zones: zones), at: .zero)
      #expect(try state() == (false, false))
      #expect(enforcer.followSchedules(at: .zero) == nil)
      // Not the usual look: the hour strikes before that.
      clock.time += 29
      let before = Instant.zero + .seconds(29)
      #expect(enforcer.check(at: before) == nil)
      #expect(enforcer.deadline == before + .seconds(1))
      #expect(enforcer.followSchedules(at: before) == nil)
      clock.time += 1
      let open = Instant.zero + .seconds(30)
      #expect(enforcer.followSchedules(at: open) == .followed("open schedules: office"))
      #expect(try state() == (true, true))
      #expect(try nftables.run("list set inet ztb grace").contains("0x02000000 timeout 3s"))
      #expect(enforcer.followSchedules(at: open) == nil)
      #expect(enforcer.check(at: open) == nil && enforcer.status.error.isEmpty)
      clock.time += 60
      let shut = open + .seconds(60)
      #expect(enforcer.followSchedules(at: shut) == .followed("open schedules: none"))
      #expect(try state() == (false, false))
      // A clock that was set is followed, too.
      clock.time -= 60
      #expect(enforcer.followSchedules(at: shut) == .followed("open schedules: office"))
      #expect(enforcer.check(at: shut) == nil && enforcer.status.version == 1)
      // A peer whose clock goes otherwise has judged under other hours, under the same epoch.
      let granted = { try nftables.run("list set inet ztb grace").contains("0x02000000") }
      try nftables.run("flush set inet ztb grace")
      enforcer.promoted()
      #expect(try granted())
      // So has this node, when a document comes with the hour.
      try nftables.run("flush set inet ztb grace")
      clock.time += 60
      try enforcer.configure(
        try Self.configuration(version: 1, policy, zones: zones), at: shut + .seconds(60))
      #expect(try state() == (false, false) && granted())
    }
  }

  @Test("every mode and level is taken by the kernel", arguments: ["enforce", "monitor"])
  func modesAndLevels(_ mode: String) throws {
    let block = "[{\"from\": [\"any\"], \"to\": [\"any\"], \"service\": \"web\"}]"
    try OwnNamespace.run {
      let enforcer = try PolicyEnforcer()
      for (index, level) in ["green", "yellow", "orange", "red"].enumerated() {
        let policy = """
          "mode": "\(mode)",
          "services": {"web": [{"proto": "tcp", "ports": ["80", "8000-8010"]}, {"proto": "sctp"},
                               {"proto": "udp", "ports": ["443"]}]},
          "rules": [{"id": "vital", "tier": "guard", "from": ["any"], "to": ["any"], "service": "web"}],
          "quarantine": {"members": [{"address": "10.1.0.7", "reason": "a",
                                      "until": "9999-12-31T23:59:59Z"}], "allow": ["web"]},
          "killSwitch": {"level": "\(level)", "levels": {"yellow": \(block)}},
          """
        try enforcer.configure(
          try Self.configuration(
            version: index + 1, hash: UInt8(index), policy,
            zones: "{\"lan\": {\"ports\": [\"ge2\"]}, \"wan\": {\"ports\": [\"ge3\"]}}"), at: .zero)
        #expect(enforcer.status.loaded && enforcer.status.error.isEmpty)
      }
    }
  }

  @Test("the listing of the identity map is read in the order of its keys")
  func listing() {
    let text = "map loaded {\n elements = { 0x00000001 : 0x0000000b, 0x00000000 : 0x0000002a }\n}"
    #expect(PolicyEnforcer.words(text) == [42, 11])
    #expect(PolicyEnforcer.words("map loaded { }").isEmpty)
    #expect(PolicyEnforcer.words("elements = { 0x").isEmpty)
  }
}
