import CLinux
import Glibc
public import Wire

/// Listening TCP sockets for servers that people and gateways reach.
public enum TCPListener {
  /// Connections that may wait to be accepted.
  private static let backlog: Int32 = 1_024

  /// Listens on an address of this machine (`0.0.0.0`: all); port 0: one that is free.
  public static func listen(on address: IPv4Address, port: UInt16) throws(SystemError) -> Descriptor
  {
    let socket = try openSocket(AF_INET, .stream)
    let number = socket.rawValue
    try setOption(number, SOL_SOCKET, SO_REUSEADDR, 1)
    try setOption(number, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = address.value.bigEndian
    try unsafe withUnsafePointer(to: &place) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        _ = try system("bind", "\(address):\(port)") {
          unsafe bind(
            number, .init(__sockaddr__: rebound), socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    try system("listen") { Glibc.listen(number, backlog) }
    return socket
  }

  /// The port that a socket listens on.
  public static func port(of socket: Int32) throws(SystemError) -> UInt16 {
    var place = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    try unsafe withUnsafeMutablePointer(to: &place) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        _ = try system("getsockname") {
          unsafe getsockname(socket, .init(__sockaddr__: rebound), &size)
        }
      }
    }
    return UInt16(bigEndian: place.sin_port)
  }
}
