import Testing
import Wire

@testable import Policy
@testable import Roles

@Suite(
  "What a delta leaves in the kernel is what a whole load does",
  .enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct DeltaAgreementTests {
  private static let steps = 40

  @Test("random policies, each by its difference from the one before")
  func agreement() throws {
    try OwnNamespace.run {
      let nftables = try Nftables()
      var before: Ruleset?
      var octets = (delta: 0, whole: 0)
      var steps = 0
      for step in 1...Self.steps {
        let ruleset = Self.ruleset(step)
        let texts = before.map { ruleset.deltas(from: $0) } ?? [ruleset.text]
        for text in texts { try nftables.run(text) }
        steps += texts.count
        let byDelta = try Self.content(nftables)
        try nftables.removeTable()
        try nftables.run(ruleset.text)
        let byWhole = try Self.content(nftables)
        #expect(byDelta.count > 40)
        let different = byDelta.symmetricDifference(byWhole)
        #expect(different.isEmpty, "step \(step)")
        octets = (
          octets.delta + texts.reduce(0) { $0 + $1.utf8.count },
          octets.whole + ruleset.text.utf8.count
        )
        before = ruleset
      }
      // Most have other ranges, some have not.
      #expect(steps > Self.steps + 10 && steps < 2 * Self.steps)
      // A difference that said everything would pass.
      #expect(octets.delta * 4 < octets.whole * 3)
    }
  }

  /// Random, and every other one a small change of the one before.
  private static func ruleset(_ step: Int) -> Ruleset {
    var random = SplitMix64(UInt64(step))
    var policy = RandomWorld(seed: UInt64(1000 + step / 2)).policy
    policy.version = UInt32(step)
    policy.killSwitch.level = random.pick([.green, .green, .yellow, .orange, .red])
    policy.killSwitch.yellow = [.init(from: ["any"], to: ["any"], service: "s0")]
    policy.mode = random.pick([.enforce, .monitor])
    if random.pick([true, false]) {
      policy.quarantine.members = [
        .init(address: .v4(IPv4Address(10, 0, 0, 1)), reason: "the test says so")
      ]
      policy.quarantine.allow = ["s1"]
    }
    if step % 2 == 1, !policy.rules.isEmpty { policy.rules.removeFirst() }
    if step % 3 == 1, !policy.groups.isEmpty { policy.groups[0].nets.removeFirst() }
    let context = PolicyContext(
      interfaces: RandomWorld.interfaces.map { .init(name: $0) }, addresses: [],
      managementPort: "none", link: nil, translations: [],
      helpers: step % 5 == 0 ? [.ftp] : step % 5 == 1 ? [.ftp, .sip, .tftp] : [],
      hash: [UInt8](repeating: UInt8(step), count: 32))
    return PolicyCompiler.compile(policy, context)
  }

  /// Every line of the table in its place, whatever the order of chains and elements.
  private static func content(_ nftables: Nftables) throws -> Set<String> {
    var (block, number) = ("", 0)
    var found: Set<String> = []
    for line in try nftables.run("list table \(PolicyCompiler.table)").split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      // Of the table or of a block, by the order of blocks.
      if words == ["}"] { continue }
      if words.last == "{" { (block, number) = (words.joined(separator: " "), 0) }
      let isOrdered = block.hasPrefix("chain")
      for part in words.joined(separator: " ").split(separator: ", ") {
        let text = ["elements = { ", " }", ","].reduce(String(part)) {
          $0.replacing($1, with: "")
        }
        found.insert(isOrdered ? "\(block) \(number) \(text)" : "\(block) \(text)")
        number += 1
      }
    }
    return found
  }
}
