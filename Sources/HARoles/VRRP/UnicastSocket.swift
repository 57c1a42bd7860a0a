import CLinux
import Glibc
import Linux
import VRRP
import Wire

/// Sends adverts to single neighbours, with the port's own Ethernet address.
///
/// The kernel finds the neighbour's Ethernet address, so this is an IP socket. It also stands for
/// protocol 112 towards those who send to us: without it the kernel would answer that nobody
/// listens. What arrives is read by the tap; a filter keeps it out of here.
struct UnicastSocket: ~Copyable {
  private let socket: Descriptor
  private let index: Int32

  /// Opens a socket of the port that sends from `source`. Needs `NET_RAW`.
  init(port: String, index: Int32, source: IPAddress) throws(SystemError) {
    let family = source.family
    let domain = family == .ipv4 ? AF_INET : AF_INET6
    let socket = try openSocket(domain, .raw, Int32(Advertisement.protocolNumber))
    try Self.hearNothing(socket.rawValue)
    try setOption(socket.rawValue, SOL_SOCKET, SO_PRIORITY, 6)
    switch family {
    case .ipv4:
      try setOption(socket.rawValue, Int32(IPPROTO_IP), IP_TTL, 255)
      try setOption(socket.rawValue, Int32(IPPROTO_IP), IP_TOS, 0xc0)
    case .ipv6:
      try setOption(socket.rawValue, Int32(IPPROTO_IPV6), IPV6_UNICAST_HOPS, 255)
      try setOption(socket.rawValue, Int32(IPPROTO_IPV6), IPV6_TCLASS, 0xc0)
    }
    try bindToDevice(socket.rawValue, port)
    let number = socket.rawValue
    let bound = unsafe Self.withAddress(source, index) { unsafe Glibc.bind(number, $0, $1) }
    guard bound == 0 else { throw SystemError(call: "bind", code: errno, subject: port) }
    self.socket = socket
    self.index = index
  }

  /// Sends one advert; false when the kernel cannot take it.
  borrowing func send(_ message: [UInt8], to peer: IPAddress) -> Bool {
    let number = socket.rawValue
    let sent = unsafe Self.withAddress(peer, index) {
      unsafe sendto(number, message, message.count, Int32(MSG_DONTWAIT), $0, $1)
    }
    return sent == message.count
  }

  /// A filter that gives nothing.
  private static func hearNothing(_ socket: Int32) throws(SystemError) {
    try attachFilter(
      socket, [sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0)])
  }

  private static func withAddress<Result>(
    _ address: IPAddress, _ index: Int32,
    _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Result
  ) -> Result {
    switch address {
    case .v4(let address):
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_addr.s_addr = address.value.bigEndian
      return unsafe withUnsafePointer(to: &name) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body(.init(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    case .v6(let address):
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      unsafe withUnsafeMutableBytes(of: &name.sin6_addr) {
        unsafe $0.copyBytes(from: address.octets)
      }
      // Link-local addresses are those of a link.
      if address.isLinkLocal { name.sin6_scope_id = UInt32(bitPattern: index) }
      return unsafe withUnsafePointer(to: &name) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body(.init(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
  }
}
