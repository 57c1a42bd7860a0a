public import Netlink
public import Wire

/// How many of each kind of thing are synchronised on one node, counted within the last seconds.
public struct Inventory: Hashable, Sendable {
  /// What is counted. Every session is of one of the kinds up to ``generic``; the others are what
  /// some of them have, and what goes beside them.
  public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    case tcp4, tcp6, udp4, udp6, icmp4, icmp6, sctp, gre
    /// Any other protocol.
    case generic
    /// Source or destination is translated.
    case translated
    case marked, labelled
    /// A helper reads the payload.
    case helped
    /// Made by an expectation: it has a master.
    case related
    /// Sequence numbers are corrected.
    case adjusted
    /// In a conntrack zone.
    case zoned
    case expectations, neighbours
  }

  private var counts = [UInt32](repeating: 0, count: Kind.allCases.count)
  /// Sessions of each helper, of this node alone; no more than ``Limits/helpers``.
  public internal(set) var helpers: [HelperName: Int] = [:]

  /// Nothing.
  public init() {}

  /// How many there are of a kind.
  public internal(set) subscript(kind: Kind) -> Int {
    get { Int(counts[Int(kind.rawValue)]) }
    set { counts[Int(kind.rawValue)] = UInt32(clamping: newValue) }
  }

  /// Counts one session.
  mutating func count(_ flow: Flow) {
    self[Inventory.kind(of: flow.tuple)] += 1
    if flow.sourceNAT != nil || flow.destinationNAT != nil { self[.translated] += 1 }
    if flow.mark != 0 { self[.marked] += 1 }
    if !flow.labels.isEmpty { self[.labelled] += 1 }
    if flow.master != nil { self[.related] += 1 }
    if flow.originalAdjustment != nil || flow.replyAdjustment != nil { self[.adjusted] += 1 }
    if flow.tuple.zone != 0 { self[.zoned] += 1 }
    guard !flow.helper.isNone else { return }
    self[.helped] += 1
    if helpers[flow.helper] != nil || helpers.count < Limits.helpers {
      helpers[flow.helper, default: 0] += 1
    }
  }

  private static func kind(of tuple: FlowTuple) -> Kind {
    switch tuple.transport {
    case .tcp: tuple.family == .ipv4 ? .tcp4 : .tcp6
    case .udp: tuple.family == .ipv4 ? .udp4 : .udp6
    case .icmp: .icmp4
    case .icmpv6: .icmp6
    case .sctp: .sctp
    case .gre: .gre
    default: .generic
    }
  }
}

extension Inventory: WireCodable {
  /// `u8 count, count × u32` in the order of the kinds. A later version may append; an earlier one
  /// leaves out the last.
  public init(from reader: inout ByteReader) throws(WireError) {
    self.init()
    for index in 0..<Int(try reader.uint8()) {
      let count = try reader.uint32()
      if index < counts.count { counts[index] = count }
    }
  }

  public func write(into writer: inout ByteWriter) {
    writer.uint8(UInt8(counts.count))
    for count in counts { writer.uint32(count) }
  }
}

/// A count of the table that is done a part at a time, so that a large one holds nothing up.
struct Census {
  /// The last whole count.
  private(set) var inventory = Inventory()
  private var counting = Inventory()
  private var cursor = 0

  /// Counts on through the table; `isCounted` says what belongs to the stream. Returns whether the
  /// count is whole.
  mutating func proceed(_ table: FlowTable, isCounted: (FlowEntry) -> Bool) -> Bool {
    let end = min(cursor + Limits.walk, table.end)
    while cursor < end {
      let entry = table[cursor]
      if entry.isLive, isCounted(entry) { counting.count(entry.flow) }
      cursor += 1
    }
    guard cursor >= table.end else { return false }
    inventory = counting
    counting = Inventory()
    cursor = 0
    return true
  }
}

extension SyncNode {
  /// Counts on, and has the peer told of a whole count.
  mutating func takeCensus() {
    let (role, sender, receiver, filter) = (role, sender, receiver, shadow.filter)
    let isWhole = census.proceed(shadow.flows) { entry in
      switch role {
      case .active: sender.isTracking ? sender.isSent(entry) : filter.isDue(entry.flow)
      case .standby: receiver.follows(entry)
      }
    }
    guard isWhole else {
      censusAt = clock + Limits.censusPart
      return
    }
    censusAt = clock + Limits.census
    isInventoryDue = peer != nil
  }

  /// What is synchronised here, with what is no session.
  var inventory: Inventory {
    var inventory = census.inventory
    inventory[.expectations] = shadow.expectations.entries.count { !$0.value.isGone }
    inventory[.neighbours] = neighbours.count
    return inventory
  }

  /// Writes the last count, in one frame.
  mutating func writeInventory() {
    guard isInventoryDue else { return }
    isInventoryDue = false
    let inventory = inventory
    frames.frame(.inventory, firstSequence: sender.next) { inventory.write(into: &$0) }
  }
}
