/// Where a judged packet ends. Chains that only maps lead to cost a packet nothing, however many
/// there are.
extension Chains {
  /// What the kill switch closes.
  static let killed = "killed"
  /// What a member of the quarantine sends or is sent; comes back for a service that is excepted.
  static let quarantined = "quarantined"
  /// The one bound on what is logged, whichever rules do it.
  static let logLimit = "l_denied"

  var ok: Chain {
    Chain(
      name: "ok",
      rules: [
        "ct mark set ct mark and 0x00ffffff or \(Chains.mark(policy.epoch))", Chains.pass,
      ])
  }

  /// Where the verdict maps lead for a rule.
  func chain(of rule: Rule) -> Chain {
    let name = rule.kernelName
    return Chain(
      name: name,
      rules: rule.tier == .deny ? denial(name) : ["counter name \"\(name)\" goto ok"])
  }

  /// What rules or their absence deny; let through while the policy only monitors.
  func denial(_ counter: String) -> [String] {
    switch policy.mode {
    case .enforce: Chains.ending(counter, "deny \(counter)", "drop")
    case .monitor: Chains.ending(counter, "would deny \(counter)", "goto ok")
    }
  }

  var killedChain: Chain {
    Chain(name: Chains.killed, rules: Chains.ending(PolicyCompiler.killedCounter, "kill", "drop"))
  }

  var quarantinedChain: Chain {
    let excepted = Coverage(
      policy.services.filter { policy.quarantine.allow.contains($0.name) }.flatMap(\.entries))
    let whole = excepted.whole.map(\.rawValue).sorted().map { "meta l4proto \($0) return" }
    let ports = excepted.ports.sorted { $0.key.rawValue < $1.key.rawValue }.map {
      transport, ranges in
      let texts = ranges.map(PolicyCompiler.text)
      return "\(transport.name) dport { \(texts.joined(separator: ", ")) } return"
    }
    let end = Chains.ending(PolicyCompiler.quarantinedCounter, "quarantine", "drop")
    return Chain(name: Chains.quarantined, rules: whole + ports + end)
  }

  /// Counts, and logs to a group that nobody need read: a bounded copy, never the kernel's own log.
  private static func ending(_ counter: String, _ word: String, _ verdict: String) -> [String] {
    [
      "counter name \"\(counter)\"",
      "limit name \"\(logLimit)\" log prefix \"ztb \(word) \" group 5 snaplen 128", verdict,
    ]
  }
}
