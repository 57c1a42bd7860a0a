public import Wire

/// Everything `policy` needs.
public struct PolicyConfiguration: Hashable, Sendable {
  /// The configuration document, canonical JSON.
  public var document: [UInt8]
  /// SHA-256 of its policy part, 32 octets.
  public var appliedHash: [UInt8]
  /// The hosts of LANs, where the policy has to know them.
  public var hosts: [LANHost]

  /// Joins the parts.
  public init(document: [UInt8], appliedHash: [UInt8], hosts: [LANHost] = []) {
    self.document = document
    self.appliedHash = appliedHash
    self.hosts = hosts
  }
}

extension PolicyConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    document = try [UInt8](from: &reader)
    appliedHash = try [UInt8](from: &reader)
    hosts = try [LANHost](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    document.write(into: &writer)
    appliedHash.write(into: &writer)
    hosts.write(into: &writer)
  }
}

/// Messages for `policy`.
public enum PolicyCommand: Hashable, Sendable {
  /// The node became active: accept the previous epoch in reply direction for a while.
  case promoted
  /// Follow packets of one connection through the rules for a while.
  case trace(PacketTrace)
  /// From now on these are the hosts of LANs: they may use these addresses, and no others where hosts
  /// are kept apart, and are in the groups that match them.
  case hosts([LANHost])
}

extension PolicyCommand: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .promoted
    case 1: self = .trace(try PacketTrace(from: &reader))
    case 2: self = .hosts(try [LANHost](from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .promoted:
      writer.uint8(0)
    case .trace(let value):
      writer.uint8(1)
      value.write(into: &writer)
    case .hosts(let value):
      writer.uint8(2)
      value.write(into: &writer)
    }
  }
}

/// Which packets the kernel tells of as they pass its rules, and for how long.
public struct PacketTrace: Hashable, Sendable {
  /// How long at most.
  public static let seconds: ClosedRange<UInt16> = 1...302

  /// Number that whoever asks has chosen, by which the kernel shows that this one is in force.
  public var number: UInt32
  /// Who sends them.
  public var source: IPAddress
  /// Whom they are for, of the same family, before any translation of ours.
  public var destination: IPAddress
  /// IP protocol number.
  public var protocolNumber: UInt8
  /// Destination port; 0 where the protocol has none.
  public var port: UInt16
  /// How long, within ``seconds``.
  public var duration: UInt16

  /// Joins the parts.
  public init(
    number: UInt32, source: IPAddress, destination: IPAddress, protocolNumber: UInt8, port: UInt16,
    duration: UInt16
  ) {
    self.number = number
    self.source = source
    self.destination = destination
    self.protocolNumber = protocolNumber
    self.port = port
    self.duration = duration
  }
}

extension PacketTrace: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    number = try reader.uint32()
    source = try IPAddress(from: &reader)
    destination = try IPAddress(from: &reader)
    protocolNumber = try reader.uint8()
    port = try reader.uint16()
    duration = try reader.uint16()
  }

  public func write(into writer: inout ByteWriter) {
    writer.uint32(number)
    source.write(into: &writer)
    destination.write(into: &writer)
    writer.uint8(protocolNumber)
    writer.uint16(port)
    writer.uint16(duration)
  }
}

/// Messages from `policy`.
public enum PolicyReport: Hashable, Sendable {
  /// At each change and after each load.
  case status(PolicyStatus)
}

extension PolicyReport: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .status(try PolicyStatus(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .status(let value):
      writer.uint8(0)
      value.write(into: &writer)
    }
  }
}

/// What the kernel enforces.
public struct PolicyStatus: Hashable, Sendable {
  /// Whether a policy is in the kernel; nothing is forwarded otherwise.
  public var loaded: Bool
  /// `policy.version`.
  public var version: UInt64
  /// SHA-256 of the policy, 32 octets.
  public var hash: [UInt8]
  /// 1 + version % 255, stamped into `ct mark`.
  public var epoch: UInt8
  /// Seconds since 1970 of the last load; 0: never.
  public var appliedAt: Int64
  /// Why the last load failed; empty when it did not.
  public var error: String

  /// Joins the parts.
  public init(
    loaded: Bool,
    version: UInt64,
    hash: [UInt8],
    epoch: UInt8,
    appliedAt: Int64,
    error: String
  ) {
    self.loaded = loaded
    self.version = version
    self.hash = hash
    self.epoch = epoch
    self.appliedAt = appliedAt
    self.error = error
  }
}

extension PolicyStatus: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    loaded = try Bool(from: &reader)
    version = try UInt64(from: &reader)
    hash = try [UInt8](from: &reader)
    epoch = try UInt8(from: &reader)
    appliedAt = try Int64(from: &reader)
    error = try String(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    loaded.write(into: &writer)
    version.write(into: &writer)
    hash.write(into: &writer)
    epoch.write(into: &writer)
    appliedAt.write(into: &writer)
    error.write(into: &writer)
  }
}
