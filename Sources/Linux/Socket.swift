public import CLinux
import Glibc

/// Sets an integer socket option.
public func setOption(
  _ socket: Int32, _ level: Int32, _ name: Int32, _ value: Int32
) throws(SystemError) {
  var value = value
  try system("setsockopt", "option \(name)") {
    unsafe setsockopt(socket, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}

/// Ties a socket to one interface, for sending and receiving. Needs `NET_RAW`.
public func bindToDevice(_ socket: Int32, _ interface: String) throws(SystemError) {
  try system("setsockopt", "SO_BINDTODEVICE \(interface)") {
    unsafe interface.withCString {
      unsafe setsockopt(
        socket, SOL_SOCKET, SO_BINDTODEVICE, $0, socklen_t(interface.utf8.count + 1))
    }
  }
}

/// Has the kernel drop what a program of classic BPF does not let through (`SO_ATTACH_FILTER`).
public func attachFilter(_ socket: Int32, _ program: [sock_filter]) throws(SystemError) {
  var program = program
  let count = UInt16(program.count)
  try unsafe program.withUnsafeMutableBufferPointer { buffer throws(SystemError) in
    var filter = unsafe sock_fprog(len: count, filter: buffer.baseAddress)
    try system("setsockopt", "SO_ATTACH_FILTER") {
      unsafe setsockopt(
        socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
    }
  }
}

/// The kinds of socket that we open; the raw values are the kernel's.
public enum SocketType: UInt32, Sendable {
  /// An ordered stream of octets (`SOCK_STREAM`).
  case stream = 1
  /// Single messages (`SOCK_DGRAM`).
  case datagram = 2
  /// Raw packets (`SOCK_RAW`).
  case raw = 3
  /// Messages in order (`SOCK_SEQPACKET`).
  case sequencedPacket = 5
}

/// Opens a socket, close-on-exec and non-blocking. `protocolNumber` as the kernel takes it.
public func openSocket(
  _ domain: Int32, _ type: SocketType, _ protocolNumber: Int32 = 0
) throws(SystemError) -> Descriptor {
  let flags = Int32(type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
  return Descriptor(
    owning: try system("socket", "domain \(domain)") { socket(domain, flags, protocolNumber) })
}

/// The process at the other end of a UNIX stream socket, as the kernel knows it.
public struct PeerCredentials: Hashable, Sendable {
  /// Process number when it connected.
  public let pid: Int32
  /// User number when it connected.
  public let user: UInt32

  /// Asks the kernel (`SO_PEERCRED`).
  public init(of socket: Int32) throws(SystemError) {
    var credentials = ucred()
    var length = socklen_t(MemoryLayout<ucred>.size)
    try system("getsockopt", "SO_PEERCRED") {
      unsafe getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
    }
    pid = credentials.pid
    user = credentials.uid
  }
}
