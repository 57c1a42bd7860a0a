/// One line that `ztb` writes to the control socket.
public struct ControlRequest: Codable, Hashable, Sendable {
  /// What is asked for.
  public enum Verb: String, Codable, Hashable, Sendable, CaseIterable {
    /// The status document.
    case status
    /// Hand the active role over to the peer.
    case switchover = "ha switchover"
    /// Stored events.
    case events
    /// Put ``ControlRequest/document`` in force.
    case configApply = "config apply"
    /// Keep what was applied.
    case configConfirm = "config confirm"
    /// Take back what was applied and not confirmed.
    case configRollback = "config rollback"
    /// The configuration document in force.
    case configShow = "config show"
    /// Who answers: its version.
    case version
  }

  /// What is asked for.
  public var verb: Verb
  /// The configuration document to apply, as it was read.
  public var document: String?
  /// Seconds, 1…86 400, after which an unconfirmed change is taken back; nil: keep it at once.
  public var confirmWithinSeconds: Int?
  /// Events with a number above this one only.
  public var after: Int64?
  /// Most events wanted.
  public var limit: Int?

  /// A request without parameters.
  public init(_ verb: Verb) { self.verb = verb }
}

/// One line that the supervisor writes back.
public struct ControlAnswer: Codable, Hashable, Sendable {
  /// Whether it was done.
  public var done: Bool
  /// What was done; when refused, what, why and the remedy. One line, or one a problem.
  public var text: String
  /// The status document.
  public var status: StatusDocument?
  /// Events, oldest first.
  public var events: [EventRecord]?
  /// The configuration document, canonical JSON.
  public var document: String?

  /// An answer of words only.
  public init(done: Bool, _ text: String) {
    self.done = done
    self.text = text
  }
}

/// A stored event as the CLI and the portal see it.
public struct EventRecord: Codable, Hashable, Sendable {
  /// Grows by one.
  public var number: Int64
  /// RFC 3339, UTC, milliseconds.
  public var time: String
  /// Stable word, such as `ha.role`.
  public var kind: String
  /// What happened.
  public var text: String
  /// Why; empty when there is nothing to add.
  public var cause: String

  /// Joins the parts.
  public init(number: Int64, time: String, kind: String, text: String, cause: String) {
    self.number = number
    self.time = time
    self.kind = kind
    self.text = text
    self.cause = cause
  }
}
