import Netlink
import Wire

/// The receiving half: follows one stream and decides what the kernel must be told.
///
/// It follows a stream only while the node is standby and the stream's term is not lower than any
/// seen. What the peer said last is in the table under the present ``mark``; a full copy starts
/// a new mark, and what still has an old one at its end is stale.
struct Receiver {
  /// The stream that is followed.
  struct Stream: Hashable {
    var term: UInt64
    var stream: UInt64
  }

  /// How much of a full copy is there.
  enum Bulk: Hashable {
    case none
    /// Records are coming.
    case running(id: UInt32)
    /// All came; entries with an old mark are being removed, `cursor` is the next index.
    case sweeping(id: UInt32, cursor: Int)
    case complete(id: UInt32)
  }

  private(set) var stream: Stream?
  /// The present view: entries with it are the peer's.
  private(set) var mark: UInt32 = 0
  /// The last record taken in; what the shadow is, also while the kernel is still busy.
  private(set) var received: UInt64 = 0
  /// The last record that is in the kernel.
  private(set) var applied: UInt64 = 0
  var bulk = Bulk.none
  var digest = StreamDigest()
  /// How often the tables were compared, and what the last time found.
  private var comparisons: UInt32 = 0
  private var compared = StreamDigest()
  private(set) var comparison: SyncStatus.Comparison?
  /// Whether the last comparison agreed.
  private(set) var agrees = false
  /// Whether the stream's beginning was announced on this connection.
  private var isPositioned = false
  /// The last full copy that is in the kernel, or 0.
  private(set) var installedBulk: UInt32 = 0
  private var swept = 0
  private var resyncDelay = Limits.resync
  private var resyncAt: Instant?
  private(set) var retryAt: Instant?
  private var retry = SlotQueue()
  private(set) var suspectsAt: Instant?
  private var suspects = SlotQueue()
  /// Until when records of the old term may fill gaps, after a promotion.
  private var drainUntil: Instant?

  var installer = Installer()
  /// Whether the peer is owed an acknowledgement.
  var isAckDue = false
  /// Whether a full copy is to be asked for.
  var isResyncDue = false
  /// Barriers that are passed and to be told so.
  var passedBarriers: [UInt32] = []

  /// Flows that the kernel did not take.
  var notInstalled: Int { retry.count }

  /// Whether the whole of the peer's table is installed and the last comparison agreed.
  var isReady: Bool {
    guard case .complete(let id) = bulk else { return false }
    return stream != nil && isPositioned && agrees && installedBulk == id
  }

  /// Whether stale entries are still being removed.
  var isSweeping: Bool {
    if case .sweeping = bulk { return true }
    return false
  }

  /// Whether there is something to tell the peer.
  var owesAnswer: Bool { isAckDue || isResyncDue || !passedBarriers.isEmpty }

  /// The full copy, for the status.
  var bulkStatus: SyncStatus.Bulk {
    switch bulk {
    case .none: .none
    case .running, .sweeping: .running
    case .complete(let id): installedBulk == id ? .complete : .running
    }
  }

  /// What the peer is told of progress.
  var acknowledgement: Acknowledgement {
    let failed = UInt32(clamping: retry.count)
    let flows = UInt32(clamping: digest.flows)
    return Acknowledgement(
      applied: applied, installed: flows - min(failed, flows), failed: failed, bulk: installedBulk,
      agrees: agrees, comparisons: comparisons, compared: compared)
  }

  /// Where to go on in `stream`, or 0 for a full copy.
  func position(in stream: Stream) -> UInt64 {
    guard case .complete = bulk, self.stream?.stream == stream.stream else { return 0 }
    return received
  }

  /// Whether the peer has the entry, as far as it told.
  func follows(_ entry: FlowEntry) -> Bool { stream != nil && entry.view == mark && mark != 0 }

  // MARK: The stream

  /// Whether records of this very stream are being taken in.
  func isPositioned(in stream: Stream) -> Bool { isPositioned && self.stream == stream }

  /// Begins to follow a stream, or goes on with it on a new connection.
  mutating func follow(_ new: Stream) {
    if stream?.stream != new.stream { restart() }
    stream = new
    isPositioned = false
    agrees = false
    drainUntil = nil
  }

  /// Follows no stream any more, because its term is too low or the node has another role.
  mutating func leave() {
    restart()
    stream = nil
  }

  /// The connection is gone; the position is kept for a resumption.
  mutating func disconnect() {
    isPositioned = false
    agrees = false
    isAckDue = false
    isResyncDue = false
    resyncAt = nil
    passedBarriers = []
    drainUntil = nil
    if case .complete = bulk { return }
    if case .sweeping = bulk { return }
    bulk = .none
  }

  /// The node was promoted: no stream is followed any more, but records that are already here
  /// may fill gaps for a moment.
  mutating func promote(until end: Instant) {
    let (isDraining, position) = (stream != nil && isPositioned, received)
    leave()
    guard isDraining else { return }
    isPositioned = true
    received = position
    drainUntil = end
  }

