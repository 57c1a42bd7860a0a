public import Wire

/// Everything `fence` needs.
public struct FenceConfiguration: Hashable, Sendable {
  /// The supervisor's process number, in this PID namespace.
  public var supervisorPID: Int32
  /// Silence of `vrrp` after which it counts as hung: three dead times.
  public var silenceLimit: Interval

  /// Joins the parts.
  public init(
    supervisorPID: Int32,
    silenceLimit: Interval
  ) {
    self.supervisorPID = supervisorPID
    self.silenceLimit = silenceLimit
  }
}

extension FenceConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    supervisorPID = try Int32(from: &reader)
    silenceLimit = try Interval(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    supervisorPID.write(into: &writer)
    silenceLimit.write(into: &writer)
  }
}

/// Messages for `fence`.
public enum FenceCommand: Hashable, Sendable {
  /// A (new) `vrrp` runs; watch it instead of the last one.
  case watch(vrrpPID: Int32)
}

extension FenceCommand: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .watch(vrrpPID: try Int32(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .watch(let vrrpPID):
      writer.uint8(0)
      vrrpPID.write(into: &writer)
    }
  }
}

/// A frame that tells the neighbours that the node leaves.
public struct FenceFrame: Hashable, Sendable {
  /// The physical port to send it on.
  public var interfaceIndex: Int32
  /// The whole Ethernet frame.
  public var octets: [UInt8]

  /// Joins the parts.
  public init(
    interfaceIndex: Int32,
    octets: [UInt8]
  ) {
    self.interfaceIndex = interfaceIndex
    self.octets = octets
  }
}

extension FenceFrame: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    interfaceIndex = try Int32(from: &reader)
    octets = try [UInt8](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    interfaceIndex.write(into: &writer)
    octets.write(into: &writer)
  }
}

/// What `vrrp` leaves with `fence` at each interval, on the pair behind descriptor 5.
public struct Beat: Hashable, Sendable {
  /// Whether the virtual interfaces are up.
  public var raised: Bool
  /// The virtual interfaces to lower.
  public var deviceIndexes: [Int32]
  /// Priority-0 adverts to send after lowering them.
  public var farewells: [FenceFrame]

  /// Joins the parts.
  public init(
    raised: Bool,
    deviceIndexes: [Int32],
    farewells: [FenceFrame]
  ) {
    self.raised = raised
    self.deviceIndexes = deviceIndexes
    self.farewells = farewells
  }
}

extension Beat: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    raised = try Bool(from: &reader)
    deviceIndexes = try [Int32](from: &reader)
    farewells = try [FenceFrame](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    raised.write(into: &writer)
    deviceIndexes.write(into: &writer)
    farewells.write(into: &writer)
  }
}
