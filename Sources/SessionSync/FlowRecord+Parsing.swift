import Netlink
import Wire

/// What came of reading one record.
enum ParsedRecord {
  /// A record, with the number of parts that this version does not know.
  case record(FlowRecord, unknownParts: Int)
  /// A field is out of its range, or the operation is unknown; the rest of the frame is not
  /// affected.
  case invalid
}

extension FlowRecord {
  /// Reads one record; throws only when the frame cannot be read on.
  static func parse(_ reader: inout ByteReader) throws(WireError) -> ParsedRecord {
    let offset = reader.offset
    let operation = try reader.uint8()
    let flags = Flags(rawValue: try reader.uint8())
    let length = Int(try reader.uint16())
    guard length >= headerCount else { throw .invalid(offset: offset, value: UInt64(length)) }
    var body = ByteReader(try reader.octets(length - headerCount))
    do {
      guard let operation = Operation(rawValue: operation), flags.isSubset(of: .all) else {
        return .invalid
      }
      return try parse(operation, flags, &body)
    } catch { return .invalid }
  }

  private static func parse(
    _ operation: Operation, _ flags: Flags, _ body: inout ByteReader
  ) throws(WireError) -> ParsedRecord {
    switch operation {
    case .put: return try put(flags, &body)
    case .delete:
      let transport = Transport(rawValue: try body.uint8())
      let key = try tuple(transport, flags, &body)
      try body.finish()
      return .record(.delete(key), unknownParts: 0)
    case .expect, .forget:
      let octets = [UInt8](try body.octets(body.remaining))
      do {
        let expectation = try Expectation(
          parsing: octets, family: flags.contains(.ipv6) ? .ipv6 : .ipv4)
        let record: FlowRecord =
          operation == .expect ? .expect(expectation) : .forget(expectation)
        return .record(record, unknownParts: 0)
      } catch { return .invalid }
    }
  }

  private static func put(
    _ flags: Flags, _ body: inout ByteReader
  ) throws(WireError) -> ParsedRecord {
    let transport = Transport(rawValue: try body.uint8())
    let state = try body.uint8()
    let scales = try body.uint8()
    let tcpFlags = try body.uint8()
    let word = try body.uint32()
    var flow = Flow(tuple: try tuple(transport, flags, &body))
    let status = FlowStatus(rawValue: word >> 24)
    guard status.isSubset(of: [.seenReply, .assured]), flow.tuple.inverse != nil else {
      return .invalid
    }
    flow.status = status
    flow.timeoutSeconds = word & Limits.timeoutSeconds
    if transport == .tcp {
      guard let tcp = tracking(state, scales, tcpFlags) else { return .invalid }
      flow.tcp = tcp
    } else if state != noState || scales != 0 || tcpFlags != 0 {
      return .invalid
    }
    let family = flow.tuple.family
    if flags.contains(.sourceNAT) { flow.sourceNAT = try translation(family, &body) }
    if flags.contains(.destinationNAT) { flow.destinationNAT = try translation(family, &body) }
    var unknown = 0
    if flags.contains(.parts) {
      while body.remaining > 0 { unknown += try part(&flow, &body) ? 0 : 1 }
    }
    try body.finish()
    return .record(.put(flow), unknownParts: unknown)
  }

  private static func tracking(_ state: UInt8, _ scales: UInt8, _ flags: UInt8) -> TCPTracking? {
    let original = TCPFlags(rawValue: flags >> 4)
    let reply = TCPFlags(rawValue: flags & 0x0f)
    guard let state = TCPState(rawValue: state), original.isSubset(of: .carried),
      reply.isSubset(of: .carried)
    else { return nil }
    return TCPTracking(
      state: state, originalScale: scales >> 4, replyScale: scales & 0x0f,
      originalFlags: original, replyFlags: reply)
  }

  private static func tuple(
    _ transport: Transport, _ flags: Flags, _ body: inout ByteReader
  ) throws(WireError) -> FlowTuple {
    let family: AddressFamily = flags.contains(.ipv6) ? .ipv6 : .ipv4
    return FlowTuple(
      family: family, transport: transport, source: try address(family, &body),
      destination: try address(family, &body), sourcePort: try body.uint16(),
      destinationPort: try body.uint16(), zone: flags.contains(.zone) ? try body.uint16() : 0)
  }

  private static func address(
    _ family: AddressFamily, _ body: inout ByteReader
  ) throws(WireError) -> FlowAddress {
    switch family {
    case .ipv4: FlowAddress(high: 0, low: UInt64(try body.uint32()))
    case .ipv6: FlowAddress(high: try body.uint64(), low: try body.uint64())
    }
  }

  private static func translation(
    _ family: AddressFamily, _ body: inout ByteReader
  ) throws(WireError) -> Translation {
    Translation(address: try address(family, &body), port: try body.uint16())
  }

  /// Reads one optional part; false when this version does not know it.
  private static func part(
    _ flow: inout Flow, _ body: inout ByteReader
  ) throws(WireError) -> Bool {
    let type = try body.uint8()
    let offset = body.offset
    let count = try body.uint8()
    var value = ByteReader(try body.octets(Int(count)))
    switch Part(rawValue: type) {
    case .mark: flow.mark = try value.uint32()
    case .helper:
      guard let name = HelperName(try value.octets(Int(count))) else {
        throw .invalid(offset: offset, value: UInt64(count))
      }
      flow.helper = name
    case .originalAdjustment: flow.originalAdjustment = try adjustment(&value)
    case .replyAdjustment: flow.replyAdjustment = try adjustment(&value)
    case .master:
      let transport = Transport(rawValue: try value.uint8())
      flow.master = try tuple(transport, count == 39 ? [.ipv6, .zone] : .zone, &value)
    case .sctp:
      let state = try value.uint8()
      guard flow.tuple.transport == .sctp,
        let tracking = SCTPTracking(
          state: state, originalTag: try value.uint32(), replyTag: try value.uint32())
      else { throw .invalid(offset: offset, value: UInt64(state)) }
      flow.sctp = tracking
    case .labels:
      flow.labels = FlowLabels(high: try value.uint64(), low: try value.uint64())
    case nil: return false
    }
    try value.finish()
    return true
  }

  private static func adjustment(
    _ value: inout ByteReader
  ) throws(WireError) -> SequenceAdjustment {
    SequenceAdjustment(
      position: try value.uint32(), before: Int32(bitPattern: try value.uint32()),
      after: Int32(bitPattern: try value.uint32()))
  }
}
