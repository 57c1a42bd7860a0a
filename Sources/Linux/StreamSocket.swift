import CLinux
import Glibc
public import Wire

/// TCP between two neighbours on one link: tied to the interface, and with a TTL that no router
/// could have passed on (RFC 5082).
public enum StreamSocket {
  /// A connection that was accepted.
  public struct Accepted: ~Copyable {
    /// The connected socket, not blocking.
    public let socket: Descriptor
    /// Who it is from.
    public let peer: IPv4Address

    /// Hands the socket over.
    public consuming func takeSocket() -> Descriptor { socket }
  }

  /// Octets that the kernel may hold unsent; beyond, the socket is not writable.
  private static let unsentLimit: Int32 = 131_072
  /// How long sent octets may go unacknowledged.
  private static let userTimeoutMilliseconds: Int32 = 2_000
  private static let neighbourTTL: Int32 = 255

  /// Listens on `address`; needs no privilege for ports above 1023.
  public static func listen(
    on address: IPv4Address, port: UInt16, interface: String
  ) throws(SystemError) -> Descriptor {
    let socket = try open(interface)
    let number = socket.rawValue
    try setOption(number, SOL_SOCKET, SO_REUSEADDR, 1)
    try unsafe withAddress(address, port) { (pointer, size) throws(SystemError) in
      try system("bind", "\(address):\(port)") {
        unsafe bind(number, .init(__sockaddr__: pointer), size)
      }
    }
    try system("listen") { Glibc.listen(number, 4) }
    return socket
  }

  /// Begins to connect; the socket is writable when that succeeded or failed, see
  /// ``connectionError(_:)``.
  public static func connect(
    from local: IPv4Address, to peer: IPv4Address, port: UInt16, interface: String
  ) throws(SystemError) -> Descriptor {
    let socket = try open(interface)
    let number = socket.rawValue
    try unsafe withAddress(local, 0) { (pointer, size) throws(SystemError) in
      try system("bind", "\(local)") { unsafe bind(number, .init(__sockaddr__: pointer), size) }
    }
    try unsafe withAddress(peer, port) { (pointer, size) throws(SystemError) in
      let result = unsafe Glibc.connect(number, .init(__sockaddr__: pointer), size)
      if result != 0 && errno != EINPROGRESS && errno != EINTR {
        throw SystemError(call: "connect", code: errno, subject: "\(peer):\(port)")
      }
    }
    return socket
  }

  /// Takes a connection, or nil when none waits.
  public static func accept(_ listener: Int32) throws(SystemError) -> Accepted? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = try unsafe withUnsafeMutablePointer(to: &address) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        try systemOrWouldBlock("accept4") {
          unsafe accept4(listener, .init(__sockaddr__: rebound), &size, flags)
        }
      }
    }
    guard let number else { return nil }
    let peer = IPv4Address(UInt32(bigEndian: address.sin_addr.s_addr))
    return Accepted(socket: Descriptor(owning: number), peer: peer)
  }

  /// Why a connection did not come about, 0 when it did (`SO_ERROR`).
  public static func connectionError(_ socket: Int32) throws(SystemError) -> Int32 {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    try system("getsockopt", "SO_ERROR") {
      unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
    }
    return code
  }

  /// A TCP socket with every option; accepted ones inherit them from the listener.
  private static func open(_ interface: String) throws(SystemError) -> Descriptor {
    let socket = try openSocket(AF_INET, .stream)
    let number = socket.rawValue
    try bindToDevice(number, interface)
    try setOption(number, Int32(IPPROTO_IP), IP_TTL, neighbourTTL)
    try setOption(number, Int32(IPPROTO_IP), IP_MINTTL, neighbourTTL)
    try setOption(number, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    try setOption(number, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, unsentLimit)
    try setOption(number, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, userTimeoutMilliseconds)
    return socket
  }

  private static func withAddress(
    _ address: IPv4Address, _ port: UInt16,
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
  ) throws(SystemError) {
    var socketAddress = sockaddr_in()
    socketAddress.sin_family = sa_family_t(AF_INET)
    socketAddress.sin_port = port.bigEndian
    socketAddress.sin_addr.s_addr = address.value.bigEndian
    try unsafe withUnsafePointer(to: &socketAddress) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        try unsafe body(rebound, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
