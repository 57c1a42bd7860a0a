/// A tracked connection in normal form: un-translated key plus what is translated.
///
/// The kernel reports a translated reply tuple but must be given the plain inverse and the
/// translations, so this form holds the latter and both directions of the codec convert. A
/// fixed-size value; events fill it in part (``FlowParts``), ``merge(_:_:)`` joins them.
public struct Flow: Hashable, Sendable {
  /// The original direction, before any translation: the key.
  public var tuple: FlowTuple
  /// What the source becomes on its way out, or nil when it is kept.
  public var sourceNAT: Translation?
  /// What the destination becomes, or nil when it is kept.
  public var destinationNAT: Translation?
  /// `enum ip_conntrack_status`.
  public var status: FlowStatus = []
  /// Seconds that the entry has left without traffic, as the kernel said it last.
  public var timeoutSeconds: UInt32 = 0
  /// `ct mark`.
  public var mark: UInt32 = 0
  /// `ct label`.
  public var labels = FlowLabels()
  /// Tracking state of TCP; nil for other protocols or when not reported.
  public var tcp: TCPTracking?
  /// Tracking state of SCTP; nil for other protocols or when not reported.
  public var sctp: SCTPTracking?
  /// The helper that parses this flow's payload; ``HelperName/none`` without one.
  public var helper = HelperName.none
  /// Sequence number correction of the original direction.
  public var originalAdjustment: SequenceAdjustment?
  /// Sequence number correction of the reply direction.
  public var replyAdjustment: SequenceAdjustment?
  /// The original tuple of the flow whose helper expected this one.
  public var master: FlowTuple?
  /// The kernel's own number for this incarnation (`CTA_ID`); means nothing on another node.
  public var id: UInt32 = 0

  /// A flow of which nothing but the key is known.
  public init(tuple: FlowTuple) { self.tuple = tuple }

  /// Derives the translations from the kernel's reply tuple.
  ///
  /// For ICMP the changed identifier belongs to the translated side, or to the source when no
  /// address changed.
  public mutating func setReply(_ reply: FlowTuple) {
    sourceNAT = nil
    destinationNAT = nil
    guard let plain = tuple.inverse, plain != reply else { return }
    if tuple.transport.isICMP {
      if plain.source != reply.source {
        destinationNAT = Translation(address: reply.source, port: reply.sourcePort)
      }
      if plain.destination != reply.destination || destinationNAT == nil {
        sourceNAT = Translation(address: reply.destination, port: reply.sourcePort)
      }
      return
    }
    if plain.source != reply.source || plain.sourcePort != reply.sourcePort {
      destinationNAT = Translation(address: reply.source, port: reply.sourcePort)
    }
    if plain.destination != reply.destination || plain.destinationPort != reply.destinationPort {
      sourceNAT = Translation(address: reply.destination, port: reply.destinationPort)
    }
  }

  /// The reply tuple as the kernel shows it, translations applied; nil as for
  /// ``FlowTuple/inverse``.
  public var reply: FlowTuple? {
    guard var reply = tuple.inverse else { return nil }
    if let destinationNAT {
      reply.source = destinationNAT.address
      reply.sourcePort = destinationNAT.port
    }
    if let sourceNAT {
      reply.destination = sourceNAT.address
      if tuple.transport.isICMP {
        reply.sourcePort = sourceNAT.port
      } else {
        reply.destinationPort = sourceNAT.port
      }
    }
    return reply
  }

  /// Takes over from `update` the parts that its message held; the key stays.
  public mutating func merge(_ update: Flow, _ parts: FlowParts) {
    if parts.contains(.translations) {
      sourceNAT = update.sourceNAT
      destinationNAT = update.destinationNAT
    }
    if parts.contains(.status) { status = update.status }
    if parts.contains(.timeout) { timeoutSeconds = update.timeoutSeconds }
    if parts.contains(.mark) { mark = update.mark }
    if parts.contains(.labels) { labels = update.labels }
    if parts.contains(.tcp) { tcp = update.tcp }
    if parts.contains(.sctp) { sctp = update.sctp }
    if parts.contains(.helper) { helper = update.helper }
    if parts.contains(.originalAdjustment) { originalAdjustment = update.originalAdjustment }
    if parts.contains(.replyAdjustment) { replyAdjustment = update.replyAdjustment }
    if parts.contains(.master) { master = update.master }
    if parts.contains(.id) { id = update.id }
  }
}

