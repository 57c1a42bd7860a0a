import Netlink
import Wire

// What the kernel reports.
extension SyncNode {
  /// Passes on what a report changed: to the peer when active, to the repair when standby.
  mutating func apply(_ change: ShadowChange) {
    switch change {
    case .none: break
    case .changed(let index):
      if role == .active {
        sender.changed(index, &shadow)
      } else if receiver.stream != nil {
        receiver.suspect(index, at: clock)
      }
    case .differs(let index): receiver.suspect(index, at: clock)
    case .gone(let index):
      if role == .active {
        sender.gone(index, &shadow)
      } else if receiver.follows(shadow.flows[index]) {
        receiver.lost(index, &shadow, at: clock)
      } else {
        shadow.flows.remove(index)
      }
    }
  }

  mutating func expectationChanged(_ event: ExpectationEvent) {
    shadow.counters.expectations += 1
    let expectation = event.expectation
    let key = ExpectationTable.Key(expectation)
    guard event.change != .destroyed else { return expectationGone(key) }
    guard shadow.flows.find(expectation.master) != nil else { return }
    // A helper that announces may have changed the length of the payload, of which no event tells.
    shadow.ask(expectation.master)
    var isKept = shadow.expectations.put(expectation)
    if !isKept, !isConnected {
      // The dead that wait for a peer to be told fill the table: it will need a full copy.
      sender.abandon(&shadow)
      isKept = shadow.expectations.put(expectation)
    }
    guard isKept else {
      shadow.counters.tableFull += 1
      return
    }
    shadow.expectations[key]?.seen = shadow.dump.number
    if role == .active { sender.changed(key, &shadow) }
  }

  private mutating func expectationGone(_ key: ExpectationTable.Key) {
    guard shadow.expectations[key] != nil else { return }
    guard role == .active else {
      shadow.expectations[key] = nil
      return
    }
    shadow.expectations[key]?.isGone = true
    sender.changed(key, &shadow)
  }

  /// Ends the expectations that a dump should have shown and did not.
  private mutating func sweepExpectations() {
    // A standby's are the peer's; a dump begun as a standby held none.
    guard role == .active, isDumpingExpectations else { return }
    let unseen = shadow.expectations.entries.filter { $0.value.seen != shadow.dump.number }
    for key in unseen.keys { expectationGone(key) }
  }

  mutating func flowAbsent(_ key: FlowTuple) {
    let change = shadow.absent(key)
    if change != .none { shadow.dump.removed += 1 }
    apply(change)
  }

  /// The kernel has handled a batch.
  mutating func installed(_ report: InstallReport, _ actions: inout [SyncAction]) {
    guard role == .active else {
      return receiver.installed(report, &shadow, &actions, at: clock)
    }
    // Ordered while this node was standby. Its kernel is right now: no session of its own gives
    // way to what the former active said.
    for case .create(let flow, _) in report.failures.map(\.operation) { shadow.ask(flow.tuple) }
    receiver.installed(InstallReport(id: report.id), &shadow, &actions, at: clock)
  }

  // MARK: Dumps

  /// Asks for a dump unless one is under way.
  mutating func requestDump(_ actions: inout [SyncAction]) {
    guard !shadow.dump.isRunning else { return }
    shadow.dump.begin()
    shadow.counters.reconciliations += 1
    reconcileAt = nil
    isDumpingExpectations = role == .active
    actions.append(.requestDump)
  }

  mutating func flowDumped(_ entry: FlowEvent, _ actions: inout [SyncAction]) {
    if relaxing != nil { relax(entry.flow, &actions) }
    apply(shadow.dumped(entry))
  }

  mutating func dumpEnded(_ complete: Bool, _ actions: inout [SyncAction]) {
    guard shadow.dump.isRunning else { return }
    finishRelaxing()
    guard shadow.dump.end(complete: complete) else {
      scheduleReconciliation()
      return
    }
    sweepExpectations()
    if reconcileAt == nil { reconcileDelay = Limits.reconcile }
    walkAt = clock
    startStream(&actions)
  }

