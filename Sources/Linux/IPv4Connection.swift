import CLinux
import Glibc
public import Wire

/// Sockets towards an IPv4 address, for short-lived programs that wait.
public enum IPv4Connection {
  /// Connects a non-blocking socket: TCP begins to, UDP and ICMP are bound to the one peer.
  public static func connect(
    _ socket: Int32, to address: IPv4Address, port: UInt16
  ) throws(SystemError) {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = address.value.bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    try unsafe withUnsafePointer(to: &place) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        let result = unsafe Glibc.connect(socket, .init(__sockaddr__: rebound), size)
        if result != 0 && errno != EINPROGRESS && errno != EINTR {
          throw SystemError(call: "connect", code: errno, subject: "\(address):\(port)")
        }
      }
    }
  }

  /// Waits until something can be read or (`writing`) written; false when the time is over.
  public static func wait(_ socket: Int32, writing: Bool = false, until end: Instant) -> Bool {
    while true {
      let left = (end - MonotonicClock.now()).nanoseconds
      var entry = pollfd(
        fd: socket, events: Int16(writing ? POLLOUT : POLLIN), revents: 0)
      let count = unsafe poll(&entry, 1, Int32(clamping: max(0, (left + 999_999) / 1_000_000)))
      if count < 0 && errno == EINTR { continue }
      return count > 0
    }
  }
}
