import Glibc
import Policy
import Testing

/// `ZTB_POLICY_SEEDS` policies from `ZTB_POLICY_FIRST`, 100 packets each; 30 from 1 without.
private func number(_ name: String) -> Int? {
  unsafe getenv(name).flatMap { unsafe Int(String(cString: $0)) }
}

@Suite(
  "What the evaluator says is what the kernel does",
  .enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct KernelAgreementTests {
  /// Packets for each policy.
  private static let packets = 100
  /// Policies that are loaded one after another into one table, before there is a new one: the
  /// conntrack table fills.
  private static let policies = 100

  @Test("random policies, each loaded over the one before, and random packets")
  func agreement() throws {
    let first = max(1, number("ZTB_POLICY_FIRST") ?? 1)
    let seeds = first..<first + max(1, number("ZTB_POLICY_SEEDS") ?? 30)
    var tally = Tally()
    for start in stride(from: seeds.lowerBound, to: seeds.upperBound, by: Self.policies) {
      try OwnNamespace.run {
        let router = try PolicyRouter(RandomWorld.interfaces)
        for seed in start..<min(start + Self.policies, seeds.upperBound) {
          try Self.compare(seed: seed, router, &tally)
        }
        #expect(try !router.hasPrioritised())
      }
    }
    print(
      "\(tally.pairs) pairs from seed \(first), \(tally.allowed) allowed, "
        + "\(tally.translated) of them translated")
    // A test of denials alone would pass on a kernel that forwards nothing.
    #expect(tally.allowed * 10 > tally.pairs && tally.allowed * 2 < tally.pairs)
    #expect(tally.translated * 500 > tally.pairs)
  }

  private struct Tally {
    var pairs = 0
    var allowed = 0
    var translated = 0
  }

  private static func compare(
    seed: Int, _ router: PolicyRouter, _ tally: inout Tally
  ) throws {
    var world = RandomWorld(seed: UInt64(seed))
    let problems = world.policy.problems(interfaces: RandomWorld.interfaces)
    #expect(problems.isEmpty, "seed \(seed)")
    try router.load(world.policy, world.context, at: world.time)
    for _ in 0..<packets {
      let packet = world.packet()
      let (isVirtual, hasOptions) = (world.chance(), world.chance())
      let translated = world.translated(packet)
      let verdict = world.policy.evaluate(world.context.forwarded(packet), at: world.time)
      let passed = try router.forwards(
        packet, as: translated, byVirtualDevice: isVirtual, hasOptions: hasOptions)
      tally.translated += passed && translated != packet ? 1 : 0
      tally.pairs += 1
      tally.allowed += passed ? 1 : 0
      if passed != verdict.allowed {
        Issue.record(
          """
          seed \(seed): the evaluator says \(verdict), the kernel \
          \(passed ? "forwards" : "drops") (virtual device: \(isVirtual), options: \(hasOptions))
          \(packet)
          \(world.policy)
          \(world.context.forwards)
          """)
        return
      }
    }
  }
}