  mutating func eventsLost(_ actions: inout [SyncAction]) {
    shadow.counters.eventsLost += 1
    if reconcileAt == nil { actions.append(.note(.eventsLost)) }
    scheduleReconciliation()
  }

  private mutating func scheduleReconciliation() {
    guard reconcileAt == nil else { return }
    reconcileAt = clock + reconcileDelay
    reconcileDelay = min(reconcileDelay * 2, Limits.reconcileMaximum)
  }

  /// Goes on asking for entries that a dump should have shown and did not.
  private mutating func verifyUnseen(_ actions: inout [SyncAction]) {
    guard var cursor = shadow.dump.unseen else { return }
    let end = min(cursor + Limits.walk, shadow.flows.end)
    while cursor < end {
      let entry = shadow.flows[cursor]
      if entry.isLive, entry.marks.contains(.installed), entry.seen != shadow.dump.number {
        shadow.ask(entry.flow.tuple)
      }
      cursor += 1
    }
    if cursor < shadow.flows.end {
      shadow.dump.unseen = cursor
      walkAt = clock
    } else {
      shadow.dump.unseen = nil
      let (added, removed) = (shadow.dump.added, shadow.dump.removed)
      actions.append(.note(.reconciled(added: added, removed: removed)))
    }
  }

  // MARK: Time

  mutating func deadlineReached(_ actions: inout [SyncAction]) {
    if let at = walkAt, at <= clock {
      walkAt = nil
      for key in shadow.nextLenience() ?? [] {
        receiver.installer.add(.makeLenient(key), &actions)
      }
      verifyUnseen(&actions)
      receiver.sweep(&shadow, &actions)
      if receiver.isSweeping || shadow.isMakingLenient { walkAt = clock }
    }
    if let at = reconcileAt, at <= clock {
      if shadow.dump.isRunning {
        reconcileAt = clock + Limits.reconcile
      } else {
        requestDump(&actions)
      }
    }
    if let at = lookAt, at <= clock {
      lookAt = clock + Limits.look
      requestDump(&actions)
    }
    if let at = relaxAt, at <= clock { beginRelaxing(&actions) }
    if let at = censusAt, at <= clock { takeCensus() }
    if isConnected {
      receiver.retry(&shadow, &actions, at: clock)
      receiver.settleSuspects(&shadow, &actions, at: clock)
      if lastReceived + Limits.silence <= clock { close(.silence, &actions) }
    }
  }

  // MARK: After a promotion

  /// Asks for a dump, which tells which sessions have had traffic here.
  private mutating func beginRelaxing(_ actions: inout [SyncAction]) {
    guard !shadow.dump.isRunning else {
      relaxAt = clock + Limits.reconcile
      return
    }
    relaxAt = nil
    relaxing = 0
    requestDump(&actions)
  }

  /// Takes lease and leniency back from a session that the former active owned.
  private mutating func relax(_ flow: Flow, _ actions: inout [SyncAction]) {
    guard let index = shadow.flows.find(flow.tuple),
      shadow.flows[index].marks.contains(.leased)
    else { return }
    if let tcp = flow.tcp, tcp.hasTraffic {
      shadow.flows[index].marks.remove(.leased)
      // With old windows it would be cut off; it stays lenient for the rest of its life.
      if shadow.hasOldWindows(index) { return }
      shadow.counters.madeStrict += 1
      receiver.installer.add(.makeStrict(flow.tuple, timeoutSeconds: nil), &actions)
      return
    }
    let remaining = max(shadow.flows[index].flow.timeoutSeconds, Limits.slackSeconds)
    if flow.timeoutSeconds > remaining + Limits.slackSeconds {
      receiver.installer.add(.setTimeout(flow.tuple, seconds: remaining), &actions)
    }
    if flow.tcp == nil {
      shadow.flows[index].marks.remove(.leased)
    } else {
      relaxing = relaxing.map { $0 + 1 }
    }
  }

  private mutating func finishRelaxing() {
    guard let left = relaxing else { return }
    relaxing = nil
    guard left > 0, role == .active else { return }
    relaxDelay = min(relaxDelay * 2, Limits.relaxMaximum)
    relaxAt = clock + relaxDelay
  }
}
