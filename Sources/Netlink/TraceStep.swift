/// What one chain of nftables made of one packet that is followed
/// (`linux/netfilter/nf_tables.h`, `NFT_MSG_TRACE`).
public struct TraceStep: Hashable, Sendable {
  /// What became of the packet.
  public enum Verdict: Hashable, Sendable {
    /// It ends here.
    case drop
    /// It leaves this hook.
    case accept
    /// It goes to another chain, and perhaps comes back.
    case lead(to: String)
    /// It goes on in this chain, or back to where it came from.
    case goOn
  }

  /// The same for all steps of a packet. The kernel takes it from where the packet is in memory, so
  /// that a later one may have it again.
  public var packet: UInt32
  /// The table's name.
  public var table: String
  /// The chain's name.
  public var chain: String
  /// Number of the rule that matched; 0: none, at the end of the chain.
  public var rule: UInt64
  /// What became of it.
  public var verdict: Verdict
  /// Index of the interface that it came by; 0: none.
  public var inInterface: UInt32
  /// Index of the interface that it leaves by; 0: not known yet, or none.
  public var outInterface: UInt32

  /// The multicast group of `NETLINK_NETFILTER` that has them, `NFNLGRP_NFTRACE`.
  public static let multicastGroup: Int32 = 9

  private enum Trace {
    static let subsystem: UInt16 = 10  // NFNL_SUBSYS_NFTABLES
    static let message: UInt16 = 17  // NFT_MSG_TRACE
    static let table: UInt16 = 1  // NFTA_TRACE_TABLE
    static let chain: UInt16 = 2  // NFTA_TRACE_CHAIN
    static let rule: UInt16 = 3  // NFTA_TRACE_RULE_HANDLE
    static let verdict: UInt16 = 5  // NFTA_TRACE_VERDICT
    static let packet: UInt16 = 6  // NFTA_TRACE_ID
    static let inInterface: UInt16 = 10  // NFTA_TRACE_IIF
    static let outInterface: UInt16 = 12  // NFTA_TRACE_OIF
    static let policy: UInt16 = 16  // NFTA_TRACE_POLICY
    static let code: UInt16 = 1  // NFTA_VERDICT_CODE
    static let target: UInt16 = 2  // NFTA_VERDICT_CHAIN
  }

  /// The type of a message that holds one.
  static let messageType = Trace.subsystem << 8 | Trace.message

  /// Throws ``NetlinkError`` when an attribute is malformed.
  init(_ message: RawSpan, _ range: AttributeCursor) throws(NetlinkError) {
    var (attributes, type, payload) = (range, UInt16(0), AttributeCursor(0, 0))
    self.init()
    while try attributes.next(message, &type, &payload) {
      switch type {
      case Trace.table: table = payload.name(message)
      case Trace.chain: chain = payload.name(message)
      case Trace.rule: rule = try payload.uint64(message, type)
      case Trace.verdict: try readVerdict(message, payload)
      case Trace.packet: packet = try payload.uint32(message, type)
      case Trace.inInterface: inInterface = try payload.uint32(message, type)
      case Trace.outInterface: outInterface = try payload.uint32(message, type)
      // What the chain does with whatever no rule has decided about.
      case Trace.policy: verdict = Self.verdict(try payload.uint32(message, type), "")
      default: break
      }
    }
  }

  /// A step of no packet, to be filled.
  public init() {
    (packet, table, chain, rule, verdict) = (0, "", "", 0, .goOn)
    (inInterface, outInterface) = (0, 0)
  }

  private mutating func readVerdict(
    _ message: RawSpan, _ range: AttributeCursor
  ) throws(NetlinkError) {
    var (attributes, type, payload) = (range, UInt16(0), AttributeCursor(0, 0))
    var (code, target) = (UInt32.max, "")
    while try attributes.next(message, &type, &payload) {
      if type == Trace.code { code = try payload.uint32(message, type) }
      if type == Trace.target { target = payload.name(message) }
    }
    verdict = Self.verdict(code, target)
  }

  private static func verdict(_ code: UInt32, _ target: String) -> Verdict {
    switch Int32(bitPattern: code) {
    case 0: .drop  // NF_DROP
    case 1: .accept  // NF_ACCEPT
    case -3, -4: .lead(to: target)  // NFT_JUMP, NFT_GOTO
    default: .goOn  // NFT_CONTINUE, NFT_BREAK, NFT_RETURN
    }
  }
}
