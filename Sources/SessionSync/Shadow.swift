import Netlink
import Wire

/// What a kernel report changed in the shadow of its table.
enum ShadowChange: Hashable {
  /// Nothing that matters to the peer.
  case none
  /// The flow at this index is new or different.
  case changed(Int)
  /// The kernel's entry is not what the peer says of the flow at this index, which is kept.
  case differs(Int)
  /// The flow at this index is dead; whoever gets this removes it or keeps its delete.
  case gone(Int)
}

/// A copy of the kernel's flows and expectations, kept by its reports and compared with dumps.
///
/// Local flows are left out, see ``SyncFilter``. Both directions of the synchronisation work on
/// this one table, so that a change of role moves nothing.
struct Shadow {
  var flows: FlowTable
  var expectations = ExpectationTable()
  var filter: SyncFilter
  var counters = SyncCounters()
  var dump = DumpState()
  /// Entries of this view are the peer's word, which this node's kernel is to follow: its reports
  /// do not change them. 0 when no peer is followed.
  var guardedView: UInt32 = 0
  /// Counts the node's turns as standby, from 1; see ``FlowEntry/madeIn``.
  private(set) var generation: UInt32 = 1
  /// Where the walk goes on that makes old entries lenient about TCP windows; nil: done.
  private var lenience: Int?
  /// Flows of which an event told too little: the kernel is to be asked.
  private(set) var questions: [FlowTuple] = []

  init(seed: UInt64, filter: SyncFilter, expected: Int = 0) {
    flows = FlowTable(seed: seed, expected: expected)
    self.filter = filter
  }

  /// Hands out the questions, once.
  mutating func takeQuestions() -> [FlowTuple] {
    defer { questions.removeAll(keepingCapacity: true) }
    return questions
  }

  /// Asks the kernel for what events about this flow do not tell.
  mutating func ask(_ key: FlowTuple) { questions.append(key) }

  /// Whether the kernel's entry remembers TCP windows that other packets have left behind.
  func hasOldWindows(_ index: Int) -> Bool {
    flows[index].flow.tuple.transport == .tcp && flows[index].madeIn != generation
  }

  /// Whether the kernel holds the entry with a lease of the present time as standby. One of an earlier
  /// time ends before the session does where the roles moved to and fro.
  func hasPresentLease(_ index: Int) -> Bool {
    flows[index].marks.contains(.leased) && flows[index].madeIn == generation
  }

  /// The node is active no longer: from now on packets pass elsewhere, and the windows of every
  /// entry in its kernel grow old.
  mutating func beginStandby() {
    generation &+= 1
    lenience = 0
  }

  /// Old entries that are to be made lenient, a part at a time; nil when all were.
  ///
  /// They are made again when the new active's copy comes. Should the role return before that, a
  /// strict check against old windows would drop every packet.
  mutating func nextLenience() -> [FlowTuple]? {
    guard let start = lenience else { return nil }
    let end = min(start + Limits.walk, flows.end)
    lenience = end < flows.end ? end : nil
    return (start..<max(start, end)).compactMap { index in
      flows[index].isLive && flows[index].marks.contains(.installed) && hasOldWindows(index)
        ? flows[index].flow.tuple : nil
    }
  }

  /// Whether ``nextLenience()`` has more.
  var isMakingLenient: Bool { lenience != nil }

  /// Takes in a report as it happened.
  mutating func report(_ event: FlowEvent) -> ShadowChange {
    counters.events += 1
    if event.change == .destroyed { return destroyed(event.flow) }
    guard let index = flows.find(event.flow.tuple) else { return insert(event) }
    if dump.isRunning { flows[index].seen = dump.number }
    if event.change == .new || !flows[index].isLive || isOther(index, event.flow) {
      return restart(index, event)
    }
    return merge(index, event.flow, event.parts)
  }

  /// Takes in one entry of a dump.
  mutating func dumped(_ event: FlowEvent) -> ShadowChange {
    // The dump is not a snapshot: what died since its start may still come.
    guard dump.isRunning, !dump.destroyed.contains(event.flow.tuple) else { return .none }
    guard let index = flows.find(event.flow.tuple) else {
      dump.added += 1
      return insert(event)
    }
    guard flows[index].isLive else { return revive(index, event) }
    let isTouched = flows[index].seen == dump.number
    flows[index].seen = dump.number
    // What died since the dump began was sorted out: this is later, and its events were lost.
    if isOther(index, event.flow) { return restart(index, event) }
    // An event is newer than the dump, but tells only a part.
    let parts = isTouched ? event.parts.subtracting(flows[index].known) : event.parts
    return merge(index, event.flow, withoutLease(index, parts))
  }

  /// What the kernel counts down of a leased entry is the lease: the peer knew how long the session
  /// lives.
  private func withoutLease(_ index: Int, _ parts: FlowParts) -> FlowParts {
    flows[index].marks.contains(.leased) ? parts.subtracting(.timeout) : parts
  }

  /// Takes in the answer to a question.
  mutating func answered(_ event: FlowEvent) -> ShadowChange {
    guard let index = flows.find(event.flow.tuple) else { return insert(event) }
    guard flows[index].isLive else { return revive(index, event) }
    flows[index].marks.remove(.asked)
    if dump.isRunning { flows[index].seen = dump.number }
    return merge(index, event.flow, withoutLease(index, event.parts))
  }

