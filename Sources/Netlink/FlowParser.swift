import Wire

extension FlowEvent {
  /// Reads the attributes of a connection in `range`.
  ///
  /// Both tuples are compulsory, except that a destroyed entry may lack the reply tuple.
  @inline(__always)
  init(
    _ message: RawSpan, _ range: AttributeCursor, _ change: FlowChange, family: AddressFamily
  ) throws(NetlinkError) {
    var found = FoundAttributes()
    var rest = range
    var type: UInt16 = 0
    var value = rest
    while try rest.next(message, &type, &value) { try found.take(message, type, value) }
    guard let original = found.original else { throw .missing(attribute: CTA.tupleOriginal) }
    let zone = found.zone
    self.init(
      change, Flow(tuple: try FlowTuple(message, original, family: family, zone: zone)),
      parts: found.parts)
    if let reply = found.reply {
      flow.setReply(try FlowTuple(message, reply, family: family, zone: zone))
      parts.insert(.translations)
    } else if change != .destroyed {
      throw .missing(attribute: CTA.tupleReply)
    }
    if let master = found.master {
      flow.master = try FlowTuple(message, master, family: family, zone: zone)
      parts.insert(.master)
    }
    flow.status = found.status
    flow.timeoutSeconds = found.timeout
    flow.mark = found.mark
    flow.labels = found.labels
    flow.id = found.id
    flow.tcp = found.tcp
    flow.sctp = found.sctp
    flow.helper = found.helper
    flow.originalAdjustment = found.originalAdjustment
    flow.replyAdjustment = found.replyAdjustment
    // A new entry and an answer are complete: what they do not hold is not there.
    if change == .new { parts = .all }
  }
}

/// The attributes of one message; tuples are read last because the zone may stand behind them.
private struct FoundAttributes {
  var original: AttributeCursor?
  var reply: AttributeCursor?
  var master: AttributeCursor?
  var parts: FlowParts = []
  var zone: UInt16 = 0
  var status: FlowStatus = []
  var timeout: UInt32 = 0
  var mark: UInt32 = 0
  var labels = FlowLabels()
  var id: UInt32 = 0
  var tcp: TCPTracking?
  var sctp: SCTPTracking?
  var helper = HelperName.none
  var originalAdjustment: SequenceAdjustment?
  var replyAdjustment: SequenceAdjustment?

  @inline(__always)
  mutating func take(
    _ message: RawSpan, _ type: UInt16, _ value: AttributeCursor
  ) throws(NetlinkError) {
    switch type {
    case CTA.tupleOriginal: original = value
    case CTA.tupleReply: reply = value
    case CTA.tupleMaster: master = value
    case CTA.zone: zone = try value.uint16(message, type)
    case CTA.status:
      status = FlowStatus(rawValue: try value.uint32(message, type))
      parts.insert(.status)
    case CTA.timeout:
      timeout = try value.uint32(message, type)
      parts.insert(.timeout)
    case CTA.mark:
      mark = try value.uint32(message, type)
      parts.insert(.mark)
    case CTA.id:
      id = try value.uint32(message, type)
      parts.insert(.id)
    case CTA.labels:
      labels = try FlowLabels(message, value)
      parts.insert(.labels)
    case CTA.protocolInformation: try takeProtocol(message, value)
    case CTA.help: try takeHelper(message, value)
    case CTA.adjustmentOriginal:
      originalAdjustment = try SequenceAdjustment(message, value)
      parts.insert(.originalAdjustment)
    case CTA.adjustmentReply:
      replyAdjustment = try SequenceAdjustment(message, value)
      parts.insert(.replyAdjustment)
    default: break  // Counters, timestamps and what newer kernels add.
    }
  }

  private mutating func takeProtocol(
    _ message: RawSpan, _ range: AttributeCursor
  ) throws(NetlinkError) {
    var range = range
    var type: UInt16 = 0
    var value = range
    while try range.next(message, &type, &value) {
      switch type {
      case CTA.TCP.container:
        var whole = false
        tcp = try TCPTracking(message, value, &whole)
        if whole { parts.insert(.tcp) }
      case CTA.SCTP.container:
        sctp = try SCTPTracking(message, value)
        if sctp != nil { parts.insert(.sctp) }
      default: break
      }
    }
  }

