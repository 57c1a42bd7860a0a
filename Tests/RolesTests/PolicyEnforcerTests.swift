import Configuration
import Messages
import Testing
import Wire

@testable import Roles

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct PolicyEnforcerTests {
  /// `more` are further members of the policy, each with a comma behind it.
  private static func configuration(
    version: Int = 1, hash: UInt8 = 1, _ more: String = ""
  ) throws -> PolicyConfiguration {
    let document = try NodeNetworkTests.document(
      ("\"version\": 1, \"zones\": {}", "\"version\": \(version), \(more) \"zones\": {}"))
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
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(try Self.configuration(), at: .zero)
      try OwnNamespace.command("nft", "flush", "ruleset")
      #expect(enforcer.check(at: .zero) != nil)
      #expect(enforcer.check(at: .zero) == nil)
      #expect(enforcer.status.loaded)
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
      #expect(try granted().contains("0x08000000 timeout 3s"))
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

  @Test("the listing of the identity map is read in the order of its keys")
  func listing() {
    let text = "map loaded {\n elements = { 0x00000001 : 0x0000000b, 0x00000000 : 0x0000002a }\n}"
    #expect(PolicyEnforcer.words(text) == [42, 11])
    #expect(PolicyEnforcer.words("map loaded { }").isEmpty)
    #expect(PolicyEnforcer.words("elements = { 0x").isEmpty)
  }
}
