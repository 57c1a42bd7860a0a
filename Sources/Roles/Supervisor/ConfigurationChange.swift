import Messages
import Wire

/// How a change is confirmed, and with whom.
struct ChangeTerms {
  /// Seconds that there are for a confirmation; nil: none is wanted.
  var confirmWithinSeconds: Int?
  /// What has to be there for it to be kept; nobody but the operator keeps it when there is nothing.
  var canaries: Set<Canary> = []
  /// Version at the portal; nil: not from there.
  var portalVersion: UInt64?
  /// Nil: on this node alone.
  var paired: Paired?

  /// On both nodes, under a number.
  enum Paired: Hashable {
    /// This node was asked, and goes second.
    case ours(UInt64)
    /// The other node was asked, and says what becomes of it.
    case theirs(UInt64)
  }
}

/// A change of configuration between its application and its confirmation.
struct ConfigurationChange {
  /// What to go back to.
  let previous: Plan
  /// Its number in the history.
  let number: Int64
  /// How it is confirmed.
  let terms: ChangeTerms
  /// Who asked, until it has its answer.
  var client: ControlClient?
  /// In which words; every refusal begins with them.
  let verb: String
  /// Those that were there since it is in force.
  var reached: Set<Canary> = []
  /// When it came into force; nil before.
  var since: Instant?
  /// Number of the event that tells that it is in force, 0 before: the portal has seen us under the new configuration when
  /// it has this event.
  var event: Int64 = 0
  /// How far it is.
  var phase: Phase

  /// The steps of a change.
  enum Phase {
    /// These roles have not said yet whether they can use it.
    case settling(Set<RoleName>, deadline: Instant)
    /// In force, and taken back unless it is confirmed in time.
    case unconfirmed(deadline: Instant)
  }

  /// Where it is in force, behind the words that it is.
  var place: String { if case .ours = terms.paired { " on both nodes" } else { "" } }

  /// What it still waits for, in words; empty where it waits for nothing but a word.
  var missing: String {
    terms.canaries.subtracting(reached).map(\.rawValue).sorted().joined(separator: ", ")
  }

  /// When the change fails, or is taken back.
  var deadline: Instant {
    switch phase {
    case .settling(_, let deadline), .unconfirmed(let deadline): deadline
    }
  }
}