  /// The kernel has no such entry.
  mutating func absent(_ key: FlowTuple) -> ShadowChange {
    guard let index = flows.find(key), flows[index].isLive else { return .none }
    return .gone(index)
  }

  private mutating func destroyed(_ flow: Flow) -> ShadowChange {
    if dump.isRunning { dump.remember(flow.tuple) }
    guard let index = flows.find(flow.tuple), flows[index].isLive else { return .none }
    // The end of an earlier incarnation, told late.
    return isOther(index, flow) ? .none : .gone(index)
  }

  /// Whether the kernel's identifier says that this is another connection with the same key.
  private func isOther(_ index: Int, _ flow: Flow) -> Bool {
    let id = flows[index].flow.id
    return id != 0 && flow.id != 0 && id != flow.id
  }

  private mutating func insert(_ event: FlowEvent) -> ShadowChange {
    if filter.isLocal(event.flow) {
      counters.filtered += 1
      return .none
    }
    guard let index = flows.insert(event.flow, known: event.parts, marks: .installed) else {
      counters.tableFull += 1
      return .none
    }
    if dump.isRunning { flows[index].seen = dump.number }
    if event.flow.tcp?.hasTraffic == false { flows[index].madeIn = generation }
    return complete(index)
  }

  /// The kernel shows an entry under the key of one whose delete still waits to be sent.
  private mutating func revive(_ index: Int, _ event: FlowEvent) -> ShadowChange {
    if event.flow.id != 0, event.flow.id == flows[index].flow.id { return .none }
    if dump.isRunning { flows[index].seen = dump.number }
    return restart(index, event)
  }

  /// Another connection took over the key of one that is dead or whose end was not told.
  private mutating func restart(_ index: Int, _ event: FlowEvent) -> ShadowChange {
    if isGuarded(index) {
      flows[index].marks.insert([.installed, .usurped])
      return .differs(index)
    }
    flows[index].flow = event.flow
    flows[index].known = event.parts
    flows[index].madeIn = 0
    flows[index].marks.remove([.gone, .asked, .leased, .forced, .usurped])
    flows[index].marks.insert(.installed)
    return complete(index)
  }

  private mutating func merge(
    _ index: Int, _ update: Flow, _ parts: FlowParts
  ) -> ShadowChange {
    if isGuarded(index) { return compare(index, update, parts) }
    let before = flows[index].flow
    let wasComplete = flows[index].isComplete
    flows[index].flow.merge(update, parts)
    flows[index].known.formUnion(parts)
    flows[index].marks.remove(.usurped)
    flows[index].marks.insert(.installed)
    let now = flows[index].flow
    if wasComplete, before.labels == now.labels, before.transition(to: now) == .none {
      return .none
    }
    return complete(index)
  }

  private func isGuarded(_ index: Int) -> Bool {
    guardedView != 0 && flows[index].view == guardedView
  }

  private mutating func compare(
    _ index: Int, _ update: Flow, _ parts: FlowParts
  ) -> ShadowChange {
    var actual = flows[index].flow
    actual.merge(update, parts)
    flows[index].flow.id = actual.id
    flows[index].marks.insert(.installed)
    switch actual.transition(to: flows[index].flow) {
    case .none: return .none
    case .update: break
    case .replace: flows[index].marks.insert(.usurped)
    }
    return .differs(index)
  }

  private mutating func complete(_ index: Int) -> ShadowChange {
    if flows[index].isComplete { return .changed(index) }
    if !dump.isRunning, !flows[index].marks.contains(.asked) {
      flows[index].marks.insert(.asked)
      questions.append(flows[index].flow.tuple)
    }
    return .none
  }
}

/// A dump on its way, and what happened meanwhile.
struct DumpState {
  /// Whether a dump was asked for and has not ended.
  private(set) var isRunning = false
  /// Whether a whole dump was ever taken in: the table is the kernel's.
  private(set) var isComplete = false
  /// Numbers dumps from 1.
  private(set) var number: UInt32 = 0
  /// Keys that died since the dump was asked for.
  private(set) var destroyed: Set<FlowTuple> = []
  /// Flows that were not in the table before.
  var added = 0
  /// Flows that were in the table and not in the kernel.
  var removed = 0
  /// Where the walk for entries that the dump did not show goes on; nil when there is none.
  var unseen: Int?
  private var isSpoilt = false

  /// A dump is asked for: from now on, events are newer than what it shows.
  mutating func begin() {
    isRunning = true
    isSpoilt = false
    number &+= 1
    added = 0
    removed = 0
    unseen = nil
  }

  /// A key died while the dump runs.
  mutating func remember(_ key: FlowTuple) {
    if destroyed.count < Limits.destroyedDuringDump {
      destroyed.insert(key)
    } else {
      isSpoilt = true
    }
  }

  /// The dump ended; false when it has to be done again.
  mutating func end(complete: Bool) -> Bool {
    isRunning = false
    destroyed = []
    guard complete, !isSpoilt else { return false }
    isComplete = true
    unseen = 0
    return true
  }
}
