/// Where a judged packet ends. Chains that only maps lead to cost a packet nothing, however many
/// there are.
extension Chains {
  /// What is allowed.
  static let ok = "ok"
  /// What this version has judged already.
  static let current = "current"
  /// What a map has a number for, in `meta mark`.
  static let judged = "judged"
  /// What the kill switch closes.
  static let killed = "killed"
  /// What a member of the quarantine sends or is sent; comes back for a service that is excepted.
  static let quarantined = "quarantined"
  /// The bound on what is logged of denied packets, whichever rules do it.
  static let denialLimit = "l_denied"
  /// The bound on what is logged of allowed packets, which must not push the others out.
  static let permissionLimit = "l_allowed"

  /// The priority is that of the queue again: of a packet that the kernel knows nothing about.
  var okChain: Chain { Chain(name: Chains.ok, rules: Chains.stamping(stamp)) }

  private static func stamping(_ stamp: UInt32) -> [String] {
    ["ct mark set \(text(stamp))", "meta priority set 0", pass]
  }

  /// Only what was allowed carries a stamp; what has no entry has no mark either.
  var currentChain: Chain {
    Chain(name: Chains.current, rules: ["ct mark \(Chains.text(stamp)) \(Chains.pass)"])
  }

  /// ``okChain`` of ``Ruleset/deltas(from:)`` in between; without a stamp before, nothing is allowed.
  static func interimOK(_ stamp: UInt32?) -> Chain {
    Chain(name: ok, rules: stamp.map { stamping($0 | interimBit) } ?? [])
  }

  /// ``currentChain`` in between.
  static func interimCurrent(_ stamp: UInt32?) -> Chain {
    let rule = stamp.map { "ct mark and \(text(~interimBit)) == \(text($0)) \(pass)" }
    return Chain(name: current, rules: rule.map { [$0] } ?? [])
  }

  /// Beside a stamp: allowed between two rulesets.
  private static let interimBit: UInt32 = 1
  /// ``PolicyCompiler/movedMark(_:)``.
  static let movedBit: UInt32 = 2

  /// Every number has its place; the default is for a packet between two versions.
  var judgedChain: Chain {
    Chain(
      name: Chains.judged,
      rules: ["meta mark vmap @\(PolicyCompiler.ruleMap)", unjudged])
  }

  /// What becomes of a packet that no rule is about.
  var unjudged: String {
    "goto \(policy.killSwitch.level == .red ? Chains.killed : "deny_default")"
  }

  /// Where ``judgedChain`` leads for a rule.
  func chain(of rule: Rule) -> Chain {
    let name = rule.kernelName
    let rules =
      rule.tier == .deny
      ? denial(name, isLogged: rule.log)
      : Chains.ending(
        name, rule.log ? "allow \(name)" : nil, Chains.permissionLimit, ["goto ok"])
    return Chain(name: name, rules: rules)
  }

  /// What rules or their absence deny; let through while the policy only monitors.
  func denial(_ counter: String, isLogged: Bool = true) -> [String] {
    let (word, verdict) =
      policy.mode == .enforce ? ("deny", Chains.drop) : ("would deny", ["goto ok"])
    return Chains.ending(
      counter, isLogged ? "\(word) \(counter)" : nil, Chains.denialLimit, verdict)
  }

  var killedChain: Chain {
    Chain(
      name: Chains.killed,
      rules: Chains.ending(PolicyCompiler.killedCounter, "kill", Chains.denialLimit, Chains.drop))
  }

  var quarantinedChain: Chain {
    let excepted = policy.quarantineExceptions
    let whole = excepted.whole.map(\.rawValue).sorted().map { "meta l4proto \($0) return" }
    let ports = excepted.ports.sorted { $0.key.rawValue < $1.key.rawValue }.map {
      transport, ranges in
      let texts = ranges.map(PolicyCompiler.text)
      return "\(transport.name) dport { \(texts.joined(separator: ", ")) } return"
    }
    // An ICMP error belongs to a connection of others: it is dropped, and their stamp stays.
    let error =
      "ct state related meta l4proto { 1, 58 } "
      + "counter name \"\(PolicyCompiler.quarantinedCounter)\" drop"
    let end = Chains.ending(
      PolicyCompiler.quarantinedCounter, "quarantine", Chains.denialLimit, Chains.drop)
    return Chain(name: Chains.quarantined, rules: whole + ports + [error] + end)
  }

  /// Denies. Without its stamp, what the other end still sends is stale from now on.
  private static let drop = ["ct mark set 0", "drop"]

  /// Counts, logs where there is a word for it, and decides. The log is a group that nobody need
  /// read: a bounded copy, never the kernel's own.
  private static func ending(
    _ counter: String, _ word: String?, _ limit: String, _ verdict: [String]
  ) -> [String] {
    let log = word.map {
      "limit name \"\(limit)\" log prefix \"ztb \($0) \" group 5 snaplen 128"
    }
    return ["counter name \"\(counter)\"", log].compactMap { $0 } + verdict
  }
}
