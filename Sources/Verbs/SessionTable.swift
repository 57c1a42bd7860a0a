import CLinux
import Glibc
import Linux
import Netlink

/// The kernel's table of tracked connections, read in one pass.
enum SessionTable {
  /// Largest datagram of a dump; the kernel fills up to 32 KiB.
  private static let datagramBytes = 65_536

  /// Calls `body` for every connection of this network namespace. Needs `NET_ADMIN`.
  static func forEach(_ body: (Flow) -> Void) throws {
    let socket = try openSocket(AF_NETLINK, .raw, NETLINK_NETFILTER)
    var batch = MessageBatch(capacity: 4_096)
    _ = batch.dumpFlows()
    let request = batch.bytes
    let number = socket.rawValue
    try system("send", "ctnetlink") { unsafe send(number, request, request.count, 0) }
    var datagram = [UInt8](repeating: 0, count: datagramBytes)
    while true {
      var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      try system("poll", "ctnetlink") { unsafe poll(&entry, 1, -1) }
      let count = try systemOrWouldBlock("recv", "ctnetlink") {
        unsafe recv(number, &datagram, datagramBytes, 0)
      }
      guard let count else { continue }
      if try unsafe read(datagram.span.bytes.extracting(first: count), body) { return }
    }
  }

  /// Reads one datagram; true at the end of the dump.
  private static func read(_ datagram: RawSpan, _ body: (Flow) -> Void) throws -> Bool {
    var reader = NetlinkReader()
    while let message = try reader.next(datagram) {
      switch message.body {
      case .flow(let event): body(event.flow)
      case .done: return true
      case .failed(let code): throw SystemError(call: "dump", code: code, subject: "ctnetlink")
      case .expectation, .acknowledged, .other: break
      }
    }
    return false
  }
}
