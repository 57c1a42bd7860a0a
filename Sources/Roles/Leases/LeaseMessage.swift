import Wire

/// What the nodes of a pair tell each other about leases, and what is kept on the disk.
///
///     now 8, in use 4, count 2, ``DHCPLease`` …
///
/// A copy of the whole table is several of these; one without leases only says how many there are.
struct LeaseMessage: Hashable {
  /// Octets of one message, so that a frame between the nodes holds it.
  static let limitBytes = 14_336
  private static let headerBytes = 14

  /// The sender's clock, seconds since 1970: the two need not agree.
  var now: Int64
  /// How many addresses are in use by the sender's table.
  var inUse: UInt32
  /// What it knows of some of them.
  var leases: [DHCPLease]

  /// The leases by the receiver's clock.
  func leases(at ownNow: Int64) -> [DHCPLease] {
    leases.map { lease in
      var lease = lease
      let (remaining, overflow) = lease.ends.subtractingReportingOverflow(now)
      lease.ends = overflow ? ownNow : ownNow + min(remaining, LeaseTable.Limits.leaseSeconds)
      return lease
    }
  }

  /// Messages with all of the leases, at least one.
  static func messages(_ leases: [DHCPLease], inUse: Int, at now: Int64) -> [LeaseMessage] {
    var messages: [LeaseMessage] = []
    var room = 0
    for lease in leases {
      let size = lease.encoded.count
      if room < size {
        messages.append(LeaseMessage(now: now, inUse: UInt32(inUse), leases: []))
        room = limitBytes - headerBytes
      }
      room -= size
      messages[messages.count - 1].leases.append(lease)
    }
    if messages.isEmpty { messages = [LeaseMessage(now: now, inUse: UInt32(inUse), leases: [])] }
    return messages
  }
}

extension LeaseMessage: WireCodable {
  init(from reader: inout ByteReader) throws(WireError) {
    now = Int64(bitPattern: try reader.uint64())
    inUse = try reader.uint32()
    let count = try reader.uint16()
    leases = []
    for _ in 0..<count { leases.append(try DHCPLease(from: &reader)) }
  }

  func write(into writer: inout ByteWriter) {
    writer.uint64(UInt64(bitPattern: now))
    writer.uint32(inUse)
    writer.uint16(UInt16(leases.count))
    for lease in leases { lease.write(into: &writer) }
  }
}
