import Netlink

/// Deletes that were sent and that the peer has not acknowledged yet, oldest first.
///
/// The table remembers no dead flow, so this is all from which a lost tail of the stream can be
/// told again. When it is full the oldest is forgotten, and with it the chance to resume before.
struct DeleteLog {
  private var ring: [(key: FlowTuple, sequence: UInt64)] = []
  private var first = 0
  private let limit: Int

  /// The highest sequence that was forgotten; a resumption must not reach back before it.
  private(set) var forgotten: UInt64 = 0

  /// Deletes held.
  var count: Int { ring.count - first }

  init(limit: Int = Limits.deleteLog) { self.limit = limit }

  /// Remembers a delete; sequences ascend.
  mutating func append(_ key: FlowTuple, sequence: UInt64) {
    if count == limit {
      forgotten = ring[first].sequence
      first += 1
    }
    if first > limit { compact() }
    ring.append((key, sequence))
  }

  /// The peer has everything up to `sequence`.
  mutating func acknowledge(upTo sequence: UInt64) {
    while first < ring.count, ring[first].sequence <= sequence { first += 1 }
    if first == ring.count {
      ring.removeAll(keepingCapacity: true)
      first = 0
    }
  }

  /// The keys deleted after `sequence`, oldest first.
  func keys(after sequence: UInt64) -> [FlowTuple] {
    ring[first...].filter { $0.sequence > sequence }.map(\.key)
  }

  /// Forgets everything; `forgotten` starts anew with the stream.
  mutating func removeAll() {
    ring.removeAll(keepingCapacity: true)
    first = 0
    forgotten = 0
  }

  private mutating func compact() {
    ring.removeFirst(first)
    first = 0
  }
}
