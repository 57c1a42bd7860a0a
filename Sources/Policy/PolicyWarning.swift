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
  /// the kill switch is not pulled. To be asked of a policy without problems.
  public var warnings: [PolicyWarning] {
    var policy = self
    policy.killSwitch.level = .green
    let matrix = PolicyMatrix(policy)
    let effective = matrix.decidingRules
    return rules.lazy.filter { !effective.contains($0.id) }.prefix(Limits.warnings).map { rule in
      PolicyWarning(ruleID: rule.id, decidedBy: matrix.deciders(of: rule))
    }
  }
}
