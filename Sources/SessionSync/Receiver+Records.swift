import Netlink
import Wire

extension Receiver {
  /// Takes in one record of the stream that is followed.
  mutating func take(
    _ record: FlowRecord, _ shadow: inout Shadow, _ actions: inout [SyncAction], at now: Instant
  ) {
    shadow.counters.received += 1
    switch record {
    case .put(let flow): put(flow, &shadow, &actions, at: now)
    case .delete(let key): delete(key, &shadow, &actions)
    case .expect(let expectation): expect(expectation, &shadow, &actions)
    case .forget(let expectation): forget(expectation, &shadow, &actions)
    }
  }

  /// Takes in one record of the old term after a promotion: only what is missing is made.
  mutating func fillGap(
    _ record: FlowRecord, _ shadow: inout Shadow, _ actions: inout [SyncAction]
  ) {
    guard case .put(let flow) = record, shadow.flows.find(flow.tuple) == nil,
      !shadow.filter.isLocal(flow),
      let index = shadow.flows.insert(flow, known: .all, marks: [.installed, .leased])
    else { return }
    shadow.flows[index].madeIn = shadow.generation
    shadow.counters.received += 1
    shadow.counters.created += 1
    installer.add(.create(flow, timeoutSeconds: flow.leaseSeconds), &actions)
  }

  private mutating func put(
    _ flow: Flow, _ shadow: inout Shadow, _ actions: inout [SyncAction], at now: Instant
  ) {
    let contribution = StreamDigest.contribution(of: flow, stream: stream?.stream ?? 0)
    guard let index = shadow.flows.find(flow.tuple) else {
      return create(flow, contribution, &shadow, &actions)
    }
    if shadow.flows[index].view == mark { digest.remove(shadow.flows[index].contribution) }
    digest.add(contribution)
    let before = shadow.flows[index].flow
    let isInstalled = shadow.flows[index].marks.contains(.installed)
    shadow.flows[index].flow = flow
    shadow.flows[index].flow.id = before.id
    shadow.flows[index].known = .all
    shadow.flows[index].view = mark
    shadow.flows[index].contribution = contribution
    if shadow.flows[index].marks.contains(.uninstallable) { return }
    guard isInstalled else { return install(index, &shadow, &actions) }
    // Made again, so that the windows start anew with the first packet after a promotion.
    let isOld = flow.tcp != nil && shadow.hasOldWindows(index)
    switch isOld ? .replace : before.transition(to: flow) {
    case .none where shadow.hasPresentLease(index): relabel(flow, before, &actions)
    case .none, .update:
      shadow.flows[index].marks.insert(.leased)
      // The lease is of this turn. With TCP the number tells of the windows, too, which stay.
      if flow.tcp == nil { shadow.flows[index].madeIn = shadow.generation }
      shadow.counters.updated += 1
      installer.add(.update(flow, timeoutSeconds: flow.leaseSeconds), &actions)
      relabel(flow, before, &actions)
    case .replace:
      if before.helper != .none { shadow.expectations.removeAll(of: flow.tuple) }
      installer.add(.delete(flow.tuple), &actions)
      install(index, &shadow, &actions)
    }
  }

  /// Labels are no part of an update: where no rule uses them, the rest must not fail with them.
  private mutating func relabel(_ flow: Flow, _ before: Flow, _ actions: inout [SyncAction]) {
    if flow.labels == before.labels { return }
    installer.add(.setLabels(flow.tuple, flow.labels), &actions)
  }

  private mutating func create(
    _ flow: Flow, _ contribution: UInt64, _ shadow: inout Shadow, _ actions: inout [SyncAction]
  ) {
    guard let index = shadow.flows.insert(flow, known: .all, marks: []) else {
      shadow.counters.tableFull += 1
      return
    }
    digest.add(contribution)
    shadow.flows[index].view = mark
    shadow.flows[index].contribution = contribution
    if shadow.filter.isLocal(flow) {
      // It ends on this node, which the peer forwards to: not ours to install.
      shadow.flows[index].marks.insert(.uninstallable)
      shadow.counters.filtered += 1
    } else {
      install(index, &shadow, &actions)
    }
  }

  /// Has the kernel make the entry at `index`.
  mutating func install(
    _ index: Int, _ shadow: inout Shadow, _ actions: inout [SyncAction]
  ) {
    shadow.flows[index].marks.remove(.usurped)
    shadow.flows[index].marks.insert([.installed, .leased])
    shadow.flows[index].flow.id = 0
    shadow.flows[index].madeIn = shadow.generation
    shadow.counters.created += 1
    let flow = shadow.flows[index].flow
    installer.add(.create(flow, timeoutSeconds: flow.leaseSeconds), &actions)
  }

  private mutating func delete(
    _ key: FlowTuple, _ shadow: inout Shadow, _ actions: inout [SyncAction]
  ) {
    guard let index = shadow.flows.find(key) else { return }
    if shadow.flows[index].view == mark { digest.remove(shadow.flows[index].contribution) }
    remove(index, &shadow, &actions)
  }

  /// Removes an entry from table and kernel.
  mutating func remove(
    _ index: Int, _ shadow: inout Shadow, _ actions: inout [SyncAction]
  ) {
    if shadow.flows[index].marks.contains(.installed) {
      shadow.counters.deleted += 1
      installer.add(.delete(shadow.flows[index].flow.tuple), &actions)
    }
    shadow.flows.remove(index)
  }

  private mutating func expect(
    _ expectation: Expectation, _ shadow: inout Shadow, _ actions: inout [SyncAction]
  ) {
    let key = ExpectationTable.Key(expectation)
    let known = shadow.expectations[key]
    guard shadow.flows.find(expectation.master) != nil, shadow.expectations.put(expectation) else {
      shadow.counters.failed += 1
      return
    }
    shadow.expectations[key]?.view = mark
    if known?.expectation.attributes == expectation.attributes { return }
    if let known { installer.add(.forget(known.expectation), &actions) }
    installer.add(.expect(expectation), &actions)
  }

  private mutating func forget(
    _ expectation: Expectation, _ shadow: inout Shadow, _ actions: inout [SyncAction]
  ) {
    guard let known = shadow.expectations[ExpectationTable.Key(expectation)] else { return }
    shadow.expectations[ExpectationTable.Key(expectation)] = nil
    installer.add(.forget(known.expectation), &actions)
  }
}
