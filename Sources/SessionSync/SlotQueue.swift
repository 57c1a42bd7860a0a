/// A first-in first-out queue of table indices in which each index stands at most once.
///
/// Whoever pops an index looks into the table whether there is still something to do for it: an
/// entry that went away is not searched for here, and a new one that took over its index takes
/// over its place too. So the queue is never longer than the table.
struct SlotQueue {
  private var ring: [UInt32] = [UInt32](repeating: 0, count: 64)
  private var isQueued: [Bool] = []

  /// Indices ever pushed.
  private(set) var pushed: UInt64 = 0
  /// Indices ever popped; an index pushed as number `n` has been handled when it reaches `n`.
  private(set) var popped: UInt64 = 0

  /// Indices in the queue.
  var count: Int { Int(pushed - popped) }

  /// Whether there is nothing in the queue.
  var isEmpty: Bool { pushed == popped }

  /// Appends an index; false when it was there already.
  @discardableResult
  mutating func push(_ index: Int) -> Bool {
    if index >= isQueued.count {
      let missing = max(64, index + 1 - isQueued.count, isQueued.count)
      isQueued.append(contentsOf: repeatElement(false, count: missing))
    }
    if isQueued[index] { return false }
    isQueued[index] = true
    if count == ring.count { grow() }
    ring[Int(pushed) & (ring.count - 1)] = UInt32(index)
    pushed += 1
    return true
  }

  /// Removes the oldest index.
  mutating func pop() -> Int? {
    guard !isEmpty else { return nil }
    let index = Int(ring[Int(popped) & (ring.count - 1)])
    popped += 1
    isQueued[index] = false
    return index
  }

  /// Empties the queue; what was pushed counts as popped.
  mutating func removeAll() {
    while pop() != nil {}
  }

  private mutating func grow() {
    var larger = [UInt32](repeating: 0, count: ring.count * 2)
    for number in popped..<pushed {
      larger[Int(number) & (larger.count - 1)] = ring[Int(number) & (ring.count - 1)]
    }
    ring = larger
  }
}
