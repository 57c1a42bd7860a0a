/// The number that the kernel raises with each transaction of nftables in a network namespace,
/// whoever made it (`linux/netfilter/nf_tables.h`, `NFT_MSG_NEWGEN`).
enum RulesetGeneration {
  private static let subsystem: UInt16 = 10  // NFNL_SUBSYS_NFTABLES
  private static let new: UInt16 = 15  // NFT_MSG_NEWGEN
  private static let get: UInt16 = 16  // NFT_MSG_GETGEN
  private static let id: UInt16 = 1  // NFTA_GEN_ID

  /// The type of a message that holds one.
  static let messageType = subsystem << 8 | new

  /// Nil where the message has no number. Throws ``NetlinkError`` when an attribute is malformed.
  static func parse(
    _ message: RawSpan, _ range: AttributeCursor
  ) throws(NetlinkError) -> UInt32? {
    var (attributes, type, payload) = (range, UInt16(0), AttributeCursor(0, 0))
    var found: UInt32?
    while try attributes.next(message, &type, &payload) {
      if type == id { found = try payload.uint32(message, type) }
    }
    return found
  }

  /// Appends the question.
  fileprivate static func ask(_ batch: inout MessageBatch) -> UInt32 {
    let sequence = batch.begin(subsystem, get, Header.acknowledge, nil)
    batch.finish()
    return sequence
  }
}

extension MessageBatch {
  /// Asks for the generation of the rulesets, to be acknowledged; the answer is
  /// ``NetlinkMessage/Body/generation(_:)``. Returns the request's number.
  public mutating func askGeneration() -> UInt32 { RulesetGeneration.ask(&self) }
}
