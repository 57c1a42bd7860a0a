import Netlink

/// Collects what the kernel is to be told, and knows what follows once it has been.
struct Installer {
  /// What is true when the kernel has handled a batch and all before it.
  enum Milestone: Hashable {
    /// Everything up to this sequence is installed.
    case applied(UInt64)
    /// The bulk is installed and swept.
    case bulk(UInt32)
    /// Everything before the barrier is installed.
    case barrier(UInt32)
  }

  private var operations: [Installation] = []
  private var milestones: [(batch: UInt64, milestone: Milestone)] = []
  private var reported: UInt64 = 0
  /// The batch under construction.
  private var batch: UInt64 = 1

  /// Whether the kernel still has to answer.
  var isBusy: Bool { reported + 1 < batch }

  /// Appends an operation; a full batch goes to `actions`.
  mutating func add(_ operation: Installation, _ actions: inout [SyncAction]) {
    operations.append(operation)
    if operations.count == Limits.batch { flush(&actions) }
  }

  /// Sends what is collected.
  mutating func flush(_ actions: inout [SyncAction]) {
    guard !operations.isEmpty else { return }
    actions.append(.install(InstallBatch(id: batch, operations: operations)))
    operations.removeAll(keepingCapacity: true)
    batch += 1
  }

  /// Notes what is reached when everything added so far has been handled.
  mutating func mark(_ milestone: Milestone) {
    let last = operations.isEmpty ? batch - 1 : batch
    // Sequences arrive by the frame; only the latest of one batch matters.
    if case .applied = milestone, let previous = milestones.last, previous.batch == last,
      case .applied = previous.milestone
    {
      milestones[milestones.count - 1].milestone = milestone
    } else {
      milestones.append((last, milestone))
    }
  }

  /// The kernel has handled a batch; batches are handled in order.
  mutating func report(_ id: UInt64) { reported = max(reported, min(id, batch - 1)) }

  /// Takes the next milestone that is reached.
  mutating func next() -> Milestone? {
    guard let first = milestones.first, first.batch <= reported else { return nil }
    milestones.removeFirst()
    return first.milestone
  }

  /// Drops milestones of a stream that is over.
  mutating func forgetMilestones() { milestones = [] }
}
