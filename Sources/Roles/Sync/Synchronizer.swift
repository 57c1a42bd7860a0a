import Crypto
import Glibc
import Linux
import Messages
import Netlink
import RoleChannel
import SessionSync
import Wire

/// The `sync` role: the kernel's sessions to the peer, the peer's sessions to the kernel.
///
/// Decides nothing itself: feeds ``SyncNode`` with what kernel, peer and supervisor say and
/// performs what it answers, once for every turn of the loop.
final class Synchronizer {
  private let reactor: Reactor
  private var supervisor: SupervisorChannel?
  private var table: KernelTable?
  private var link: PeerLink?
  private var neighbours: NeighbourKeeper?
  private var timer: DeadlineTimer?
  private var node: SyncNode?
  private var configuration: SyncConfiguration?

  private var actions: [SyncAction] = []
  private var performing: [SyncAction] = []
  private var barriers = BarrierQueue()
  private var nextStatus = Instant.zero
  private var nextNeighbours = Instant.zero
  private var exitStatus: Int32?

  /// Takes the role's channel over; nothing else happens before it is configured.
  init() throws(SystemError) {
    reactor = try Reactor()
    supervisor = try SupervisorChannel(reactor) { [unowned self] command in
      if let command { take(command) } else { leave() }
    }
    timer = try DeadlineTimer(reactor) { [unowned self] in feed(.deadlineReached) }
    reactor.afterEvents = { [unowned self] in turn() }
  }

  /// Runs until it is told to stop; the exit status.
  func run() throws(SystemError) -> Int32 {
    try reactor.run()
    return exitStatus ?? 0
  }

  // MARK: - Commands

  private func take(_ command: Command) {
    switch command {
    case .configure(.sync(let configuration)): configure(configuration)
    case .sync(.roleChanged(let active, let term)): changeRole(active: active, term: term)
    case .sync(.barrier(let request)): beginBarrier(request)
    case .sync(.policyHash(let hash)):
      configuration?.policyHash = hash
      if let configuration { node?.configuration.policy = configuration.policyNumber }
    case .sync(.message(let octets)): feed(.messageGiven(octets))
    case .stop: leave()
    case .configure, .vrrp, .fence, .policy, .agent, .controlAnswer:
      supervisor?.log(.error, "sync command=foreign")
    }
  }

  private func configure(_ new: SyncConfiguration) {
    let old = configuration
    configuration = new
    do {
      if node == nil {
        try start(new)
      } else if let stream = node?.configuration.stream {
        node?.configuration = new.nodeConfiguration(stream: stream)
      }
      // A role that has just started meets its peer once it knows its own table: otherwise all that
      // the peer sends would seem to be in the way.
      if old != nil, old?.link != new.link || old?.node != new.node { try connect(new) }
      supervisor?.send(.ready)
    } catch {
      supervisor?.send(.refused(reason: "\(error)"))
      if node == nil { fail("\(error)") }
    }
  }

  private func start(_ configuration: SyncConfiguration) throws {
    if KernelFacts.eventMode != 1 {
      supervisor?.log(
        .error, "sync nf_conntrack_events is not 1: sessions made before now never report")
    }
    let stream = UInt64.random(in: 1 ... .max)
    node = SyncNode(configuration.nodeConfiguration(stream: stream))
    table = try KernelTable(
      reactor, deliver: { [unowned self] in take($0) },
      failed: { [unowned self] in fail("\($0)") })
    neighbours = try NeighbourKeeper()
    feed(.started)
  }

  private func connect(_ configuration: SyncConfiguration) throws {
    if link != nil { feed(.disconnected) }
    link?.leave()
    link = try PeerLink(
      reactor, node: configuration.node, link: configuration.link,
      deliver: { [unowned self] in take($0) },
      fill: { [unowned self] output in
        node?.fill(&output, limit: SyncLimits.outputBytes, at: MonotonicClock.now())
      })
  }

  private func changeRole(active: Bool, term: UInt64) {
    // What the old active has sent up to now counts before the change.
    link?.readNow()
    // A standby is told again that it is one, after each restart of its `vrrp`.
    if active != (node?.status.role == .active) {
      if active { neighbours?.promote() } else { neighbours?.demote() }
    }
    readKernel()
    feed(.roleChanged(active ? .active : .standby, term: term))
    supervisor?.log(.notice, "sync role=\(active ? "active" : "standby") term=\(term)")
  }

  private func beginBarrier(_ request: UInt32) {
    guard link?.isConnected == true, node?.status.isConnected == true else {
      return finishBarrier(request, "the peer is not connected")
    }
    guard node?.status.role == .active else {
      return finishBarrier(request, "this node is not active")
    }
    // Everything that happened before the request is to be behind the barrier.
    readKernel()
    barriers.append(request, at: MonotonicClock.now())
    feed(.barrierRequested)
  }

  private func finishBarrier(_ request: UInt32, _ reason: String = "") {
    supervisor?.send(
      .sync(.barrierDone(request: request, applied: reason.isEmpty, reason: reason)))
  }

  private func leave() {
    exitStatus = 0
    link?.leave()
    reactor.stop()
  }

  /// A role that cannot go on ends; the supervisor starts it again.
  private func fail(_ reason: String) {
    guard exitStatus == nil else { return }
    supervisor?.log(.error, "sync failed: \(reason)")
    exitStatus = 1
    reactor.stop()
  }

