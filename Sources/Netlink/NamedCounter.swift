/// A counter that nftables knows by name, at the moment of a dump
/// (`linux/netfilter/nf_tables.h`, `NFT_OBJECT_COUNTER`).
public struct NamedCounter: Hashable, Sendable {
  /// Its name within its table.
  public var name: String
  /// Packets counted since it was made.
  public var packets: UInt64
  /// Octets of those packets.
  public var bytes: UInt64

  private enum Object {
    static let subsystem: UInt16 = 10  // NFNL_SUBSYS_NFTABLES
    static let new: UInt16 = 18  // NFT_MSG_NEWOBJ
    static let get: UInt16 = 19  // NFT_MSG_GETOBJ
    static let table: UInt16 = 1  // NFTA_OBJ_TABLE
    static let name: UInt16 = 2  // NFTA_OBJ_NAME
    static let type: UInt16 = 3  // NFTA_OBJ_TYPE
    static let data: UInt16 = 4  // NFTA_OBJ_DATA
    static let counter: UInt32 = 1  // NFT_OBJECT_COUNTER
    static let bytes: UInt16 = 1  // NFTA_COUNTER_BYTES
    static let packets: UInt16 = 2  // NFTA_COUNTER_PACKETS
  }

  /// The type of a message that holds one.
  static let messageType = Object.subsystem << 8 | Object.new

  /// Nil for an object of another kind. Throws ``NetlinkError`` when an attribute is malformed.
  init?(_ message: RawSpan, _ range: AttributeCursor) throws(NetlinkError) {
    var (attributes, type, payload) = (range, UInt16(0), AttributeCursor(0, 0))
    self.init(name: "", packets: 0, bytes: 0)
    var kind: UInt32 = 0
    while try attributes.next(message, &type, &payload) {
      switch type {
      case Object.name: name = payload.name(message)
      case Object.type: kind = try payload.uint32(message, type)
      case Object.data:
        var (values, inner, value) = (payload, UInt16(0), AttributeCursor(0, 0))
        while try values.next(message, &inner, &value) {
          if inner == Object.bytes { bytes = try value.uint64(message, inner) }
          if inner == Object.packets { packets = try value.uint64(message, inner) }
        }
      default: break
      }
    }
    if kind != Object.counter { return nil }
  }

  private init(name: String, packets: UInt64, bytes: UInt64) {
    self.name = name
    self.packets = packets
    self.bytes = bytes
  }

  /// Appends the question for every counter of a table.
  fileprivate static func ask(_ batch: inout MessageBatch, table: String) -> UInt32 {
    let sequence = batch.begin(Object.subsystem, Object.get, Header.dump, nil)
    batch.attribute(Object.table, Array(table.utf8) + [0])
    batch.attribute(Object.type, Object.counter)
    batch.finish()
    return sequence
  }
}

extension MessageBatch {
  /// Asks for every named counter of the nftables table of this name, of any family; the answers
  /// are ``NetlinkMessage/Body/counter(_:)``. Returns the request's number.
  public mutating func dumpCounters(table: String) -> UInt32 {
    NamedCounter.ask(&self, table: table)
  }
}
