import Netlink

/// What the node knows about one flow beside the flow itself.
struct FlowEntry {
  /// Facts about an entry.
  struct Marks: OptionSet {
    var rawValue: UInt16
    /// The kernel of this node has it, or was just asked to.
    static let installed = Marks(rawValue: 1 << 0)
    /// It changed since it was sent, or was never sent.
    static let dirty = Marks(rawValue: 1 << 1)
    /// It is dead and its delete waits to be sent.
    static let gone = Marks(rawValue: 1 << 2)
    /// The kernel was asked for the parts that events do not tell.
    static let asked = Marks(rawValue: 1 << 3)
    /// The kernel holds it with a lease and lenient windows, because the peer sent it.
    static let leased = Marks(rawValue: 1 << 4)
    /// What stood in its place was removed before the last attempt to install it.
    static let forced = Marks(rawValue: 1 << 5)
    /// It is local to this node though not to its owner: kept for the comparison only.
    static let uninstallable = Marks(rawValue: 1 << 6)
    /// The slot is in use.
    static let occupied = Marks(rawValue: 1 << 7)
    /// Under this key the kernel has another connection than the peer.
    static let usurped = Marks(rawValue: 1 << 8)
  }

  var flow: Flow
  /// Parts of `flow` that somebody has told.
  var known: FlowParts
  var marks: Marks
  /// The receiving side's view that it belongs to; ``Receiver/mark`` when the peer has it.
  var view: UInt32 = 0
  /// The last dump in which it was seen or since whose start it was touched.
  var seen: UInt32 = 0
  /// The sequence it was last sent with, 0 for never.
  var sequence: UInt64 = 0
  /// ``Shadow/generation`` in which this node made it in its kernel, 0 when traffic did. Only an
  /// entry of the present generation has no windows yet and takes them from its first packets;
  /// an older one remembers those of when this node was active last.
  var madeIn: UInt32 = 0
  /// What it adds to the stream's digest, as last sent or received.
  var contribution: UInt64 = 0

  /// Whether enough is known to install it elsewhere.
  var isComplete: Bool {
    switch flow.tuple.transport {
    case .tcp: known.contains(.tcp)
    case .sctp: known.contains(.sctp)
    default: true
    }
  }
  /// Whether it stands for a flow, living or just deleted.
  var isOccupied: Bool { marks.contains(.occupied) }
  /// Whether it stands for a living flow.
  var isLive: Bool { marks.intersection([.occupied, .gone]) == .occupied }
}

/// All flows of a node by their original tuple.
///
/// Entries lie in one array and keep their index for life, so that queues and walks hold indices;
/// an open-addressed array of hash and index finds them. The hash is seeded, because the tuples
/// are chosen by strangers. No allocation per flow, except when an array doubles.
struct FlowTable {
  /// `hash << 32 | index + 1`, 0 for free; linear probing, deletion shifts back.
  private var slots: [UInt64]
  private var entries: [FlowEntry] = []
  private var free: [UInt32] = []
  private let seed: UInt64
  private let limit: Int

  /// Occupied entries.
  private(set) var count = 0

  /// Every index is below it.
  var end: Int { entries.count }

  /// `expected` entries are made room for: address space, of which the system takes memory only
  /// for what is used, so that growing does not stop the node to copy.
  init(seed: UInt64, limit: Int = Limits.flows, expected: Int = 0) {
    self.seed = seed
    self.limit = limit
    // With what is dead and waits to be told there are more than the kernel has.
    entries.reserveCapacity(min(expected + expected / 8, limit))
    slots = [UInt64](repeating: 0, count: 1 << 10)
  }

  /// The entry at an index below ``end``; look at ``FlowEntry/isOccupied`` first.
  subscript(index: Int) -> FlowEntry {
    // Not `_read`: in a debug build of Swift 6.3.1 what it yields is used after its end.
    get { entries[index] }
    _modify { yield &entries[index] }
  }

  /// The index of the entry with this key, also one that is ``FlowEntry/Marks/gone``.
  func find(_ key: FlowTuple) -> Int? {
    let hash = hash(key)
    let mask = slots.count - 1
    var position = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[position]
      if slot == 0 { return nil }
      if slot >> 32 == hash {
        let index = Int(slot & 0xffff_ffff) - 1
        if entries[index].flow.tuple == key { return index }
      }
      position = (position + 1) & mask
    }
  }

  /// Adds a flow whose key is not in the table; nil when the table is full.
  mutating func insert(_ flow: Flow, known: FlowParts, marks: FlowEntry.Marks) -> Int? {
    guard count < limit else { return nil }
    if (count + 1) * 4 > slots.count * 3 { grow() }
    let entry = FlowEntry(flow: flow, known: known, marks: marks.union(.occupied))
    let index: Int
    if let reused = free.popLast() {
      index = Int(reused)
      entries[index] = entry
    } else {
      index = entries.count
      entries.append(entry)
    }
    count += 1
    place(hash(flow.tuple) << 32 | UInt64(index + 1))
    return index
  }

  /// Frees the entry at an index that is occupied.
  mutating func remove(_ index: Int) {
    let mask = slots.count - 1
    var hole = Int(truncatingIfNeeded: hash(entries[index].flow.tuple)) & mask
    while slots[hole] & 0xffff_ffff != UInt64(index + 1) { hole = (hole + 1) & mask }
    var position = hole
    while true {
      position = (position + 1) & mask
      let slot = slots[position]
      if slot == 0 { break }
      let home = Int(truncatingIfNeeded: slot >> 32) & mask
      // Move back what would not be found once there is a hole before it.
      if (position - home) & mask >= (position - hole) & mask {
        slots[hole] = slot
        hole = position
      }
    }
    slots[hole] = 0
    entries[index].marks = []
    free.append(UInt32(index))
    count -= 1
  }

  private func hash(_ key: FlowTuple) -> UInt64 { key.mixed(seed: seed) >> 32 }

  private mutating func place(_ slot: UInt64) {
    let mask = slots.count - 1
    var position = Int(truncatingIfNeeded: slot >> 32) & mask
    while slots[position] != 0 { position = (position + 1) & mask }
    slots[position] = slot
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: old.count * 2)
    for slot in old where slot != 0 { place(slot) }
  }
}
