public import Wire

/// What the pair's synchronisation looks like from one node.
public struct SyncStatus: Hashable, Sendable {
  /// The state of the full copy that starts every stream.
  public enum Bulk: UInt8, Hashable, Sendable {
    /// None was ever begun on this connection.
    case none
    /// It is on its way.
    case running
    /// The standby has all of it.
    case complete
  }

  /// The two tables at one point of the stream.
  public struct Comparison: Hashable, Sendable {
    /// When this node learnt of it.
    public let at: Instant
    /// Flows of the stream here.
    public let ownFlows: UInt64
    /// Their digest.
    public let ownDigest: UInt64
    /// Flows of the stream at the peer.
    public let peerFlows: UInt64
    /// Their digest.
    public let peerDigest: UInt64

    /// Whether the tables were the same.
    public var agrees: Bool { ownFlows == peerFlows && ownDigest == peerDigest }
  }

  /// This node's role.
  public var role = SyncRole.standby
  /// The term it acts in.
  public var term: UInt64 = 0
  /// Whether the peer has greeted on the present connection.
  public var isConnected = false
  /// Standby: the whole of the peer's table is installed and the last comparison agreed.
  /// Active: the peer has said so of ours.
  public var isReady = false
  /// The full copy, sent or received.
  public var bulk = Bulk.none
  /// Flows in the table of this node.
  public var sessions = 0
  /// Flows that the stream holds: sent and alive, or received and alive.
  public var synchronised = 0
  /// Order-independent hash over those flows; equal on both nodes at equal sequence.
  public var digest: UInt64 = 0
  /// The last comparison with the peer, or nil when there was none in this role.
  public var comparison: Comparison?
  /// Highest sequence sent or received.
  public var sequence: UInt64 = 0
  /// Highest sequence that is in the standby's kernel.
  public var applied: UInt64 = 0
  /// Flows and deletes that wait to be sent.
  public var waiting = 0
  /// Time from sending a record to learning that it is installed, milliseconds, latest sample.
  public var lagMilliseconds = 0.0
  /// Flows that the peer sent and the kernel did not take.
  public var notInstalled = 0
  /// What is synchronised, by kind.
  public var inventory = Inventory()
  /// The same at the peer, by its last count; nil: it has not told, or does not count.
  public var peerInventory: Inventory?
  /// What happened since the start.
  public var counters = SyncCounters()

  /// A standby that knows nothing.
  public init() {}
}

/// Counts since the start of the role; they never go down.
public struct SyncCounters: Hashable, Sendable {
  /// Kernel reports of new, changed and destroyed flows.
  public var events = 0
  /// Kernel reports about flows that are local to the node.
  public var filtered = 0
  /// Kernel reports of expectations.
  public var expectations = 0
  /// Changes that were replaced by a later one, or ended by a delete, before they were sent.
  public var coalesced = 0
  /// Times that the kernel dropped reports.
  public var eventsLost = 0
  /// Comparisons with a dump.
  public var reconciliations = 0
  /// Flows that did not fit the table.
  public var tableFull = 0
  /// Records sent.
  public var sent = 0
  /// Octets sent.
  public var sentOctets = 0
  /// Records received.
  public var received = 0
  /// Flows made in the kernel.
  public var created = 0
  /// Flows changed in the kernel.
  public var updated = 0
  /// Flows removed from the kernel.
  public var deleted = 0
  /// Stale flows removed after a bulk.
  public var swept = 0
  /// Flows made again because the kernel had dropped them while the peer still has them.
  public var reinstalled = 0
  /// Installations that failed for good or wait for another attempt.
  public var failed = 0
  /// Records refused because this node is active.
  public var refusedActive = 0
  /// Greetings with a term below ours, and records of a stream that is not followed.
  public var refusedTerm = 0
  /// Records refused because a field is out of its range.
  public var refusedInvalid = 0
  /// Optional parts of records that this version does not know.
  public var unknownParts = 0
  /// Bulks begun, sent or received.
  public var bulks = 0
  /// Reconnections that needed no bulk.
  public var resumed = 0
  /// Comparisons of the two tables that did not agree.
  public var mismatches = 0
  /// Times this node became active.
  public var promotions = 0
  /// Sessions whose TCP windows are checked again after a promotion.
  public var madeStrict = 0

  /// Neighbours left out because there are more than ``Limits/neighbours``.
  public var neighboursOmitted = 0

  /// Nothing happened yet.
  public init() {}

  /// Records that were refused, whatever the reason.
  public var refused: Int { refusedActive + refusedTerm + refusedInvalid }
}