  private mutating func takeHelper(
    _ message: RawSpan, _ range: AttributeCursor
  ) throws(NetlinkError) {
    var range = range
    var type: UInt16 = 0
    var value = range
    while try range.next(message, &type, &value) {
      guard type == CTA.Inner.helperName else { continue }
      // With its terminator.
      guard let name = HelperName(value.octets(message).dropLast()) else {
        throw .invalid(attribute: type, offset: value.offset)
      }
      helper = name
      parts.insert(.helper)
    }
  }
}

extension TCPTracking {
  /// Reads the inside of `CTA_PROTOINFO_TCP`; `whole` tells whether flags were there.
  init(
    _ message: RawSpan, _ range: AttributeCursor, _ whole: inout Bool
  ) throws(NetlinkError) {
    var range = range
    var type: UInt16 = 0
    var value = range
    var (state, scales, flags) = (TCPState.none, (UInt8(0), UInt8(0)), (TCPFlags(), TCPFlags()))
    while try range.next(message, &type, &value) {
      switch type {
      case CTA.TCP.state:
        guard let known = TCPState(rawValue: try value.uint8(message, type)) else {
          throw .invalid(attribute: type, offset: value.offset)
        }
        state = known
      case CTA.TCP.originalScale: scales.0 = try value.uint8(message, type)
      case CTA.TCP.replyScale: scales.1 = try value.uint8(message, type)
      case CTA.TCP.originalFlags:
        flags.0 = try value.tcpFlags(message, type)
        whole = true
      case CTA.TCP.replyFlags:
        flags.1 = try value.tcpFlags(message, type)
        whole = true
      default: break
      }
    }
    guard
      let tracking = TCPTracking(
        state: state, originalScale: scales.0, replyScale: scales.1, originalFlags: flags.0,
        replyFlags: flags.1)
    else { throw .invalid(attribute: CTA.TCP.originalScale, offset: range.end) }
    self = tracking
  }
}

extension SCTPTracking {
  /// Reads the inside of `CTA_PROTOINFO_SCTP`; nil when the tags are not there, as in the last event.
  init?(_ message: RawSpan, _ range: AttributeCursor) throws(NetlinkError) {
    var range = range
    var type: UInt16 = 0
    var value = range
    var state: UInt8 = 0
    var tags: (original: UInt32?, reply: UInt32?)
    while try range.next(message, &type, &value) {
      switch type {
      case CTA.SCTP.state: state = try value.uint8(message, type)
      case CTA.SCTP.originalTag: tags.original = try value.uint32(message, type)
      case CTA.SCTP.replyTag: tags.reply = try value.uint32(message, type)
      default: break
      }
    }
    guard let original = tags.original, let reply = tags.reply else { return nil }
    guard let tracking = SCTPTracking(state: state, originalTag: original, replyTag: reply) else {
      throw .invalid(attribute: CTA.SCTP.state, offset: range.end)
    }
    self = tracking
  }
}

extension AttributeCursor {
  /// `struct nf_ct_tcp_flags`: the flags, then a mask that the kernel always dumps as zero.
  @inline(__always)
  fileprivate func tcpFlags(
    _ message: RawSpan, _ type: UInt16
  ) throws(NetlinkError) -> TCPFlags {
    guard count == 2 else { throw .invalid(attribute: type, offset: offset) }
    return unsafe TCPFlags(
      rawValue: message.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
  }
}

extension FlowLabels {
  /// Reads `CTA_LABELS`: 16 octets, of which an older kernel may leave out the last.
  init(_ message: RawSpan, _ value: AttributeCursor) throws(NetlinkError) {
    let octets = value.octets(message)
    guard octets.count <= 16 else { throw .invalid(attribute: CTA.labels, offset: value.offset) }
    self.init()
    for (index, octet) in octets.enumerated() {
      if index < 8 {
        high |= UInt64(octet) << UInt64(56 - 8 * index)
      } else {
        low |= UInt64(octet) << UInt64(120 - 8 * index)
      }
    }
  }
}

extension SequenceAdjustment {
  /// Reads the inside of `CTA_SEQ_ADJ_*`.
  init(_ message: RawSpan, _ range: AttributeCursor) throws(NetlinkError) {
    var range = range
    var type: UInt16 = 0
    var value = range
    self.init(position: 0, before: 0, after: 0)
    while try range.next(message, &type, &value) {
      switch type {
      case CTA.Inner.position: position = try value.uint32(message, type)
      case CTA.Inner.before: before = Int32(bitPattern: try value.uint32(message, type))
      case CTA.Inner.after: after = Int32(bitPattern: try value.uint32(message, type))
      default: break
      }
    }
  }
}
