/// What happened to an entry of the kernel's table.
public enum FlowChange: UInt8, Hashable, Sendable {
  /// The entry is new, or was reported by a dump or an answer (`IPCTNL_MSG_CT_NEW`).
  case new
  /// A part of the entry changed; a refreshed timeout alone is never reported.
  case updated
  /// The entry is gone; its `flow` holds the key, status, TCP state and id.
  case destroyed
}

/// Which parts of a ``Flow`` a message held; an update is partial.
public struct FlowParts: OptionSet, Hashable, Sendable {
  /// One bit a part.
  public var rawValue: UInt16
  /// Wraps bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  /// `CTA_TUPLE_REPLY`, from which both translations follow.
  public static let translations = FlowParts(rawValue: 1 << 0)
  /// `CTA_STATUS`.
  public static let status = FlowParts(rawValue: 1 << 1)
  /// `CTA_TIMEOUT`.
  public static let timeout = FlowParts(rawValue: 1 << 2)
  /// `CTA_MARK`.
  public static let mark = FlowParts(rawValue: 1 << 3)
  /// `CTA_PROTOINFO_TCP` with both scales and flags; absent when only the state was given.
  public static let tcp = FlowParts(rawValue: 1 << 4)
  /// `CTA_HELP`.
  public static let helper = FlowParts(rawValue: 1 << 5)
  /// `CTA_SEQ_ADJ_ORIG`; only in dumps and answers, never in events.
  public static let originalAdjustment = FlowParts(rawValue: 1 << 6)
  /// `CTA_SEQ_ADJ_REPLY`; only in dumps and answers, never in events.
  public static let replyAdjustment = FlowParts(rawValue: 1 << 7)
  /// `CTA_TUPLE_MASTER`; only in the first event, dumps and answers.
  public static let master = FlowParts(rawValue: 1 << 8)
  /// `CTA_ID`.
  public static let id = FlowParts(rawValue: 1 << 9)
  /// `CTA_PROTOINFO_SCTP`.
  public static let sctp = FlowParts(rawValue: 1 << 10)
  /// `CTA_LABELS`.
  public static let labels = FlowParts(rawValue: 1 << 11)
  /// Every part: the flow replaces what was known.
  public static let all = FlowParts(rawValue: 0xfff)
}

/// One change of one entry, as reported by the kernel.
public struct FlowEvent: Hashable, Sendable {
  /// What happened.
  public var change: FlowChange
  /// Which parts of `flow` mean something; `tuple` always does.
  public var parts: FlowParts
  /// The entry, as far as the message told.
  public var flow: Flow

  /// Joins the three.
  public init(_ change: FlowChange, _ flow: Flow, parts: FlowParts = .all) {
    self.change = change
    self.flow = flow
    self.parts = parts
  }
}

/// One change of one expectation, as reported by the kernel.
public struct ExpectationEvent: Hashable, Sendable {
  /// What happened.
  public var change: FlowChange
  /// The expectation.
  public var expectation: Expectation

  /// Joins the two.
  public init(_ change: FlowChange, _ expectation: Expectation) {
    self.change = change
    self.expectation = expectation
  }
}
