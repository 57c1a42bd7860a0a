import Linux
import Netlink
import Wire

@testable import Roles

/// The marks of the connections in the kernel of a test.
enum FlowMarks {
  /// By the port of who opened a connection.
  static func all() throws -> [UInt16: UInt32] {
    var batch = MessageBatch(capacity: 4_096)
    _ = batch.dumpFlows(.ipv4)
    var found: [UInt16: UInt32] = [:]
    try NetlinkDump.run(batch.bytes, subject: "test") { datagram in
      var reader = NetlinkReader()
      while let message = try reader.next(datagram) {
        if case .done = message.body { return true }
        if case .flow(let event) = message.body {
          found[event.flow.tuple.sourcePort] = event.flow.mark
        }
      }
      return false
    }
    return found
  }
}
