import Policy

/// What `policy diff` prints, also as JSON.
struct PolicyDiffOutput: Encodable {
  /// Connections that are opened or closed.
  struct Effect: Encodable {
    let from: [String]
    let to: [String]
    let services: [String]
  }

  private enum Limits {
    /// Lines about connections that people get; JSON has all of them.
    static let effects = 100
  }

  let changes: [PolicyDifference.Entry]
  let opens: [Effect]
  let closes: [Effect]
  let warnings: [String]

  /// - Parameter problem: why the new one cannot be applied, if there is anything.
  init(_ old: PolicyDocument, _ new: PolicyDocument, at time: Int64?, _ problem: String?) {
    changes = PolicyDifference(old, new).entries
    let effects = new.effects(replacing: old, at: time)
    func some(_ opens: Bool) -> [Effect] {
      effects.filter { $0.opens == opens }.map {
        Effect(from: $0.from, to: $0.to, services: $0.services)
      }
    }
    (opens, closes) = (some(true), some(false))
    let monitors =
      new.mode == .monitor
      ? ["mode monitor: what is closed is let through all the same, and logged"] : []
    warnings = (problem.map { [$0] } ?? []) + monitors
  }

  /// For people.
  var lines: [String] {
    guard !changes.isEmpty else { return ["nothing differs"] }
    let effects =
      opens.map { PolicyDiffOutput.line("opens", $0) }
      + closes.map { PolicyDiffOutput.line("closes", $0) }
    let rest = effects.count - Limits.effects
    return changes.map { "\(padded($0.kind, 7)) \($0.change.sign) \($0.name): \($0.text)" }
      + (effects.isEmpty ? ["opens and closes nothing"] : Array(effects.prefix(Limits.effects)))
      + (rest > 0 ? ["… and \(rest) more; --json has all of them"] : [])
      + warnings.map { "warning: \($0)" }
  }

  private static func line(_ verb: String, _ effect: Effect) -> String {
    "\(padded(verb, 7)) \(effect.from.joined(separator: ", ")) -> "
      + "\(effect.to.joined(separator: ", ")): \(effect.services.joined(separator: "; "))"
  }
}
