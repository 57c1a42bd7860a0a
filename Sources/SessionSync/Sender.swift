import Netlink
import Wire

/// The sending half: which flows the peer does not know as they are, and in which order it is
/// told.
///
/// There is no queue of messages. The flows themselves wait, by index, and are written as they
/// are when the channel takes octets, so that on a slow link only the latest state travels and
/// memory is bounded by the table. A sequence number is given to each record as it is written.
struct Sender {
  /// What the peer gets at present.
  enum Phase: Hashable {
    /// No peer follows.
    case silent
    /// A full copy; `cursor` is the next index.
    case bulk(cursor: Int)
    /// Changes.
    case live
  }

  /// Everything queued before this point is on its way once both queues are past it.
  struct Checkpoint: Hashable {
    var dirty: UInt64
    var deletes: UInt64
  }

  private(set) var phase = Phase.silent
  /// Names the sequence space.
  let stream: UInt64
  /// Sequence of the next record.
  private(set) var next: UInt64 = 1
  /// What was sent with a lower sequence belongs to an earlier view; `.max` when no peer could
  /// resume, so that nothing needs to be remembered for it.
  private(set) var base: UInt64 = .max
  private(set) var bulk: UInt32 = 0
  private(set) var digest = StreamDigest()
  private(set) var acknowledged: UInt64 = 0
  private(set) var acknowledgedBulk: UInt32 = 0
  private(set) var peerAgrees = false
  private(set) var comparison: SyncStatus.Comparison?
  private var comparisons: UInt32 = 0
  private var audited = StreamDigest()
  private(set) var lag = Interval.zero
  /// When the next comparison is due.
  private(set) var auditAt: Instant?

  /// The frame that must precede the next record.
  private var announcement: FrameType?
  private var dirty = SlotQueue()
  private var deletes = SlotQueue()
  private var log = DeleteLog()
  /// Deletes that a resumed stream tells again.
  private var replay: [FlowTuple] = []
  private var auditAfter: Checkpoint?
  private var barrier: (id: UInt32, after: Checkpoint)?
  private var barrierID: UInt32 = 0
  private var sample: (sequence: UInt64, at: Instant)?

  init(stream: UInt64) { self.stream = stream }

  /// Whether a peer that comes back could go on where it was.
  var isTracking: Bool { base != .max }
  /// Flows and deletes that wait.
  var waiting: Int { dirty.count + deletes.count + replay.count }
  /// Whether the peer has all of the table.
  var isPeerReady: Bool {
    phase == .live && acknowledgedBulk == bulk && peerAgrees
  }

  /// The full copy, for the status.
  var bulkStatus: SyncStatus.Bulk {
    if !isTracking { return .none }
    return acknowledgedBulk == bulk ? .complete : .running
  }

  // MARK: Changes

  /// The flow at `index` is new or different.
  mutating func changed(_ index: Int, _ shadow: inout Shadow) {
    guard isTracking else { return }
    let entry = shadow.flows[index]
    guard isSent(entry) || shadow.filter.isDue(entry.flow) else { return }
    if entry.marks.contains(.dirty) {
      shadow.counters.coalesced += 1
    } else {
      shadow.flows[index].marks.insert(.dirty)
      dirty.push(index)
    }
  }

  /// The flow at `index` is dead.
  mutating func gone(_ index: Int, _ shadow: inout Shadow) {
    guard isTracking, isSent(shadow.flows[index]) else {
      if shadow.flows[index].marks.contains(.dirty) { shadow.counters.coalesced += 1 }
      shadow.flows.remove(index)
      return
    }
    if shadow.flows[index].marks.contains(.dirty) { shadow.counters.coalesced += 1 }
    shadow.flows[index].marks.remove([.dirty, .installed])
    shadow.flows[index].marks.insert(.gone)
    deletes.push(index)
    if phase == .silent, deletes.count > Limits.waitingDeletes { abandon(&shadow) }
  }

  /// An expectation is new, different or dead.
  mutating func changed(_ key: ExpectationTable.Key, _ shadow: inout Shadow) {
    guard isTracking else {
      if shadow.expectations[key]?.isGone == true { shadow.expectations[key] = nil }
      return
    }
    shadow.expectations.enqueue(key)
  }

  // MARK: The stream

  /// The connection is gone; what changes is kept for a resumption.
  mutating func disconnect() {
    phase = .silent
    barrier = nil
    auditAt = nil
    auditAfter = nil
    sample = nil
    peerAgrees = false
    replay = []
  }

  /// No peer can resume any more: forgets what waits.
  mutating func abandon(_ shadow: inout Shadow) {
    guard isTracking else { return }
    base = .max
    while let index = deletes.pop() {
      if shadow.flows[index].isOccupied, !shadow.flows[index].isLive { shadow.flows.remove(index) }
    }
    while let index = dirty.pop() { shadow.flows[index].marks.remove(.dirty) }
    shadow.expectations.clearWaiting()
    log.removeAll()
    digest = StreamDigest()
  }

