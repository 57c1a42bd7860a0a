import CLinux
import Glibc
import Linux
import Netlink

/// Tables of this network namespace's netfilter, read in one pass. Needs `NET_ADMIN`.
enum KernelDump {
  /// Largest datagram of a dump; the kernel fills up to 32 KiB.
  private static let datagramBytes = 65_536

  /// Calls `body` for every tracked connection.
  static func flows(_ body: (Flow) -> Void) throws {
    var batch = MessageBatch(capacity: 4_096)
    _ = batch.dumpFlows()
    try run(batch.bytes, "ctnetlink") { if case .flow(let event) = $0 { body(event.flow) } }
  }

  /// The named counters of an nftables table: packets by name. Fails when there is no such table.
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
    let socket = try openSocket(AF_NETLINK, .raw, NETLINK_NETFILTER)
    let number = socket.rawValue
    try system("send", subject) { unsafe send(number, request, request.count, 0) }
    var datagram = [UInt8](repeating: 0, count: datagramBytes)
    while true {
      var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      try system("poll", subject) { unsafe poll(&entry, 1, -1) }
      let count = try systemOrWouldBlock("recv", subject) {
        unsafe recv(number, &datagram, datagramBytes, 0)
      }
      guard let count else { continue }
      if try unsafe read(datagram.span.bytes.extracting(first: count), subject, body) { return }
    }
  }

  /// Reads one datagram; true at the end of the dump.
  private static func read(
    _ datagram: RawSpan, _ subject: String, _ body: (NetlinkMessage.Body) -> Void
  ) throws -> Bool {
    var reader = NetlinkReader()
    while let message = try reader.next(datagram) {
      switch message.body {
      case .flow, .counter: body(message.body)
      case .done: return true
      case .failed(let code): throw SystemError(call: "dump", code: code, subject: subject)
      case .expectation, .acknowledged, .other: break
      }
    }
    return false
  }
}
