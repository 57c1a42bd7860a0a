import Netlink
import Policy
import Wire

/// A packet that was followed, and how it ended.
struct TracedPacket: Hashable {
  /// When it was first told of.
  let time: Instant
  /// Index of the interface that it came by.
  let inInterface: UInt32
  /// Index of the interface that it left by; 0: it did not.
  let outInterface: UInt32
  /// How it ended.
  let end: TracedEnd
}

/// Puts together what the kernel tells of packets step by step, several at the same time.
struct PacketPath {
  /// So long after its last step a packet has ended: the kernel does not say that nothing follows.
  static let silence = Interval.milliseconds(50)

  private struct Steps {
    let first: Instant
    var last: Instant
    var steps: [TraceStep] = []
  }

  private var packets: [UInt32: Steps] = [:]
  /// Whether packets are taken that come now; of others, those are told to their end that are known.
  var begins = true

  /// Whether any packet has not ended yet.
  var isEmpty: Bool { packets.isEmpty }

  /// Adds a step; a packet that has ended by it.
  mutating func take(_ step: TraceStep, at now: Instant) -> TracedPacket? {
    // Another one in the same place of the memory.
    let isFirst = step.table == PolicyCompiler.traceTableName && step.rule != 0
    let ended = isFirst ? packets.removeValue(forKey: step.packet).map(Self.packet) : nil
    if isFirst, begins { packets[step.packet] = Steps(first: now, last: now) }
    // What is not known began earlier, or somebody else chose it.
    packets[step.packet]?.steps.append(step)
    packets[step.packet]?.last = now
    guard step.verdict == .drop else { return ended }
    return packets.removeValue(forKey: step.packet).map(Self.packet)
  }

  /// Those of which nothing was told any more, the earliest first.
  mutating func ended(at now: Instant) -> [TracedPacket] {
    let silent = packets.filter { $0.value.last + PacketPath.silence <= now }
    for number in silent.keys { packets[number] = nil }
    return silent.values.map(Self.packet).sorted { $0.time < $1.time }
  }

  private static func packet(_ packet: Steps) -> TracedPacket {
    let chains = packet.steps.flatMap { step -> [(table: String, chain: String)] in
      let here = (table: step.table, chain: step.chain)
      guard case .lead(let next) = step.verdict else { return [here] }
      return [here, (table: step.table, chain: next)]
    }
    let drop = packet.steps.last { $0.verdict == .drop }
    return TracedPacket(
      time: packet.first, inInterface: packet.steps.first { $0.inInterface != 0 }?.inInterface ?? 0,
      outInterface: packet.steps.last { $0.outInterface != 0 }?.outInterface ?? 0,
      end: TracedEnd(chains: chains, droppedBy: drop.map { (table: $0.table, chain: $0.chain) }))
  }
}
