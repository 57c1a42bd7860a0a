import Linux
import Netlink
import Policy

/// What the kernel holds of rulesets, asked by netlink: nft would fetch more than it is asked for,
/// for a list of counters the whole table, which takes longer than to load it.
enum KernelRulesets {
  /// The names of the counters in our table; none when there is no table.
  static func counterNames() throws -> [String] {
    var batch = MessageBatch(capacity: 4_096)
    _ = batch.dumpCounters(table: PolicyCompiler.tableName)
    var names: [String] = []
    try run(batch.bytes) { if case .counter(let counter) = $0 { names.append(counter.name) } }
    return names
  }

  /// The number that each transaction raises by one, whoever makes it. The kernel's own ends of
  /// elements raise it not.
  static func generation() throws -> UInt32 {
    var batch = MessageBatch(capacity: 4_096)
    _ = batch.askGeneration()
    var number: UInt32 = 0
    try run(batch.bytes) { if case .generation(let generation) = $0 { number = generation } }
    return number
  }

  private static func run(
    _ request: [UInt8], _ body: (NetlinkMessage.Body) -> Void
  ) throws {
    try NetlinkDump.run(request, subject: "nftables") { datagram in
      var reader = NetlinkReader()
      while let message = try reader.next(datagram) {
        switch message.body {
        case .counter, .generation: body(message.body)
        case .done, .acknowledged: return true
        case .failed(let code): throw SystemError(call: "dump", code: code, subject: "nftables")
        case .flow, .expectation, .trace, .other: break
        }
      }
      return false
    }
  }
}