  /// Whether a peer that has everything up to `sequence` can go on without a full copy.
  func canResume(after sequence: UInt64) -> Bool {
    isTracking && sequence > 0 && sequence < next && sequence + 1 >= base
      && sequence >= log.forgotten
  }

  /// Goes on after `sequence`: what was sent later is sent again.
  mutating func resume(after sequence: UInt64, _ shadow: inout Shadow, at now: Instant) {
    phase = .live
    announcement = .resume
    shadow.counters.resumed += 1
    for index in 0..<shadow.flows.end
    where shadow.flows[index].isLive && shadow.flows[index].sequence > sequence {
      shadow.flows[index].marks.insert(.dirty)
      dirty.push(index)
    }
    for (key, entry) in shadow.expectations.entries where entry.sequence > sequence {
      shadow.expectations.enqueue(key)
    }
    replay = log.keys(after: sequence).reversed()
    auditAfter = checkpoint
    auditAt = now
  }

  /// Starts a full copy.
  mutating func beginBulk(_ shadow: inout Shadow, at now: Instant) {
    abandon(&shadow)
    base = next
    bulk &+= 1
    peerAgrees = false
    phase = .bulk(cursor: 0)
    announcement = .bulkBegin
    auditAt = now + Limits.audit
    auditAfter = nil
    replay = []
    shadow.counters.bulks += 1
    for key in shadow.expectations.entries.keys { shadow.expectations.enqueue(key) }
  }

  /// The peer says what is in its kernel. Returns whether it completed the bulk just now.
  mutating func acknowledge(_ ack: Acknowledgement, at now: Instant) -> Bool {
    guard ack.applied < next else { return false }
    acknowledged = max(acknowledged, ack.applied)
    log.acknowledge(upTo: acknowledged)
    if let sample, sample.sequence <= acknowledged {
      lag = now - sample.at
      self.sample = nil
    }
    peerAgrees = ack.agrees
    if ack.comparisons != comparisons {
      comparisons = ack.comparisons
      comparison = audited.compared(with: ack.compared, at: now)
    }
    let isNew = ack.bulk == bulk && acknowledgedBulk != bulk
    if ack.bulk == bulk { acknowledgedBulk = bulk }
    return isNew
  }

  /// Asks the peer to tell when everything up to now is in its kernel.
  mutating func requestBarrier() {
    barrierID &+= 1
    barrier = (barrierID, checkpoint)
  }

  /// Whether `id` answers the last barrier asked for.
  mutating func passBarrier(_ id: UInt32) -> Bool { id == barrierID }

  private var checkpoint: Checkpoint {
    Checkpoint(dirty: dirty.pushed, deletes: deletes.pushed)
  }

  private func isPast(_ point: Checkpoint) -> Bool {
    phase == .live && dirty.popped >= point.dirty && deletes.popped >= point.deletes
      && replay.isEmpty
  }

  /// Whether the present view of the peer holds the flow.
  func isSent(_ entry: FlowEntry) -> Bool { entry.sequence >= base }
}

// MARK: - Writing

extension Sender {
  /// Whether there is something to write now.
  func hasOutput(_ shadow: Shadow, at now: Instant) -> Bool {
    if phase == .silent { return false }
    if phase != .live || announcement != nil || waiting > 0 || shadow.expectations.hasWaiting {
      return true
    }
    if let barrier, isPast(barrier.after) { return true }
    return isAuditDue(at: now)
  }

  /// Writes frames until `frames` holds `limit` octets or nothing is left.
  ///
  /// One frame from each source in turn, deletes first: a long queue of one kind must not starve
  /// the others.
  mutating func fill(
    _ frames: inout FrameWriter, limit: Int, _ shadow: inout Shadow, at now: Instant
  ) {
    guard phase != .silent else { return }
    writeAnnouncement(&frames)
    let first = next
    var isDone = false
    while !isDone, frames.count < limit {
      let before = frames.count
      writeDeletes(&frames, &shadow)
      writeDirty(&frames, &shadow)
      writeExpectations(&frames, &shadow)
      writeBulk(&frames, &shadow)
      isDone = frames.count == before
    }
    if let point = barrier, isPast(point.after) {
      barrier = nil
      frames.frame(.barrier, firstSequence: next) { $0.uint32(point.id) }
    }
    if isAuditDue(at: now) {
      auditAfter = nil
      auditAt = now + Limits.audit
      audited = digest
      frames.frame(.digest, firstSequence: next) { audited.write(into: &$0) }
    }
    if sample == nil, next > first { sample = (next - 1, now) }
  }

  /// Says how the stream begins, before its first record.
  private mutating func writeAnnouncement(_ frames: inout FrameWriter) {
    let id = bulk
    switch announcement {
    case .bulkBegin: frames.frame(.bulkBegin, firstSequence: next) { $0.uint32(id) }
    case .resume: frames.frame(.resume, firstSequence: next)
    default: break
    }
    announcement = nil
  }

