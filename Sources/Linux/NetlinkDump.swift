import CLinux
import Glibc

/// One question to netfilter and all of its answers, on a socket of its own.
public enum NetlinkDump {
  /// Largest datagram of a dump; the kernel fills up to 32 KiB.
  private static let datagramBytes = 65_536

  /// Sends a request for a dump and hands each datagram to `isEnd`, which says whether it was the
  /// last. Waits for the kernel, which answers at once. Needs `NET_ADMIN`.
  public static func run(
    _ request: [UInt8], subject: String, until isEnd: (RawSpan) throws -> Bool
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
      if try unsafe isEnd(datagram.span.bytes.extracting(first: count)) { return }
    }
  }
}
