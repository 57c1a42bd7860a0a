/// A rule that decides nothing: all that it is about was decided by others, the stronger tier
/// first and among equals by identifier.
public struct PolicyWarning: Hashable, Sendable {
  /// The rule.
  public let ruleID: String
  /// The rules that decided, by identifier; empty when the rule is about nothing at all.
  public let decidedBy: [String]

  /// One sentence that names both.
  public var text: String {
    decidedBy.isEmpty
      ? "rule \(ruleID) is about nothing: there is no zone"
      : "rule \(ruleID) changes nothing: \(decidedBy.joined(separator: ", ")) decided before it"
  }
}

extension PolicyDocument {
  /// Rules that decide nothing, in the document's order, the first ``Limits/warnings`` of them, while
  /// the kill switch is not pulled. A rule with a schedule is compared with those that always count
  /// and those of its own schedule. To be asked of a policy without problems.
  public var warnings: [PolicyWarning] {
    var policy = self
    policy.killSwitch.level = .green
    // Without a schedule, and with each.
    let matrices = Dictionary(
      uniqueKeysWithValues: Set(rules.map(\.schedule)).map { schedule in
        let part = policy.having { $0.schedule == nil || $0.schedule == schedule }
        return (schedule, PolicyMatrix(part))
      })
    let effective = matrices.mapValues(\.decidingRules)
    return rules.lazy.filter { effective[$0.schedule]?.contains($0.id) == false }
      .prefix(Limits.warnings).map { rule in
        let deciders = matrices[rule.schedule]?.deciders(of: rule) ?? []
        return PolicyWarning(ruleID: rule.id, decidedBy: deciders)
      }
  }
}
