public import Netlink
public import SessionSync
public import Wire

/// Two synchronising nodes, each with a kernel in memory, and the link between them.
///
/// Time goes in steps. In each, nodes read reports, handle what arrived, get their answers from
/// the kernel one step later, and send as much as the link takes.
public struct SessionPair {
  /// One gateway.
  public struct Node {
    /// Its kernel, which outlives the synchronisation.
    public var kernel = SessionKernel()
    /// The synchronisation; nil while it is down.
    public var sync: SyncNode?
    /// What it asked for in the last step.
    var actions: [SyncAction] = []
    /// Keys that a dump under way has still to show.
    var dump: [FlowTuple]?
    /// What it noted, newest last.
    public internal(set) var notes: [SyncNote] = []
    /// Whether the last barrier was passed.
    public internal(set) var isBarrierPassed = false
    /// What its supervisor has to tell.
    public var messages: [[UInt8]] = []
    /// What the peer's told.
    public internal(set) var heardMessages: [[UInt8]] = []
    /// What the peer told of hosts last; nil: nothing yet.
    public internal(set) var heardNeighbours: [Neighbour]?
    /// Why it gave the connection up last.
    public internal(set) var lastClose: CloseReason?
    /// Largest number of octets it ever had waiting on the link.
    public internal(set) var backlog = 0
  }

  /// Both gateways.
  public var nodes: [Node]
  /// The present time.
  public private(set) var now = Instant.zero
  /// Octets that the link takes in a step, in each direction.
  public var bandwidth = 1 << 20
  /// Reports that a node reads in a step.
  public var readsPerStep = Int.max
  /// Whether the link can stand.
  public private(set) var isLinkUp = false
  /// Octets on their way to node 0 and node 1.
  private var pipes: [[UInt8]] = [[], []]
  private var starts: UInt64 = 0
  private let seed: UInt64
  private let filters: [SyncFilter]

  /// Two nodes that are up and standby, without a link; they know nothing.
  public init(seed: UInt64, filters: [SyncFilter] = [SyncFilter(), SyncFilter()]) {
    self.seed = seed
    self.filters = filters
    nodes = [Node(), Node()]
    start(0)
    start(1)
  }

  // MARK: Faults

  /// Starts the synchronisation of a node that is down.
  public mutating func start(_ index: Int) {
    starts += 1
    let stream = (seed &+ starts) &* 0x9e37_79b9_7f4a_7c15 | 1
    nodes[index].sync = SyncNode(
      SyncNode.Configuration(node: UInt8(index + 1), stream: stream, filter: filters[index]))
    nodes[index].kernel.clearEvents()
    nodes[index].kernel.reportsChanges = false
    give(.started, to: index)
    reconnect()
  }

  /// Kills the synchronisation of a node; its kernel goes on.
  public mutating func kill(_ index: Int) {
    nodes[index].sync = nil
    nodes[index].actions = []
    nodes[index].dump = nil
    disconnect()
  }

  /// Sets a node's role.
  public mutating func setRole(_ index: Int, _ role: SyncRole, term: UInt64) {
    give(.roleChanged(role, term: term), to: index)
  }

  /// Connects the nodes, if both are up.
  public mutating func connect() {
    isLinkUp = true
    reconnect()
  }

  /// Cuts the link; what was on its way is lost.
  public mutating func cut() {
    isLinkUp = false
    disconnect()
  }

  /// Asks the node for a barrier.
  public mutating func requestBarrier(_ index: Int) {
    nodes[index].isBarrierPassed = false
    give(.barrierRequested, to: index)
  }

  /// The supervisor of a node has news.
  public mutating func learn(_ message: [UInt8], on index: Int) {
    nodes[index].messages.append(message)
    give(.messageGiven(message), to: index)
  }

  /// The kernel of a node knows these hosts.
  public mutating func see(_ neighbours: [Neighbour], on index: Int) {
    give(.neighboursSeen(neighbours), to: index)
  }

  /// The kernel of a node makes or ends an expectation and reports it, ahead of unread reports.
  public mutating func announce(_ event: ExpectationEvent, on index: Int) {
    nodes[index].kernel.set(event)
    give(.expectationChanged(event), to: index)
  }

  private mutating func reconnect() {
    guard isLinkUp, nodes[0].sync != nil, nodes[1].sync != nil else { return }
    pipes = [[], []]
    give(.connected, to: 0)
    give(.connected, to: 1)
  }