  private func isAuditDue(at now: Instant) -> Bool {
    guard phase == .live, let auditAt, auditAt <= now else { return false }
    return auditAfter.map(isPast) ?? true
  }

  private mutating func writeDeletes(_ frames: inout FrameWriter, _ shadow: inout Shadow) {
    guard !deletes.isEmpty || !replay.isEmpty else { return }
    frames.begin(.records, firstSequence: next)
    while frames.room > Limits.recordRoom, let key = replay.popLast() {
      // Alive again and known: its present state is sent again too.
      if let index = shadow.flows.find(key), isSent(shadow.flows[index]) { continue }
      write(delete: key, &frames, &shadow)
    }
    while frames.room > Limits.recordRoom, let index = deletes.pop() {
      guard shadow.flows[index].marks.contains(.gone) else { continue }
      let key = shadow.flows[index].flow.tuple
      digest.remove(shadow.flows[index].contribution)
      shadow.flows.remove(index)
      write(delete: key, &frames, &shadow)
    }
    frames.endRecords()
  }

  private mutating func write(
    delete key: FlowTuple, _ frames: inout FrameWriter, _ shadow: inout Shadow
  ) {
    log.append(key, sequence: next)
    next += 1
    shadow.counters.sent += 1
    frames.record { FlowRecord.write(delete: key, into: &$0) }
  }

  private mutating func writeDirty(_ frames: inout FrameWriter, _ shadow: inout Shadow) {
    guard !dirty.isEmpty else { return }
    frames.begin(.records, firstSequence: next)
    while frames.room > Limits.recordRoom, let index = dirty.pop() {
      if shadow.flows[index].marks.contains(.dirty) { write(index, &frames, &shadow) }
    }
    frames.endRecords()
  }

  private mutating func writeExpectations(
    _ frames: inout FrameWriter, _ shadow: inout Shadow
  ) {
    guard shadow.expectations.hasWaiting else { return }
    frames.begin(.records, firstSequence: next)
    while frames.room > 2 * Limits.recordRoom, let key = shadow.expectations.dequeue() {
      guard let entry = shadow.expectations[key] else { continue }
      if entry.isGone {
        shadow.expectations[key] = nil
        guard entry.sequence >= base else { continue }
        frames.record { FlowRecord.write(.forget, entry.expectation, into: &$0) }
      } else {
        writeMaster(key.master, &frames, &shadow)
        shadow.expectations[key]?.sequence = next
        frames.record { FlowRecord.write(.expect, entry.expectation, into: &$0) }
      }
      next += 1
      shadow.counters.sent += 1
    }
    frames.endRecords()
  }

  private mutating func writeBulk(_ frames: inout FrameWriter, _ shadow: inout Shadow) {
    guard case .bulk(var cursor) = phase else { return }
    frames.begin(.records, firstSequence: next)
    while cursor < shadow.flows.end, frames.room > Limits.recordRoom {
      let entry = shadow.flows[cursor]
      if entry.isLive {
        if !entry.marks.contains(.installed) {
          // The former active had it, this kernel does not.
          shadow.flows.remove(cursor)
        } else if !isSent(entry), entry.isComplete, shadow.filter.isDue(entry.flow) {
          write(cursor, &frames, &shadow)
        }
      }
      cursor += 1
    }
    frames.endRecords()
    phase = .bulk(cursor: cursor)
    guard cursor == shadow.flows.end, !shadow.expectations.hasWaiting else { return }
    phase = .live
    let id = bulk
    audited = digest
    frames.frame(.bulkEnd, firstSequence: next) { writer in
      writer.uint32(id)
      audited.write(into: &writer)
    }
  }

  /// Writes the flow at `index`, after its master when the peer does not know that.
  private mutating func write(
    _ index: Int, _ frames: inout FrameWriter, _ shadow: inout Shadow
  ) {
    if let master = shadow.flows[index].flow.master, master != shadow.flows[index].flow.tuple {
      writeMaster(master, &frames, &shadow)
    }
    writeAlone(index, &frames, &shadow)
  }

  private mutating func writeMaster(
    _ key: FlowTuple, _ frames: inout FrameWriter, _ shadow: inout Shadow
  ) {
    guard let index = shadow.flows.find(key), shadow.flows[index].isLive,
      shadow.flows[index].isComplete,
      shadow.flows[index].marks.contains(.dirty) || !isSent(shadow.flows[index])
    else { return }
    writeAlone(index, &frames, &shadow)
  }

  private mutating func writeAlone(
    _ index: Int, _ frames: inout FrameWriter, _ shadow: inout Shadow
  ) {
    if isSent(shadow.flows[index]) { digest.remove(shadow.flows[index].contribution) }
    let contribution = StreamDigest.contribution(of: shadow.flows[index].flow, stream: stream)
    digest.add(contribution)
    shadow.flows[index].contribution = contribution
    shadow.flows[index].sequence = next
    shadow.flows[index].marks.remove(.dirty)
    next += 1
    shadow.counters.sent += 1
    frames.record { FlowRecord.write(shadow.flows[index].flow, into: &$0) }
  }
}
