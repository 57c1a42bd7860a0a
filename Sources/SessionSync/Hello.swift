public import Netlink
public import Wire

/// Who a node is, what it can, and what it does: the first frame on a connection.
///
///     lowest u8, highest u8, node u8, role u8, term u64, stream u64, policy u64,
///     maximum flows u32, buckets u32, helpers (u8 length, octets)…
///
/// A later version may append; what follows the helpers is ignored.
public struct Hello: Hashable, Sendable {
  /// The oldest version of the protocol that this software speaks.
  public static let lowestVersion: UInt8 = 1
  /// The newest version of the protocol that this software speaks.
  public static let highestVersion: UInt8 = 1

  /// Oldest version that the node speaks.
  public var lowest = Hello.lowestVersion
  /// Newest version that the node speaks.
  public var highest = Hello.highestVersion
  /// The node's number, unique in the group; it owns the sessions in its stream.
  public var node: UInt8
  /// What it does at present.
  public var role: SyncRole
  /// The term it acts in.
  public var term: UInt64
  /// Names the sequence space of what it sends; random at every start of the role.
  public var stream: UInt64
  /// Hash over the policy and what else must be alike on both nodes.
  public var policy: UInt64
  /// `nf_conntrack_max`.
  public var maximumFlows: UInt32
  /// `nf_conntrack_buckets`.
  public var buckets: UInt32
  /// The conntrack helpers it has, in ascending order.
  public var helpers: [HelperName]

  /// Makes a greeting.
  public init(
    node: UInt8, role: SyncRole, term: UInt64, stream: UInt64, policy: UInt64,
    maximumFlows: UInt32, buckets: UInt32, helpers: [HelperName]
  ) {
    self.node = node
    self.role = role
    self.term = term
    self.stream = stream
    self.policy = policy
    self.maximumFlows = maximumFlows
    self.buckets = buckets
    self.helpers = helpers
  }

  /// The newest version that both nodes speak, or nil when there is none.
  func commonVersion(with other: Hello) -> UInt8? {
    let version = min(highest, other.highest)
    return version >= max(lowest, other.lowest) ? version : nil
  }
}

extension Hello: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    lowest = try reader.uint8()
    highest = try reader.uint8()
    node = try reader.uint8()
    role = try SyncRole(from: &reader)
    term = try reader.uint64()
    stream = try reader.uint64()
    policy = try reader.uint64()
    maximumFlows = try reader.uint32()
    buckets = try reader.uint32()
    helpers = []
    let offset = reader.offset
    let count = try reader.uint8()
    guard count <= Limits.helpers else { throw .invalid(offset: offset, value: UInt64(count)) }
    for _ in 0..<count { helpers.append(try HelperName(from: &reader)) }
  }

  public func write(into writer: inout ByteWriter) {
    writer.uint8(lowest)
    writer.uint8(highest)
    writer.uint8(node)
    role.write(into: &writer)
    writer.uint64(term)
    writer.uint64(stream)
    writer.uint64(policy)
    writer.uint32(maximumFlows)
    writer.uint32(buckets)
    let named = helpers.prefix(Limits.helpers)
    writer.uint8(UInt8(named.count))
    for helper in named { helper.write(into: &writer) }
  }
}

extension HelperName {
  /// Reads a length octet and the name.
  init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let count = try reader.uint8()
    guard let name = HelperName(try reader.octets(Int(count))) else {
      throw .invalid(offset: offset, value: UInt64(count))
    }
    self = name
  }

  /// Writes a length octet and the name.
  func write(into writer: inout ByteWriter) {
    let octets = octets
    writer.uint8(UInt8(octets.count))
    writer.octets(octets)
  }
}

/// How far a standby has followed a stream.
struct StreamPosition: Hashable, WireCodable {
  var term: UInt64
  var stream: UInt64
  /// The last record that is in its kernel, or 0 when it needs a full copy.
  var applied: UInt64

  init(term: UInt64, stream: UInt64, applied: UInt64) {
    self.term = term
    self.stream = stream
    self.applied = applied
  }

  init(from reader: inout ByteReader) throws(WireError) {
    term = try reader.uint64()
    stream = try reader.uint64()
    applied = try reader.uint64()
  }

  func write(into writer: inout ByteWriter) {
    writer.uint64(term)
    writer.uint64(stream)
    writer.uint64(applied)
  }
}

/// What of a stream is in the standby's kernel.
struct Acknowledgement: Hashable, WireCodable {
  var applied: UInt64
  /// Flows of the stream that the kernel holds.
  var installed: UInt32
  /// Flows of the stream that the kernel refused.
  var failed: UInt32
  /// The last full copy that is complete, or 0.
  var bulk: UInt32
  /// Whether the last comparison agreed.
  var agrees: Bool
  /// How often the tables were compared; wraps.
  var comparisons: UInt32
  /// The receiver's side of the last comparison.
  var compared: StreamDigest

  init(
    applied: UInt64, installed: UInt32, failed: UInt32, bulk: UInt32, agrees: Bool,
    comparisons: UInt32, compared: StreamDigest
  ) {
    self.comparisons = comparisons
    self.compared = compared
    self.applied = applied
    self.installed = installed
    self.failed = failed
    self.bulk = bulk
    self.agrees = agrees
  }

  init(from reader: inout ByteReader) throws(WireError) {
    applied = try reader.uint64()
    installed = try reader.uint32()
    failed = try reader.uint32()
    bulk = try reader.uint32()
    agrees = try Bool(from: &reader)
    comparisons = try reader.uint32()
    compared = try StreamDigest(from: &reader)
  }

  func write(into writer: inout ByteWriter) {
    writer.uint64(applied)
    writer.uint32(installed)
    writer.uint32(failed)
    writer.uint32(bulk)
    agrees.write(into: &writer)
    writer.uint32(comparisons)
    compared.write(into: &writer)
  }
}
