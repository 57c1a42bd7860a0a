import Netlink
import Wire

/// A hash over a set of flows that does not depend on their order.
///
/// The sum of one hash per flow over its key, translations, TCP state and status. Both ends keep
/// it up to date record by record, so it can be compared at any point of the stream. It finds
/// mistakes, not forgeries: the channel is authenticated.
struct StreamDigest: Hashable, WireCodable {
  var flows: UInt64 = 0
  var sum: UInt64 = 0

  init() {}

  /// A flow enters the set.
  mutating func add(_ contribution: UInt64) {
    flows &+= 1
    sum &+= contribution
  }

  /// A flow leaves the set.
  mutating func remove(_ contribution: UInt64) {
    flows &-= 1
    sum &-= contribution
  }

  /// What the last comparison found, with this as this node's side.
  func compared(with peer: StreamDigest, at now: Instant) -> SyncStatus.Comparison {
    SyncStatus.Comparison(
      at: now, ownFlows: flows, ownDigest: sum, peerFlows: peer.flows, peerDigest: peer.sum)
  }

  /// What one flow adds to the sum of a stream.
  static func contribution(of flow: Flow, stream: UInt64) -> UInt64 {
    var hash = flow.tuple.mixed(seed: stream)
    if let nat = flow.sourceNAT { hash = mix(hash, nat, 1) }
    if let nat = flow.destinationNAT { hash = mix(hash, nat, 2) }
    let status = UInt64(flow.status.intersection([.seenReply, .assured]).rawValue)
    // Not that of SCTP, nor labels: a peer of before skips these parts of a record, and would never
    // agree.
    let state = UInt64(flow.tcp?.state.rawValue ?? 0xff)
    return scramble(hash ^ (status << 8 | state))
  }

  private static func mix(_ hash: UInt64, _ nat: Translation, _ side: UInt64) -> UInt64 {
    let port = UInt64(nat.port) << 32 | side
    return scramble(scramble(hash ^ nat.address.low ^ port) ^ nat.address.high)
  }

  /// The finaliser of SplitMix64: every input bit changes half of the output bits.
  private static func scramble(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  init(from reader: inout ByteReader) throws(WireError) {
    flows = try reader.uint64()
    sum = try reader.uint64()
  }

  func write(into writer: inout ByteWriter) {
    writer.uint64(flows)
    writer.uint64(sum)
  }
}