  private mutating func disconnect() {
    pipes = [[], []]
    give(.disconnected, to: 0)
    give(.disconnected, to: 1)
  }

  // MARK: Time

  /// Lets `interval` pass.
  public mutating func run(_ interval: Interval, step: Interval = .milliseconds(10)) {
    let end = now + interval
    while now < end {
      now = now + step
      for index in 0..<2 {
        nodes[index].kernel.expire(at: now)
        perform(index)
        readKernel(index)
        readLink(index)
        if let deadline = nodes[index].sync?.deadline, deadline <= now {
          give(.deadlineReached, to: index)
        }
        writeLink(index)
      }
    }
  }

  private mutating func give(_ event: SyncEvent, to index: Int) {
    guard let actions = nodes[index].sync?.handle(event, at: now) else { return }
    nodes[index].actions += actions
  }

  private mutating func perform(_ index: Int) {
    let actions = nodes[index].actions
    nodes[index].actions = []
    for action in actions {
      switch action {
      case .install(let batch):
        let report = nodes[index].kernel.install(batch, at: now)
        give(.installed(report), to: index)
      case .watchChanges(let isWanted): nodes[index].kernel.reportsChanges = isWanted
      case .requestDump: nodes[index].dump = nodes[index].kernel.sortedKeys
      case .requestFlow(let key):
        if let entry = nodes[index].kernel.entries[key] {
          give(.flowAnswered(FlowEvent(.new, entry.flow)), to: index)
        } else {
          give(.flowAbsent(key), to: index)
        }
      case .close(let reason):
        nodes[index].lastClose = reason
        disconnect()
        reconnect()
      case .barrierPassed: nodes[index].isBarrierPassed = true
      case .messageReceived(let octets): nodes[index].heardMessages.append(octets)
      case .messagesWanted: nodes[index].messages.forEach { give(.messageGiven($0), to: index) }
      case .neighboursReceived(let known): nodes[index].heardNeighbours = known
      case .readinessChanged: break
      case .note(let note): nodes[index].notes.append(note)
      }
    }
  }

  /// A dump shows a part of the table in each step, as it is then, ahead of unread reports.
  private mutating func readKernel(_ index: Int) {
    guard nodes[index].sync != nil else { return }
    if let keys = nodes[index].dump {
      for key in keys.prefix(64) {
        guard let entry = nodes[index].kernel.entries[key] else { continue }
        var flow = entry.flow
        flow.timeoutSeconds = UInt32(max(0, (entry.expires - now).nanoseconds / 1_000_000_000))
        give(.flowDumped(FlowEvent(.new, flow)), to: index)
      }
      nodes[index].dump = keys.count > 64 ? Array(keys.dropFirst(64)) : nil
      if keys.count <= 64 { endDump(index) }
    }
    if nodes[index].kernel.takeOverrun() { give(.eventsLost, to: index) }
    for event in nodes[index].kernel.read(readsPerStep) { give(.flowChanged(event), to: index) }
  }

  private mutating func endDump(_ index: Int) {
    if nodes[index].sync?.status.role == .active {
      for expectation in nodes[index].kernel.expectations.values {
        give(.expectationChanged(ExpectationEvent(.new, expectation)), to: index)
      }
    }
    give(.dumpEnded(complete: true), to: index)
  }

  private mutating func readLink(_ index: Int) {
    guard isLinkUp, !pipes[index].isEmpty else { return }
    let octets = pipes[index].prefix(bandwidth)
    pipes[index].removeFirst(octets.count)
    give(.received(octets), to: index)
  }

  private mutating func writeLink(_ index: Int) {
    guard isLinkUp, nodes[index].sync != nil, nodes[1 - index].sync != nil,
      pipes[1 - index].count < bandwidth
    else { return }
    var output: [UInt8] = []
    nodes[index].sync?.fill(&output, limit: bandwidth, at: now)
    pipes[1 - index].append(contentsOf: output)
    nodes[index].backlog = max(nodes[index].backlog, pipes[1 - index].count)
  }
}

extension SessionPair: CustomStringConvertible {
  /// One line, for failed expectations.
  public var description: String {
    let sizes = nodes.map { "\($0.kernel.entries.count)" }.joined(separator: "/")
    return "seed \(seed) at \(now.nanoseconds / 1_000_000) ms, entries \(sizes)"
  }
}