/// An address and port that replace those of one end.
public struct Translation: Hashable, Sendable {
  /// The new address, of the tuple's family.
  public var address: FlowAddress
  /// The new port in host order, or the new ICMP identifier; 0 for protocols without ports.
  public var port: UInt16

  /// Joins an address and a port.
  public init(address: FlowAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

/// Status bits of an entry (`enum ip_conntrack_status`).
public struct FlowStatus: OptionSet, Hashable, Sendable {
  /// The kernel's bits.
  public var rawValue: UInt32
  /// Wraps the kernel's bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// Created by an expectation (`IPS_EXPECTED`).
  public static let expected = FlowStatus(rawValue: 0x1)
  /// Packets were seen in both directions (`IPS_SEEN_REPLY`).
  public static let seenReply = FlowStatus(rawValue: 0x2)
  /// Not dropped early when the table is full (`IPS_ASSURED`).
  public static let assured = FlowStatus(rawValue: 0x4)
  /// In the hash table (`IPS_CONFIRMED`).
  public static let confirmed = FlowStatus(rawValue: 0x8)
  /// The source is translated (`IPS_SRC_NAT`).
  public static let sourceNAT = FlowStatus(rawValue: 0x10)
  /// The destination is translated (`IPS_DST_NAT`).
  public static let destinationNAT = FlowStatus(rawValue: 0x20)
  /// Sequence numbers are adjusted (`IPS_SEQ_ADJUST`).
  public static let sequenceAdjusted = FlowStatus(rawValue: 0x40)
  /// Being removed (`IPS_DYING`).
  public static let dying = FlowStatus(rawValue: 0x200)
  /// The timeout is not refreshed by packets (`IPS_FIXED_TIMEOUT`).
  public static let fixedTimeout = FlowStatus(rawValue: 0x400)
  /// A helper was attached by a rule (`IPS_HELPER`).
  public static let helper = FlowStatus(rawValue: 0x2000)
}

/// The 128 label bits of a connection (`ct label`).
public struct FlowLabels: Hashable, Sendable {
  /// The first eight octets as the kernel lays them out, first one highest.
  public var high: UInt64
  /// The last eight octets.
  public var low: UInt64

  /// Makes a set of bits; none without arguments.
  public init(high: UInt64 = 0, low: UInt64 = 0) {
    self.high = high
    self.low = low
  }

  /// Whether no bit is set.
  public var isEmpty: Bool { high == 0 && low == 0 }

  /// The octets as the kernel lays them out.
  public var octets: [UInt8] {
    [high, low].flatMap { word in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }
  }
}

/// What the kernel keeps of a TCP connection and lets user space set.
public struct TCPTracking: Hashable, Sendable {
  /// `enum tcp_conntrack`.
  public var state: TCPState
  /// Window scale of the original direction, 0…14.
  public var originalScale: UInt8
  /// Window scale of the reply direction, 0…14.
  public var replyScale: UInt8
  /// `IP_CT_TCP_FLAG_*` of the original direction.
  public var originalFlags: TCPFlags
  /// `IP_CT_TCP_FLAG_*` of the reply direction.
  public var replyFlags: TCPFlags

  /// The largest window scale (RFC 7323 2.3); the kernel refuses more with `ERANGE`.
  public static let scaleLimit: UInt8 = 14

  /// Makes a state; nil when a scale is above ``scaleLimit``.
  public init?(
    state: TCPState, originalScale: UInt8 = 0, replyScale: UInt8 = 0,
    originalFlags: TCPFlags = [], replyFlags: TCPFlags = []
  ) {
    guard originalScale <= Self.scaleLimit, replyScale <= Self.scaleLimit else { return nil }
    self.state = state
    self.originalScale = originalScale
    self.replyScale = replyScale
    self.originalFlags = originalFlags
    self.replyFlags = replyFlags
  }

  /// Whether packets of both directions passed through this node since the entry was made.
  public var hasTraffic: Bool {
    originalFlags.contains(.maximumAcknowledged) && replyFlags.contains(.maximumAcknowledged)
  }
}

/// The state of a tracked TCP connection (`enum tcp_conntrack`); larger numbers are refused.
public enum TCPState: UInt8, Hashable, Sendable {
  case none, synSent, synReceived, established, finWait, closeWait, lastAck, timeWait, close
  /// A simultaneous open (`TCP_CONNTRACK_SYN_SENT2`).
  case synSent2
  /// `TCP_CONNTRACK_MAX`, which the kernel also accepts.
  case retransmitted
}

/// The state of a tracked SCTP association (`struct ip_ct_sctp`).
public struct SCTPTracking: Hashable, Sendable {
  /// `enum sctp_conntrack`, 0…8. The kernel indexes a table with it and does not look at it before.
  public var state: UInt8
  /// The verification tag of packets of the original direction (RFC 9260 8.5).
  public var originalTag: UInt32
  /// The same of the reply direction.
  public var replyTag: UInt32

  /// `SCTP_CONNTRACK_ESTABLISHED`.
  public static let established: UInt8 = 4
  /// `SCTP_CONNTRACK_HEARTBEAT_SENT`, the largest that every kernel has.
  public static let stateLimit: UInt8 = 8

  /// Makes a state; nil when it is above ``stateLimit``.
  public init?(state: UInt8, originalTag: UInt32, replyTag: UInt32) {
    guard state <= Self.stateLimit else { return nil }
    self.state = state
    self.originalTag = originalTag
    self.replyTag = replyTag
  }
}

/// Flags of one direction of a tracked TCP connection.
public struct TCPFlags: OptionSet, Hashable, Sendable {
  /// The kernel's bits.
  public var rawValue: UInt8
  /// Wraps the kernel's bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// `IP_CT_TCP_FLAG_WINDOW_SCALE`; without it in both directions the scales are ignored.
  public static let windowScale = TCPFlags(rawValue: 0x01)
  /// `IP_CT_TCP_FLAG_SACK_PERM`.
  public static let selectiveAcknowledgement = TCPFlags(rawValue: 0x02)
  /// `IP_CT_TCP_FLAG_CLOSE_INIT`.
  public static let closeInitiator = TCPFlags(rawValue: 0x04)
  /// `IP_CT_TCP_FLAG_BE_LIBERAL`: packets outside the window are let through.
  public static let liberal = TCPFlags(rawValue: 0x08)
  /// `IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED`; never written.
  public static let unacknowledgedData = TCPFlags(rawValue: 0x10)
  /// `IP_CT_TCP_FLAG_MAXACK_SET`; never written, resets would become invalid.
  public static let maximumAcknowledged = TCPFlags(rawValue: 0x20)
  /// The only flags that may be written to a kernel.
  public static let writable = TCPFlags(rawValue: 0x0f)
}

/// A correction of TCP sequence numbers where a helper changed the length of the payload.
public struct SequenceAdjustment: Hashable, Sendable {
  /// The sequence number after which `after` applies (`CTA_SEQADJ_CORRECTION_POS`).
  public var position: UInt32
  /// The offset before `position`, two's complement.
  public var before: Int32
  /// The offset after `position`, two's complement.
  public var after: Int32

  /// Makes a correction.
  public init(position: UInt32, before: Int32, after: Int32) {
    self.position = position
    self.before = before
    self.after = after
  }
}

/// The name of a conntrack helper, held inline: 1 to 15 printable ASCII octets, or none.
public struct HelperName: Hashable, Sendable {
  /// The first eight octets, first one highest, zero padded.
  public private(set) var high: UInt64
  /// The last eight octets.
  public private(set) var low: UInt64

  /// No helper.
  public static let none = HelperName(high: 0, low: 0)

  /// The longest name (`NF_CT_HELPER_NAME_LEN` less its terminator).
  public static let lengthLimit = 15

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Takes the octets of a name without terminator; nil unless 1…15 octets of `!`…`~`.
  public init?(_ octets: some Sequence<UInt8>) {
    self = .none
    var count = 0
    for octet in octets {
      guard count < Self.lengthLimit, (0x21...0x7e).contains(octet) else { return nil }
      if count < 8 {
        high |= UInt64(octet) << UInt64(56 - 8 * count)
      } else {
        low |= UInt64(octet) << UInt64(56 - 8 * (count - 8))
      }
      count += 1
    }
    if count == 0 { return nil }
  }

  /// Whether there is no helper.
  public var isNone: Bool { high == 0 }

  /// The octets of the name without terminator.
  public var octets: [UInt8] {
    [high, low].flatMap { word in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }.filter { $0 != 0 }
  }
}

extension HelperName: CustomStringConvertible {
  /// The name; empty for none.
  public var description: String { String(decoding: octets, as: UTF8.self) }
}
