public import Netlink
public import SessionSync
public import Wire

/// A connection tracking table in memory that answers as a kernel does.
///
/// It keeps the rules that the synchronisation has to live with: no two entries share an original
/// or a reply tuple, a related entry needs its master, a full table refuses, an entry cannot
/// forget that it was answered, and a refreshed timeout is not reported.
public struct SessionKernel {
  /// One entry.
  public struct Entry: Hashable, Sendable {
    /// The flow; its identifier is this kernel's own.
    public var flow: Flow
    /// When it dies without traffic.
    public var expires: Instant
  }

  /// The table by original tuple.
  public private(set) var entries: [FlowTuple: Entry] = [:]
  /// Expectations by what they wait for.
  public private(set) var expectations: [FlowTuple: Expectation] = [:]
  /// Reports that the listener has not read.
  public private(set) var events: [FlowEvent] = []
  /// Whether the listener is told of new and changed entries, not only of their end.
  public var reportsChanges = false
  /// Whether reports were dropped because the listener was slow.
  public private(set) var isOverrun = false
  /// Entries at most.
  public var limit = Int.max
  /// Unread reports at most.
  public var eventLimit = Int.max
  /// Requests refused so far.
  public private(set) var refusals = 0

  private var replies: [FlowTuple: FlowTuple] = [:]
  private var nextID: UInt32 = 1

  /// An empty table.
  public init() {}

  // MARK: Traffic

  /// Packets make or change an entry; the listener is told the parts that changed.
  public mutating func carry(_ flow: Flow, parts: FlowParts = .all, at now: Instant) {
    guard entries[flow.tuple] != nil else {
      guard entries.count < limit, make(flow, timeoutSeconds: flow.timeoutSeconds, now) == nil
      else { return }
      if let made = entries[flow.tuple]?.flow { report(.new, made, .all) }
      return
    }
    entries[flow.tuple]?.flow.merge(flow, parts.subtracting(.id))
    entries[flow.tuple]?.expires = now + .seconds(Int(flow.timeoutSeconds))
    let always: FlowParts = [.translations, .status, .timeout, .id]
    if let changed = entries[flow.tuple]?.flow { report(.updated, changed, parts.union(always)) }
  }

  /// Packets that change nothing but the timeout.
  public mutating func refresh(_ key: FlowTuple, at now: Instant) {
    guard let entry = entries[key] else { return }
    entries[key]?.expires = now + .seconds(Int(entry.flow.timeoutSeconds))
  }

  /// The entry dies and the listener is told.
  public mutating func destroy(_ key: FlowTuple) {
    guard let entry = remove(key) else { return }
    report(.destroyed, entry.flow, [.status, .id])
  }

  /// An expectation comes or goes, without a report.
  public mutating func set(_ event: ExpectationEvent) {
    let expectation = event.expectation
    expectations[expectation.tuple] = event.change == .destroyed ? nil : expectation
  }

  /// Whatever has had no traffic for too long dies.
  public mutating func expire(at now: Instant) {
    let dead = entries.values.filter { $0.expires <= now }.sorted { $0.flow.id < $1.flow.id }
    for entry in dead { destroy(entry.flow.tuple) }
  }

  /// The keys in an order that does not depend on the hash seed of the run.
  public var sortedKeys: [FlowTuple] {
    entries.keys.sorted { a, b in
      (a.source.low, a.destination.low, a.sourcePort, a.destinationPort, a.transport.rawValue)
        < (b.source.low, b.destination.low, b.sourcePort, b.destinationPort, b.transport.rawValue)
    }
  }

  // MARK: The listener

  /// Hands out up to `count` reports.
  public mutating func read(_ count: Int) -> [FlowEvent] {
    let taken = Array(events.prefix(count))
    events.removeFirst(taken.count)
    return taken
  }

  /// Hands out the news that reports were dropped, once.
  public mutating func takeOverrun() -> Bool {
    defer { isOverrun = false }
    return isOverrun
  }

  /// Forgets unread reports: the listener is gone.
  public mutating func clearEvents() {
    events = []
    isOverrun = false
  }

  /// Makes the changes of a batch.
  public mutating func install(_ batch: InstallBatch, at now: Instant) -> InstallReport {
    var report = InstallReport(id: batch.id)
    for operation in batch.operations {
      if let refusal = perform(operation, now) {
        refusals += 1
        report.failures.append(InstallFailure(operation, refusal))
      }
    }
    return report
  }

  private mutating func perform(_ operation: Installation, _ now: Instant) -> InstallRefusal? {
    switch operation {
    case .create(let flow, let seconds): return make(flow, timeoutSeconds: seconds, now)
    case .update(let flow, let seconds): return update(flow, seconds, now)
    case .delete(let key): return remove(key) == nil ? .missing : nil
    case .deleteReply(let reply):
      guard let key = replies[reply] else { return .missing }
      return remove(key) == nil ? .missing : nil
    case .makeLenient(let key), .makeStrict(let key, _): return entries[key] == nil ? .missing : nil
    case .setTimeout(let key, let seconds):
      guard entries[key] != nil else { return .missing }
      entries[key]?.expires = now + .seconds(Int(seconds))
      return nil
    case .setLabels(let key, let labels):
      guard entries[key] != nil else { return .missing }
      entries[key]?.flow.labels = labels
      return nil
    case .expect(let expectation):
      guard let master = entries[expectation.master] else { return .missing }
      guard !master.flow.helper.isNone else { return .conflicting }
      guard expectations[expectation.tuple] == nil else { return .exists }
      expectations[expectation.tuple] = expectation
      return nil
    case .forget(let expectation):
      return expectations.removeValue(forKey: expectation.tuple) == nil ? .missing : nil
    }
  }

  private mutating func make(
    _ flow: Flow, timeoutSeconds: UInt32, _ now: Instant
  ) -> InstallRefusal? {
    guard let reply = flow.reply else { return .other(22) }
    guard entries[flow.tuple] == nil, replies[reply] == nil, entries[reply] == nil else {
      return .exists
    }
    guard entries.count < limit else { return .full }
    if let master = flow.master, entries[master] == nil { return .missing }
    var made = flow
    made.id = nextID
    nextID += 1
    entries[flow.tuple] = Entry(flow: made, expires: now + .seconds(Int(timeoutSeconds)))
    replies[reply] = flow.tuple
    return nil
  }

  private mutating func update(
    _ flow: Flow, _ seconds: UInt32, _ now: Instant
  ) -> InstallRefusal? {
    guard let old = entries[flow.tuple]?.flow else { return .missing }
    let kept: FlowStatus = [.seenReply, .assured]
    guard old.status.intersection(kept).isSubset(of: flow.status) else { return .conflicting }
    var changed = old
    changed.merge(
      flow, [.status, .mark, .tcp, .sctp, .originalAdjustment, .replyAdjustment, .timeout])
    entries[flow.tuple] = Entry(flow: changed, expires: now + .seconds(Int(seconds)))
    return nil
  }

  private mutating func remove(_ key: FlowTuple) -> Entry? {
    guard let entry = entries.removeValue(forKey: key) else { return nil }
    if let reply = entry.flow.reply { replies[reply] = nil }
    expectations = expectations.filter { $0.value.master != key }
    return entry
  }

  private mutating func report(_ change: FlowChange, _ flow: Flow, _ parts: FlowParts) {
    guard reportsChanges || change == .destroyed else { return }
    if events.count >= eventLimit {
      isOverrun = true
    } else {
      events.append(FlowEvent(change, flow, parts: parts))
    }
  }
}
