import Netlink
import Wire

/// One change in the stream.
///
///     octets  0   1      2       4          5          6       7
///             op  flags  length  transport  TCP state  scales  TCP flags
///     octets  8                     12
///             status 8, timeout 24  source, destination, two ports
///
/// then, as the flags say, zone `u16`, source translation and destination translation (address,
/// `u16` port), then parts of `u8` type, `u8` length, value; unknown ones are skipped. `length`
/// counts the whole record. A delete has `transport`, addresses, ports and zone only; an
/// expectation is the kernel's own attributes. The key is always whole, so that a record can be
/// applied twice; a TCP flow with source translation takes 30 octets.
enum FlowRecord: Hashable {
  /// The flow exists and looks like this.
  case put(Flow)
  /// The flow is gone.
  case delete(FlowTuple)
  /// The expectation exists.
  case expect(Expectation)
  /// The expectation is gone.
  case forget(Expectation)

  enum Operation: UInt8 {
    case put = 1, delete, expect, forget
  }

  /// Second octet of a record.
  struct Flags: OptionSet {
    var rawValue: UInt8
    static let ipv6 = Flags(rawValue: 1 << 0)
    static let zone = Flags(rawValue: 1 << 1)
    static let sourceNAT = Flags(rawValue: 1 << 2)
    static let destinationNAT = Flags(rawValue: 1 << 3)
    static let parts = Flags(rawValue: 1 << 4)
    static let all = Flags(rawValue: 0x1f)
  }

  /// First octet of an optional part.
  enum Part: UInt8 {
    case mark = 1, helper, originalAdjustment, replyAdjustment, master, sctp, labels
  }

  /// Octets before the body.
  static let headerCount = 4
  /// TCP state of what is not TCP.
  static let noState: UInt8 = 0xff
}

extension FlowRecord {
  /// Appends the state of a flow.
  static func write(_ flow: Flow, into writer: inout ByteWriter) {
    let start = writer.count
    var flags = flags(of: flow.tuple)
    if flow.sourceNAT != nil { flags.insert(.sourceNAT) }
    if flow.destinationNAT != nil { flags.insert(.destinationNAT) }
    if flow.hasParts { flags.insert(.parts) }
    begin(.put, flags, into: &writer)
    writer.uint8(flow.tuple.transport.rawValue)
    if let tcp = flow.tcp {
      let original = tcp.originalFlags.intersection(.carried).rawValue
      let reply = tcp.replyFlags.intersection(.carried).rawValue
      writer.uint8(tcp.state.rawValue)
      writer.uint8(tcp.originalScale << 4 | tcp.replyScale)
      writer.uint8(original << 4 | reply)
    } else {
      writer.uint8(noState)
      writer.uint16(0)
    }
    let status = flow.status.intersection([.seenReply, .assured]).rawValue
    writer.uint32(status << 24 | min(flow.timeoutSeconds, Limits.timeoutSeconds))
    write(addresses: flow.tuple, into: &writer)
    if let nat = flow.sourceNAT { write(nat, flow.tuple.family, into: &writer) }
    if let nat = flow.destinationNAT { write(nat, flow.tuple.family, into: &writer) }
    if flags.contains(.parts) { write(parts: flow, into: &writer) }
    end(start, &writer)
  }

  /// Appends the end of a flow.
  static func write(delete key: FlowTuple, into writer: inout ByteWriter) {
    let start = writer.count
    begin(.delete, flags(of: key), into: &writer)
    writer.uint8(key.transport.rawValue)
    write(addresses: key, into: &writer)
    end(start, &writer)
  }

  /// Appends an expectation that is there or gone.
  static func write(
    _ operation: Operation, _ expectation: Expectation, into writer: inout ByteWriter
  ) {
    let start = writer.count
    begin(operation, expectation.tuple.family == .ipv6 ? .ipv6 : [], into: &writer)
    writer.octets(expectation.attributes)
    end(start, &writer)
  }

