import Netlink
import Wire

extension Receiver {
  /// Goes on removing what the full copy did not hold; a part at a time.
  mutating func sweep(_ shadow: inout Shadow, _ actions: inout [SyncAction]) {
    guard case .sweeping(let id, var cursor) = bulk else { return }
    let end = min(cursor + Limits.walk, shadow.flows.end)
    while cursor < end {
      if shadow.flows[cursor].isOccupied, shadow.flows[cursor].view != mark {
        remove(cursor, &shadow, &actions)
        sweptOne(&shadow.counters)
      }
      cursor += 1
    }
    guard cursor == shadow.flows.end else {
      bulk = .sweeping(id: id, cursor: cursor)
      return
    }
    for (key, entry) in shadow.expectations.entries where entry.view != mark {
      shadow.expectations[key] = nil
      installer.add(.forget(entry.expectation), &actions)
    }
    finishBulk(id)
  }

  /// The kernel has handled a batch.
  mutating func installed(
    _ report: InstallReport, _ shadow: inout Shadow, _ actions: inout [SyncAction], at now: Instant
  ) {
    for failure in report.failures { failed(failure, &shadow, &actions, at: now) }
    installer.report(report.id)
  }

  /// The kernel dropped an entry that the peer still has: it is made again soon.
  mutating func lost(_ index: Int, _ shadow: inout Shadow, at now: Instant) {
    shadow.flows[index].marks.remove([.installed, .leased, .forced, .usurped])
    shadow.flows[index].flow.id = 0
    enqueueRetry(index, at: now)
  }

  /// Tries again what the kernel refused or dropped.
  mutating func retry(_ shadow: inout Shadow, _ actions: inout [SyncAction], at now: Instant) {
    for index in dequeueRetries(at: now) {
      let entry = shadow.flows[index]
      guard entry.isLive, follows(entry),
        entry.marks.isDisjoint(with: [.installed, .uninstallable])
      else { continue }
      shadow.counters.reinstalled += 1
      install(index, &shadow, &actions)
    }
  }

  /// Brings entries of this kernel back to what the peer says.
  mutating func settleSuspects(
    _ shadow: inout Shadow, _ actions: inout [SyncAction], at now: Instant
  ) {
    for index in dequeueSuspects(at: now) where shadow.flows[index].isLive {
      let entry = shadow.flows[index]
      if !follows(entry) {
        remove(index, &shadow, &actions)
        sweptOne(&shadow.counters)
      } else if entry.marks.contains(.uninstallable) {
        continue
      } else if entry.marks.contains(.usurped) {
        installer.add(.delete(entry.flow.tuple), &actions)
        install(index, &shadow, &actions)
      } else if entry.marks.contains(.installed) {
        shadow.counters.updated += 1
        shadow.flows[index].marks.insert(.leased)
        installer.add(
          .update(entry.flow, timeoutSeconds: entry.flow.leaseSeconds), &actions)
      }
    }
  }

  private mutating func failed(
    _ failure: InstallFailure, _ shadow: inout Shadow, _ actions: inout [SyncAction],
    at now: Instant
  ) {
    switch failure.operation {
    case .create(let flow, _), .update(let flow, _):
      guard let index = shadow.flows.find(flow.tuple), shadow.flows[index].isLive else { return }
      failed(index, failure, &shadow, &actions, at: now)
    case .expect(let expectation):
      let key = ExpectationTable.Key(expectation)
      guard failure.refusal == .exists, let entry = shadow.expectations[key], !entry.isForced
      else {
        shadow.counters.failed += 1
        return
      }
      shadow.expectations[key]?.isForced = true
      installer.add(.forget(expectation), &actions)
      installer.add(.expect(expectation), &actions)
    case .delete, .deleteReply, .forget, .makeLenient, .makeStrict, .setTimeout, .setLabels:
      // Gone already, which is what was wanted; or no rule here uses labels.
      break
    }
  }

  private mutating func failed(
    _ index: Int, _ failure: InstallFailure, _ shadow: inout Shadow,
    _ actions: inout [SyncAction], at now: Instant
  ) {
    let isForced = shadow.flows[index].marks.contains(.forced)
    switch (failure.operation, failure.refusal) {
    case (.update, .missing):
      return install(index, &shadow, &actions)
    case (.update, .conflicting) where !isForced, (.create, .exists) where !isForced,
      (.create, .conflicting) where !isForced:
      // Somebody else's entry stands on one of the two tuples: the owner's record wins.
      shadow.flows[index].marks.insert(.forced)
      installer.add(.delete(shadow.flows[index].flow.tuple), &actions)
      if let reply = shadow.flows[index].flow.reply {
        installer.add(.deleteReply(reply), &actions)
      }
      install(index, &shadow, &actions)
    default:
      shadow.counters.failed += 1
      if case .update = failure.operation, failure.refusal != .full {
        // The entry is there, if not quite as it should be.
        return
      }
      lost(index, &shadow, at: now)
    }
  }
}
