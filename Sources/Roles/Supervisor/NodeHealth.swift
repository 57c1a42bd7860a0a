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
    /// Hash of the policy of the configuration where the kernel does not enforce it; nil: it does.
    var unconfirmedPolicy: [UInt8]?
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

  /// What does not keep a node from forwarding and still makes the other one the better.
  struct Burden: Hashable {
    /// The name of a check that always runs.
    let name: String
    /// What is wrong, in words.
    let text: String
    /// What it costs: more than any link.
    static let weight: UInt8 = 254
  }

  /// Why the node cannot forward.
  private(set) var reasons: [String] = []
  /// Why the other node is the better one. A node that is alone forwards all the same: a full disk
  /// must not leave a branch without a gateway.
  private(set) var burdens: [Burden] = []
  private var since: [String: Instant] = [:]
  private var isTableFull = false
  /// The policy that was on its way at the last look.
  private var awaitedPolicy: [UInt8]?

  /// Takes one look; true when the reasons are others than before.
  mutating func look(_ picture: Picture, at now: Instant) -> Bool {
    let before = (reasons, burdens)
    var passing = picture.stoppedRoles.map { "\($0) does not run" }
    let unconfirmed = "the policy is not confirmed by the kernel"
    if picture.unconfirmedPolicy != nil { passing.append(unconfirmed) }
    // Where one follows the other, every look may see one on its way, and none has lasted.
    if picture.unconfirmedPolicy != awaitedPolicy { since[unconfirmed] = nil }
    awaitedPolicy = picture.unconfirmedPolicy
    since = since.filter { passing.contains($0.key) }
    for reason in passing { since[reason] = since[reason] ?? now }
    reasons = passing.filter { reason in
      since[reason].map { now - $0 >= Limits.patience } ?? false
    }
    if let connections = picture.connections {
      let threshold = isTableFull ? Limits.relievedPercent : Limits.fullPercent
      isTableFull = connections.count * 100 > connections.limit * threshold
    }
    burdens = []
    if isTableFull {
      let text = "the connection table is more than \(Limits.fullPercent) % full"
      burdens.append(Burden(name: "connections", text: text))
    }
    if let problem = picture.diskProblem {
      burdens.append(Burden(name: "disk", text: "the disk cannot be written: \(problem)"))
    }
    return (reasons, burdens) != before
  }

  /// Reasons and burdens, in words.
  var everything: [String] { reasons + burdens.map(\.text) }

  /// Forgets what was seen: every role leaves, and others come.
  mutating func reset() { self = NodeHealth() }
}