  /// Appends the record, whichever it is.
  func write(into writer: inout ByteWriter) {
    switch self {
    case .put(let flow): Self.write(flow, into: &writer)
    case .delete(let key): Self.write(delete: key, into: &writer)
    case .expect(let expectation): Self.write(.expect, expectation, into: &writer)
    case .forget(let expectation): Self.write(.forget, expectation, into: &writer)
    }
  }

  private static func flags(of tuple: FlowTuple) -> Flags {
    var flags: Flags = tuple.family == .ipv6 ? .ipv6 : []
    if tuple.zone != 0 { flags.insert(.zone) }
    return flags
  }

  private static func begin(
    _ operation: Operation, _ flags: Flags, into writer: inout ByteWriter
  ) {
    writer.uint8(operation.rawValue)
    writer.uint8(flags.rawValue)
    writer.uint16(0)
  }

  private static func end(_ start: Int, _ writer: inout ByteWriter) {
    writer.patch16(UInt16(writer.count - start), at: start + 2)
  }

  private static func write(addresses tuple: FlowTuple, into writer: inout ByteWriter) {
    write(tuple.source, tuple.family, into: &writer)
    write(tuple.destination, tuple.family, into: &writer)
    writer.uint16(tuple.sourcePort)
    writer.uint16(tuple.destinationPort)
    if tuple.zone != 0 { writer.uint16(tuple.zone) }
  }

  private static func write(
    _ address: FlowAddress, _ family: AddressFamily, into writer: inout ByteWriter
  ) {
    switch family {
    case .ipv4: writer.uint32(UInt32(truncatingIfNeeded: address.low))
    case .ipv6:
      writer.uint64(address.high)
      writer.uint64(address.low)
    }
  }

  private static func write(
    _ nat: Translation, _ family: AddressFamily, into writer: inout ByteWriter
  ) {
    write(nat.address, family, into: &writer)
    writer.uint16(nat.port)
  }

  private static func write(parts flow: Flow, into writer: inout ByteWriter) {
    if flow.mark != 0 {
      writer.uint8(Part.mark.rawValue)
      writer.uint8(4)
      writer.uint32(flow.mark)
    }
    if !flow.helper.isNone {
      writer.uint8(Part.helper.rawValue)
      flow.helper.write(into: &writer)
    }
    if let value = flow.originalAdjustment {
      write(.originalAdjustment, value, into: &writer)
    }
    if let value = flow.replyAdjustment { write(.replyAdjustment, value, into: &writer) }
    if let sctp = flow.sctp {
      writer.uint8(Part.sctp.rawValue)
      writer.uint8(9)
      writer.uint8(sctp.state)
      writer.uint32(sctp.originalTag)
      writer.uint32(sctp.replyTag)
    }
    if !flow.labels.isEmpty {
      writer.uint8(Part.labels.rawValue)
      writer.uint8(16)
      writer.uint64(flow.labels.high)
      writer.uint64(flow.labels.low)
    }
    if let master = flow.master {
      // A related flow may be of the other family: its part says by its length.
      writer.uint8(Part.master.rawValue)
      writer.uint8(master.family == .ipv4 ? 15 : 39)
      writer.uint8(master.transport.rawValue)
      write(master.source, master.family, into: &writer)
      write(master.destination, master.family, into: &writer)
      writer.uint16(master.sourcePort)
      writer.uint16(master.destinationPort)
      writer.uint16(master.zone)
    }
  }

  private static func write(
    _ part: Part, _ value: SequenceAdjustment, into writer: inout ByteWriter
  ) {
    writer.uint8(part.rawValue)
    writer.uint8(12)
    writer.uint32(value.position)
    writer.uint32(UInt32(bitPattern: value.before))
    writer.uint32(UInt32(bitPattern: value.after))
  }
}

extension TCPFlags {
  /// What a record carries: what both nodes must know, not what belongs to one kernel.
  static let carried: TCPFlags = [.windowScale, .selectiveAcknowledgement, .closeInitiator]
}

extension Flow {
  fileprivate var hasParts: Bool {
    mark != 0 || !helper.isNone || originalAdjustment != nil || replyAdjustment != nil
      || master != nil || sctp != nil || !labels.isEmpty
  }
}
