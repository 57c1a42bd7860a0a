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
  public var configuration: Configuration {
    didSet {
      shadow.filter = configuration.filter
      if configuration != oldValue { isHelloDue = isConnected }
    }
  }

  var shadow: Shadow
  var sender: Sender
  var receiver = Receiver()
  var role = SyncRole.standby
  var term: UInt64 = 0
  /// The time of the latest event.
  var clock = Instant.zero

  // The connection.
  var isConnected = false
  var peer: Hello?
  var assembler = FrameAssembler()
  var frames = FrameWriter()
  var lastReceived = Instant.zero
  var lastSent = Instant.zero
  var isHelloDue = false
  var isHelloAckDue = false
  /// What the peer's supervisor is to have, oldest first.
  var messages = MessageQueue()
  /// The hosts beside the pair: the active's own, which the peer is told, or what the peer told.
  var neighbours: [Neighbour] = []
  var areNeighboursDue = false
  // For people.
  var census = Census()
  var censusAt: Instant?
  var peerInventory: Inventory?
  var isInventoryDue = false
  /// Where the peer wants the stream to begin, until our own table is known.
  var position: StreamPosition?

  // The kernel.
  var reconcileAt: Instant?
  var reconcileDelay = Limits.reconcile
  /// When a standby looks for what others did to its kernel's table.
  var lookAt: Instant?
  /// Whether the dump under way shows expectations too.
  var isDumpingExpectations = false
  /// When a walk through the table that was cut short goes on.
  var walkAt: Instant?
  var relaxAt: Instant?
  var relaxDelay = Limits.relax
  /// Sessions still lenient in the relaxation under way; nil when the dump is for another purpose.
  var relaxing: Int?
  private var wasReady = false

  /// A standby that knows nothing; `.started` is the first event.
  public init(_ configuration: Configuration) {
    self.configuration = configuration
    shadow = Shadow(
      seed: configuration.stream, filter: configuration.filter,
      expected: Int(configuration.maximumFlows))
    sender = Sender(stream: configuration.stream)
  }

  /// Handles one event; appends what is to be done to `actions`.
  public mutating func handle(
    _ event: SyncEvent, at now: Instant, into actions: inout [SyncAction]
  ) {
    clock = now
    shadow.guardedView = role == .standby && receiver.stream != nil ? receiver.mark : 0
    switch event {
    case .flowChanged(let change): apply(shadow.report(change))
    case .expectationChanged(let change): expectationChanged(change)
    case .flowDumped(let entry): flowDumped(entry, &actions)
    case .dumpEnded(let complete): dumpEnded(complete, &actions)
    case .flowAnswered(let entry): apply(shadow.answered(entry))
    case .flowAbsent(let key): flowAbsent(key)
    case .eventsLost: eventsLost(&actions)
    case .started:
      lookAt = now + Limits.look
      censusAt = now + Limits.census
      requestDump(&actions)
    case .roleChanged(let role, let term): roleChanged(role, term, &actions)
    case .installed(let report): installed(report, &actions)
    case .connected: connected()
    case .received(let octets): received(octets, &actions)
    case .disconnected: disconnect()
    case .barrierRequested: sender.requestBarrier()
    case .messageGiven(let octets): giveMessage(octets, &actions)
    case .neighboursSeen(let seen): neighboursSeen(seen)
    case .deadlineReached: deadlineReached(&actions)
    }
    finish(&actions)
  }

  /// Handles one event and returns what is to be done; for everything but the hot path.
  public mutating func handle(_ event: SyncEvent, at now: Instant) -> [SyncAction] {
    var actions: [SyncAction] = []
    handle(event, at: now, into: &actions)
    return actions
  }

  /// What follows from any event: batches, questions, milestones, readiness.
  private mutating func finish(_ actions: inout [SyncAction]) {
    receiver.installer.flush(&actions)
    while let milestone = receiver.installer.next() {
      guard let bulk = receiver.reach(milestone) else { continue }
      actions.append(
        .note(.bulkInstalled(id: bulk.id, flows: bulk.flows, swept: bulk.swept)))
    }
    for key in shadow.takeQuestions() { actions.append(.requestFlow(key)) }
    if isReady != wasReady {
      wasReady = isReady
      actions.append(.readinessChanged(wasReady))
    }
  }

  private var isReady: Bool {
    switch role {
    case .active: sender.isPeerReady
    case .standby: receiver.isReady
    }
  }

  /// When to hand in ``SyncEvent/deadlineReached``, or nil when there is nothing to wait for.
  public var deadline: Instant? {
    var times = [reconcileAt, walkAt, relaxAt, lookAt, censusAt]
    if isConnected {
      times.append(lastReceived + Limits.silence)
      times.append(receiver.retryAt)
      times.append(receiver.suspectsAt)
      // Once due, these wait for the channel and not for the clock.
      times.append(later(lastSent + Limits.ping))
      times.append(sender.auditAt.flatMap(later))
    }
    return times.compactMap { $0 }.min()
  }

  private func later(_ instant: Instant) -> Instant? { instant > clock ? instant : nil }

  /// Counters and state, as of the latest event.
  public var status: SyncStatus {
    var status = SyncStatus()
    status.role = role
    status.term = term
    status.isConnected = peer != nil
    status.isReady = isReady
    status.sessions = shadow.flows.count
    status.notInstalled = receiver.notInstalled
    status.inventory = inventory
    status.peerInventory = peerInventory
    status.counters = shadow.counters
    let digest = role == .active ? sender.digest : receiver.digest
    status.synchronised = Int(digest.flows)
    status.digest = digest.sum
    switch role {
    case .active:
      status.bulk = sender.bulkStatus
      status.comparison = sender.comparison
      status.sequence = sender.next - 1
      status.applied = sender.acknowledged
      status.waiting = sender.waiting
      status.lagMilliseconds = sender.lag.milliseconds
    case .standby:
      status.bulk = receiver.bulkStatus
      status.comparison = receiver.comparison
      status.sequence = receiver.received
      status.applied = receiver.applied
    }
    return status
  }
}
