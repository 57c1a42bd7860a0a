import Linux
import Netlink
import Policy

/// Which counters are in the kernel. Asked by netlink: for a list of counters nft fetches the whole
/// table, which takes longer than to load it.
enum CounterNames {
  /// The names in our table; none when there is no table.
  static func inKernel() throws -> [String] {
    var batch = MessageBatch(capacity: 4_096)
    _ = batch.dumpCounters(table: PolicyCompiler.tableName)
    var names: [String] = []
    try NetlinkDump.run(batch.bytes, subject: "nftables") { datagram in
      var reader = NetlinkReader()
      while let message = try reader.next(datagram) {
        switch message.body {
        case .counter(let counter): names.append(counter.name)
        case .done: return true
        case .failed(let code): throw SystemError(call: "dump", code: code, subject: "nftables")
        case .flow, .expectation, .acknowledged, .other: break
        }
      }
      return false
    }
    return names
  }
}