  // MARK: - Events

  private func take(_ event: PeerLink.Event) {
    switch event {
    case .connected: feed(.connected)
    case .received(let octets): feed(.received(octets))
    case .disconnected:
      feed(.disconnected)
      for request in barriers.removeAll() { finishBarrier(request, "the connection was lost") }
    case .note(let text): supervisor?.log(.info, "sync link: \(text)")
    }
  }

  private func take(_ event: SyncEvent) {
    feed(event)
    guard link == nil, case .dumpEnded = event, let configuration else { return }
    do { try connect(configuration) } catch { fail("\(error)") }
  }

  private func feed(_ event: SyncEvent) {
    node?.handle(event, at: MonotonicClock.now(), into: &actions)
  }

  private func readKernel() {
    // Bounded: what a flood brings in meanwhile is read in the next turns.
    _ = table?.readEvents()
  }

  // MARK: - Actions

  /// The end of a wake-up: performs until nothing is left to do, then sends and arms the timer.
  private func turn() {
    var rounds = 0
    while !actions.isEmpty && rounds < SyncLimits.roundsPerTurn {
      rounds += 1
      swap(&actions, &performing)
      for action in performing { perform(action) }
      performing.removeAll(keepingCapacity: true)
      table?.flush()
    }
    let now = MonotonicClock.now()
    if now >= nextNeighbours { readNeighbours(now) }
    link?.pump()
    for request in barriers.expired(now) { finishBarrier(request, "the peer was too slow") }
    if now >= nextStatus { report(now) }
    arm(now)
  }

  private func arm(_ now: Instant) {
    var deadline = min(nextStatus, nextNeighbours)
    if let due = node?.deadline { deadline = min(deadline, due) }
    if let due = barriers.deadline { deadline = min(deadline, due) }
    timer?.arm(at: actions.isEmpty ? deadline : now)
  }

  private func perform(_ action: SyncAction) {
    switch action {
    case .install(let batch):
      table?.install(batch)
      // At once, while the answers and the echo are few: they share their room with events.
      readKernel()
    case .watchChanges(let isWanted): table?.watchChanges(isWanted)
    case .requestDump: table?.startDump(withExpectations: node?.status.role == .active)
    case .requestFlow(let tuple): table?.ask(tuple)
    case .close(let reason):
      link?.close()
      supervisor?.log(.notice, "sync link: closed cause=\(reason.words)")
      for request in barriers.removeAll() { finishBarrier(request, "the connection was closed") }
    case .barrierPassed:
      // It means the latest request, and so the earlier ones too.
      for request in barriers.removeAll() { finishBarrier(request) }
    case .messageReceived(let octets): supervisor?.send(.sync(.message(octets)))
    case .messagesWanted: supervisor?.send(.sync(.messagesWanted))
    case .neighboursReceived(let known):
      neighbours?.follow(known, on: configuration?.neighbourDevices ?? [])
    case .readinessChanged(let ready):
      report(MonotonicClock.now())
      supervisor?.send(
        .event(
          EventReport(
            kind: "sync.ready", text: ready ? "not ready -> ready" : "ready -> not ready",
            cause: node?.status.reason(connected: link?.isConnected == true) ?? "")))
    case .note(let note): supervisor?.log(note.isNotable ? .notice : .info, note.line)
    }
  }

  /// Tells the peer which hosts this node knows, while it forwards; else keeps those of the peer.
  private func readNeighbours(_ now: Instant) {
    nextNeighbours = now + SyncLimits.neighbours
    guard let neighbours, let configuration else { return }
    do throws(NetworkError) {
      guard node?.status.role == .active else {
        return try neighbours.restore(configuration.neighbourDevices)
      }
      guard link?.isConnected == true else { return }
      feed(.neighboursSeen(try neighbours.read(configuration.neighbourDevices)))
    } catch { supervisor?.log(.error, "sync neighbours: \(error)") }
  }

  private func report(_ now: Instant) {
    guard let node else { return }
    nextStatus = now + SyncLimits.status
    var status = node.status.message(connected: link?.isConnected == true, at: now)
    status.counters += [
      NamedCount(name: "tls_handshakes", count: UInt64(link?.handshakes ?? 0)),
      NamedCount(name: "tls_refused", count: UInt64(link?.refused ?? 0)),
      NamedCount(name: "malformed_messages", count: UInt64(table?.malformed ?? 0)),
      NamedCount(name: "neighbours_refused", count: UInt64(neighbours?.refused ?? 0)),
    ]
    supervisor?.send(.sync(.status(status)))
  }
}

/// Barriers that wait, oldest first, with the time until which they may.
private struct BarrierQueue {
  private var waiting: [(request: UInt32, until: Instant)] = []

  /// When the first has waited too long.
  var deadline: Instant? { waiting.first?.until }

  mutating func append(_ request: UInt32, at now: Instant) {
    waiting.append((request, now + SyncLimits.barrier))
  }

  mutating func removeAll() -> [UInt32] {
    defer { waiting = [] }
    return waiting.map(\.request)
  }

  mutating func expired(_ now: Instant) -> [UInt32] {
    let count = waiting.prefix { $0.until <= now }.count
    defer { waiting.removeFirst(count) }
    return waiting.prefix(count).map(\.request)
  }
}
