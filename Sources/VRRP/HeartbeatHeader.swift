public import Wire

/// The number of a node in its deployment: primary 1, secondary 2; 0 is nobody.
public struct NodeID: Hashable, Comparable, Sendable {
  /// 1…255.
  public var value: UInt8

  /// Makes an id from its number.
  public init(_ value: UInt8) { self.value = value }

  public static func < (a: NodeID, b: NodeID) -> Bool { a.value < b.value }
}

/// 128 random bits drawn at each start of the heartbeat's sender.
public struct BootID: Hashable, Sendable {
  /// The first eight octets.
  public var high: UInt64
  /// The last eight octets.
  public var low: UInt64

  /// Joins two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The sixteen octets: the salt of the heartbeat key.
  public var octets: [UInt8] {
    var writer = ByteWriter(capacity: 16)
    writer.uint64(high)
    writer.uint64(low)
    return writer.bytes
  }
}

extension BootID: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    self.init(high: try reader.uint64(), low: try reader.uint64())
  }

  public func write(into writer: inout ByteWriter) {
    writer.uint64(high)
    writer.uint64(low)
  }
}

/// The clear start of a heartbeat, which the tag authenticates as additional data.
///
/// | offset | octets | field |
/// |---|---|---|
/// | 0 | 4 | magic `ZTHB` |
/// | 4 | 1 | version, 1 |
/// | 5 | 1 | node |
/// | 6 | 2 | reserved, 0 |
/// | 8 | 16 | boot id of the sender |
/// | 24 | 8 | counter, strictly growing within a boot; the nonce |
public struct HeartbeatHeader: Hashable, Sendable {
  /// Octets of the header.
  public static let count = 32
  /// `ZTHB`.
  public static let magic: UInt32 = 0x5a54_4842
  /// The version written; others are refused.
  public static let version: UInt8 = 1

  /// The sender.
  public var node: NodeID
  /// The sender's boot.
  public var boot: BootID
  /// Number of the heartbeat within the boot, from 1.
  public var counter: UInt64

  /// A header to be sent.
  public init(node: NodeID, boot: BootID, counter: UInt64) {
    self.node = node
    self.boot = boot
    self.counter = counter
  }
}

extension HeartbeatHeader: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let magic = try reader.uint32()
    guard magic == Self.magic else { throw .invalid(offset: 0, value: UInt64(magic)) }
    let version = try reader.uint8()
    guard version == Self.version else { throw .invalid(offset: 4, value: UInt64(version)) }
    node = NodeID(try reader.uint8())
    _ = try reader.uint16()
    boot = try BootID(from: &reader)
    counter = try reader.uint64()
  }

  public func write(into writer: inout ByteWriter) {
    writer.uint32(Self.magic)
    writer.uint8(Self.version)
    writer.uint8(node.value)
    writer.uint16(0)
    boot.write(into: &writer)
    writer.uint64(counter)
  }
}
