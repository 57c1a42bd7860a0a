import Wire

/// Reasons why a node that has everything is not healthy all the same, each with a name. Pure: the
/// supervisor looks once a second and gives it what it saw.
///
/// A reason has to last before it counts, where it comes and goes by itself: a role that died is
/// started again within a second, and a failover for it would cost more than it saves.
struct NodeHealth {
  /// What was seen in one look.
  struct Picture {
    /// Roles of the plan that do not run.
    var stoppedRoles: [String] = []
    /// Whether the kernel does not enforce the policy of the configuration.
    var isPolicyUnconfirmed = false
    /// Entries of the connection table, and how many it can hold; nil: not known.
    var connections: (count: Int, limit: Int)?
    /// Why nothing can be written to the disk; nil: it can.
    var diskProblem: String?
  }

  /// Numbers that bound the reasons.
  enum Limits {
    /// How long a role may be away, and a policy on its way.
    static let patience = Interval.seconds(5)
    /// Share of the connection table that is too much, and that is fine again, in percent.
    static let fullPercent = 95
    static let relievedPercent = 90
  }

  /// The reasons that count now.
  private(set) var reasons: [String] = []
  private var since: [String: Instant] = [:]
  private var isTableFull = false

  /// Takes one look; true when the reasons are others than before.
  mutating func look(_ picture: Picture, at now: Instant) -> Bool {
    let before = reasons
    var passing = picture.stoppedRoles.map { "\($0) does not run" }
    if picture.isPolicyUnconfirmed { passing.append("the policy is not confirmed by the kernel") }
    since = since.filter { passing.contains($0.key) }
    for reason in passing { since[reason] = since[reason] ?? now }
    reasons = passing.filter { reason in
      since[reason].map { now - $0 >= Limits.patience } ?? false
    }
    if let connections = picture.connections {
      let threshold = isTableFull ? Limits.relievedPercent : Limits.fullPercent
      isTableFull = connections.count * 100 > connections.limit * threshold
    }
    if isTableFull {
      reasons.append("the connection table is more than \(Limits.fullPercent) % full")
    }
    if let problem = picture.diskProblem {
      reasons.append("the disk cannot be written: \(problem)")
    }
    return reasons != before
  }

  /// Forgets what was seen: every role leaves, and others come.
  mutating func reset() { self = NodeHealth() }
}
