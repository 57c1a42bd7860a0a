import Netlink

/// What the node knows about one expectation.
struct ExpectationEntry {
  var expectation: Expectation
  /// The sequence it was last sent with, 0 for never.
  var sequence: UInt64 = 0
  /// The receiving side's view that it belongs to.
  var view: UInt32 = 0
  /// The last dump in which it was seen or since whose start it was touched.
  var seen: UInt32 = 0
  /// It is dead and that waits to be sent.
  var isGone = false
  /// It was removed from the kernel before the last attempt to install it.
  var isForced = false
}

/// The expectations of a node; few and short-lived, so an ordinary dictionary holds them.
struct ExpectationTable {
  /// What makes two expectations the same one.
  struct Key: Hashable {
    var master: FlowTuple
    var tuple: FlowTuple

    init(_ expectation: Expectation) {
      master = expectation.master
      tuple = expectation.tuple
    }
  }

  private(set) var entries: [Key: ExpectationEntry] = [:]
  /// Keys that changed since they were sent, oldest first, each at most once.
  private var waiting: [Key] = []
  private var isWaiting: Set<Key> = []

  /// Expectations, also those whose end waits to be sent.
  var count: Int { entries.count }
  /// Whether there is something to send.
  var hasWaiting: Bool { !waiting.isEmpty }

  subscript(key: Key) -> ExpectationEntry? {
    get { entries[key] }
    set { entries[key] = newValue }
  }

  /// Adds or replaces an expectation; false when the table is full.
  mutating func put(_ expectation: Expectation) -> Bool {
    let key = Key(expectation)
    if entries[key] != nil {
      entries[key]?.expectation = expectation
      entries[key]?.isGone = false
      return true
    }
    guard entries.count < Limits.expectations else { return false }
    entries[key] = ExpectationEntry(expectation: expectation)
    return true
  }

  /// Forgets the expectations of a flow that is removed from the kernel, which drops them with it.
  mutating func removeAll(of master: FlowTuple) {
    entries = entries.filter { $0.key.master != master }
  }

  /// Has a key sent once more.
  mutating func enqueue(_ key: Key) {
    if isWaiting.insert(key).inserted { waiting.append(key) }
  }

  /// The key that has waited longest.
  mutating func dequeue() -> Key? {
    guard let key = waiting.first else { return nil }
    waiting.removeFirst()
    isWaiting.remove(key)
    return key
  }

  /// Forgets what waits, and the dead with it.
  mutating func clearWaiting() {
    waiting = []
    isWaiting = []
    entries = entries.filter { !$0.value.isGone }
  }
}
