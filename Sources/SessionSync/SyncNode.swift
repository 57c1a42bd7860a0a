public import Netlink
public import Wire

/// One node's half of the session synchronisation, with both directions in it.
///
/// The role feeds it kernel reports and octets from the peer, performs the actions, and fetches
/// octets for the peer with ``fill(_:limit:at:)`` whenever the channel takes some. Created twice
/// and connected back to back it is the whole protocol, which is how it is tested.
public struct SyncNode: Sendable {
  /// What a node knows about itself.
  public struct Configuration: Hashable, Sendable {
    /// This node's number, unique in the group.
    public var node: UInt8
    /// Random at every start of the role; names what it sends and seeds the tables.
    public var stream: UInt64
    /// Hash over the policy and what else must be alike on both nodes.
    public var policy: UInt64
    /// `nf_conntrack_max`.
    public var maximumFlows: UInt32
    /// `nf_conntrack_buckets`.
    public var buckets: UInt32
    /// The conntrack helpers in use.
    public var helpers: [HelperName]
    /// Which flows are local, and when the others are sent.
    public var filter: SyncFilter

    /// Makes a configuration.
    public init(
      node: UInt8, stream: UInt64, policy: UInt64 = 0, maximumFlows: UInt32 = 262_144,
      buckets: UInt32 = 262_144, helpers: [HelperName] = [], filter: SyncFilter = SyncFilter()
    ) {
      self.node = node
      self.stream = stream
      self.policy = policy
      self.maximumFlows = maximumFlows
      self.buckets = buckets
      self.helpers = helpers
      self.filter = filter
    }
  }

  /// Can be changed at any time; the peer learns of it with the next greeting.
  public var configuration: Configuration
  /// Counters and state, cheap to read.
  public private(set) var status = SyncStatus()

  /// A standby that knows nothing; `.started` is the first event.
  public init(_ configuration: Configuration) { self.configuration = configuration }

  /// Handles one event; appends what is to be done to `actions`.
  public mutating func handle(
    _ event: SyncEvent, at now: Instant, into actions: inout [SyncAction]
  ) {}

  /// Handles one event and returns what is to be done; for everything but the hot path.
  public mutating func handle(_ event: SyncEvent, at now: Instant) -> [SyncAction] {
    var actions: [SyncAction] = []
    handle(event, at: now, into: &actions)
    return actions
  }

  /// When to hand in ``SyncEvent/deadlineReached``, or nil when there is nothing to wait for.
  public var deadline: Instant? { nil }

  /// Whether ``fill(_:limit:at:)`` would give octets now.
  public var hasOutput: Bool { false }

  /// Appends up to about `limit` octets for the peer, in whole frames.
  ///
  /// Called when the channel has taken everything before, so that a slow link makes changes
  /// coalesce here instead of queueing there.
  public mutating func fill(_ output: inout [UInt8], limit: Int, at now: Instant) {}
}