  /// Whether records are taken in to fill gaps only.
  func isDraining(at now: Instant) -> Bool { drainUntil.map { now <= $0 } ?? false }

  private mutating func restart() {
    mark &+= 1
    received = 0
    applied = 0
    bulk = .none
    installedBulk = 0
    digest = StreamDigest()
    agrees = false
    isPositioned = false
    drainUntil = nil
    retry.removeAll()
    retryAt = nil
    installer.forgetMilestones()
  }

  /// A full copy begins: nothing that was received before counts.
  mutating func beginBulk(_ id: UInt32, firstSequence: UInt64, _ counters: inout SyncCounters) {
    restart()
    bulk = .running(id: id)
    received = firstSequence &- 1
    applied = received
    isPositioned = true
    swept = 0
    counters.bulks += 1
  }

  /// The stream goes on with `firstSequence`.
  mutating func resume(firstSequence: UInt64, _ counters: inout SyncCounters) {
    received = firstSequence &- 1
    isPositioned = true
    counters.resumed += 1
  }

  /// Whether a frame of records continues what was received.
  func expects(_ firstSequence: UInt64) -> Bool {
    isPositioned && firstSequence == received &+ 1
  }

  /// A frame of records was taken in.
  mutating func advance(by count: Int) {
    received &+= UInt64(count)
    installer.mark(.applied(received))
  }

  /// The peer's digest at this point of the stream. Returns false when the tables differ.
  mutating func compare(
    _ peer: StreamDigest, _ counters: inout SyncCounters, at now: Instant
  ) -> Bool {
    guard isPositioned else { return true }
    isAckDue = true
    agrees = peer == digest
    comparisons &+= 1
    compared = digest
    comparison = digest.compared(with: peer, at: now)
    if agrees {
      resyncDelay = Limits.resync
      return true
    }
    counters.mismatches += 1
    if resyncAt.map({ $0 <= now }) ?? true {
      isResyncDue = true
      resyncAt = now + resyncDelay
      // A difference that a bulk does not mend must not become a flood of bulks.
      resyncDelay = min(resyncDelay * 2, Limits.reconcileMaximum * 10)
    }
    return false
  }

  /// The full copy is complete. Returns false when it is not what the peer sent.
  mutating func endBulk(
    _ id: UInt32, _ peer: StreamDigest, _ counters: inout SyncCounters, at now: Instant
  ) -> Bool {
    guard bulk == .running(id: id) else { return true }
    guard compare(peer, &counters, at: now) else {
      // Not complete: nothing is swept.
      bulk = .none
      return false
    }
    bulk = .sweeping(id: id, cursor: 0)
    return true
  }

  /// One stale entry was removed.
  mutating func sweptOne(_ counters: inout SyncCounters) {
    swept += 1
    counters.swept += 1
  }

  /// Every stale entry is removed, or will be when the kernel has handled what was given to it.
  mutating func finishBulk(_ id: UInt32) {
    bulk = .complete(id: id)
    installer.mark(.bulk(id))
  }

  /// Takes note of what the kernel has handled by now. Returns the bulk that it completed.
  mutating func reach(_ milestone: Installer.Milestone) -> (id: UInt32, flows: Int, swept: Int)? {
    isAckDue = true
    switch milestone {
    case .applied(let sequence): applied = max(applied, sequence)
    case .barrier(let id): passedBarriers.append(id)
    case .bulk(let id):
      installedBulk = id
      return (id, Int(digest.flows), swept)
    }
    return nil
  }

  /// Queues the entry at `index` for another attempt.
  mutating func enqueueRetry(_ index: Int, at now: Instant) {
    retry.push(index)
    if retryAt == nil { retryAt = now + Limits.retry }
  }

  /// The entries whose turn it is.
  mutating func dequeueRetries(at now: Instant) -> [Int] {
    guard let due = retryAt, due <= now else { return [] }
    var indices: [Int] = []
    while indices.count < Limits.retries, let index = retry.pop() { indices.append(index) }
    retryAt = retry.isEmpty ? nil : now + Limits.retry
    return indices
  }

  /// The kernel's entry at `index` is not what the peer says, or not the peer's at all.
  ///
  /// Not acted on at once: in a failover traffic arrives here a moment before this node is told
  /// that it is active.
  mutating func suspect(_ index: Int, at now: Instant) {
    suspects.push(index)
    if suspectsAt == nil { suspectsAt = now + Limits.suspicion }
  }

  /// The suspects that have been so for long enough.
  mutating func dequeueSuspects(at now: Instant) -> [Int] {
    guard let due = suspectsAt, due <= now else { return [] }
    suspectsAt = now + Limits.suspicion
    guard stream != nil, isPositioned, case .complete = bulk else { return [] }
    var indices: [Int] = []
    while indices.count < Limits.retries, let index = suspects.pop() { indices.append(index) }
    if suspects.isEmpty { suspectsAt = nil }
    return indices
  }

  /// All suspects, when they become this node's own.
  mutating func takeSuspects() -> [Int] {
    suspectsAt = nil
    var indices: [Int] = []
    while let index = suspects.pop() { indices.append(index) }
    return indices
  }
}
