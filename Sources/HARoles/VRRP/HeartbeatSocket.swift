import CLinux
import Glibc
import Linux
import Wire

/// UDP 7112 on the HA port.
struct HeartbeatSocket: ~Copyable {
  /// The port of the heartbeat.
  static let port: UInt16 = 7_112

  private let socket: Descriptor

  /// The number, for the loop and the reader.
  var descriptor: Int32 { socket.rawValue }

  /// Opens a socket that sends and receives on `device` alone, whatever the routes say.
  init(device: String) throws(SystemError) {
    let socket = try openSocket(AF_INET, .datagram)
    let number = socket.rawValue
    try bindToDevice(number, device)
    try setOption(number, SOL_SOCKET, SO_REUSEADDR, 1)
    try setOption(number, SOL_SOCKET, SO_PRIORITY, 6)
    try setOption(number, Int32(IPPROTO_IP), IP_TTL, 255)
    try setOption(number, Int32(IPPROTO_IP), IP_TOS, 0xc0)
    try setOption(number, Int32(IPPROTO_IP), IP_RECVTTL, 1)
    try DatagramReader.enableStamps(number)
    // Not to the node's address: the socket must survive the address being set later.
    try unsafe Self.with(IPv4Address(0)) { address, size throws(SystemError) in
      try system("bind", "UDP \(Self.port) on \(device)") {
        unsafe bind(number, .init(__sockaddr__: address), size)
      }
    }
    self.socket = socket
  }

  /// Sends to a peer; false when the link cannot take it now.
  borrowing func send(_ octets: [UInt8], to peer: IPv4Address) -> Bool {
    let number = socket.rawValue
    var sent = -1
    // The closure does not throw.
    unsafe Self.with(peer) { address, size in
      sent = unsafe sendto(
        number, octets, octets.count, Int32(MSG_DONTWAIT), .init(__sockaddr__: address), size)
    }
    return sent == octets.count
  }

  private static func with<Failure: Error>(
    _ address: IPv4Address,
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Void
  ) throws(Failure) {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = address.value.bigEndian
    try unsafe withUnsafePointer(to: &name) { pointer throws(Failure) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(Failure) in
        try unsafe body(rebound, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
