import Linux
import Netlink

/// Tables of this network namespace's netfilter, read in one pass. Needs `NET_ADMIN`.
enum KernelDump {
  /// Calls `body` for every tracked connection.
  static func flows(_ body: (Flow) -> Void) throws {
    var batch = MessageBatch(capacity: 4_096)
    _ = batch.dumpFlows()
    try run(batch.bytes, "ctnetlink") { if case .flow(let event) = $0 { body(event.flow) } }
  }

  /// The named counters of an nftables table: packets by name; none when there is no such table.
  static func counters(table: String) throws -> [String: UInt64] {
    var batch = MessageBatch(capacity: 4_096)
    _ = batch.dumpCounters(table: table)
    var packets: [String: UInt64] = [:]
    try run(batch.bytes, "nftables") {
      if case .counter(let counter) = $0 { packets[counter.name] = counter.packets }
    }
    return packets
  }

  private static func run(
    _ request: [UInt8], _ subject: String, _ body: (NetlinkMessage.Body) -> Void
  ) throws {
    try NetlinkDump.run(request, subject: subject) { datagram in
      var reader = NetlinkReader()
      while let message = try reader.next(datagram) {
        switch message.body {
        case .flow, .counter: body(message.body)
        case .done: return true
        case .failed(let code): throw SystemError(call: "dump", code: code, subject: subject)
        case .expectation, .generation, .trace, .acknowledged, .other: break
        }
      }
      return false
    }
  }
}
