import CLinux
import Glibc
import Linux
import Wire

/// An address with a port.
struct Endpoint: Hashable, CustomStringConvertible {
  var address: IPAddress
  var port: UInt16

  init(_ address: IPAddress, _ port: UInt16) {
    self.address = address
    self.port = port
  }

  init(_ address: IPv4Address, _ port: UInt16) { self.init(.v4(address), port) }

  /// Every address of a family.
  init(any family: AddressFamily, _ port: UInt16) {
    switch family {
    case .ipv4: self.init(.v4(IPv4Address(0)), port)
    case .ipv6: self.init(.v6(IPv6Address(high: 0, low: 0)), port)
    }
  }

  /// What the kernel wrote.
  init(_ raw: sockaddr_in6) {
    var raw = raw
    let port = UInt16(bigEndian: raw.sin6_port)
    // Both forms have the port in the same place; that of IPv4 has its address behind it.
    self.init(
      raw.sin6_family == sa_family_t(AF_INET6)
        ? .v6(
          unsafe withUnsafeBytes(of: &raw.sin6_addr) { unsafe IPv6Address(octets: $0) }
            ?? IPv6Address(high: 0, low: 0))
        : .v4(IPv4Address(UInt32(bigEndian: raw.sin6_flowinfo))),
      port)
  }

  /// Hands out the form that the kernel reads.
  func withAddress<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
  ) rethrows -> Result {
    switch address {
    case .v4(let address):
      var raw = sockaddr_in()
      raw.sin_family = sa_family_t(AF_INET)
      raw.sin_port = port.bigEndian
      raw.sin_addr.s_addr = address.value.bigEndian
      return try unsafe Endpoint.lend(&raw, body)
    case .v6(let address):
      var raw = sockaddr_in6()
      raw.sin6_family = sa_family_t(AF_INET6)
      raw.sin6_port = port.bigEndian
      unsafe withUnsafeMutableBytes(of: &raw.sin6_addr) {
        unsafe $0.copyBytes(from: address.octets)
      }
      return try unsafe Endpoint.lend(&raw, body)
    }
  }

  private static func lend<Raw, Result>(
    _ raw: inout Raw, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
  ) rethrows -> Result {
    try unsafe withUnsafePointer(to: &raw) { pointer in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        try unsafe body($0, socklen_t(MemoryLayout<Raw>.size))
      }
    }
  }

  var description: String {
    switch address {
    case .v4: "\(address):\(port)"
    case .v6: "[\(address)]:\(port)"
    }
  }
}

/// Sockets as the loads need them; all are non-blocking.
enum Sockets {
  /// A TCP socket that listens on `port` of every address; 0 lets the kernel choose.
  static func listen(
    _ port: UInt16, _ family: AddressFamily = .ipv4
  ) throws -> Descriptor {
    let socket = try openSocket(Int32(family.rawValue), .stream)
    try setOption(socket.rawValue, SOL_SOCKET, SO_REUSEADDR, 1)
    try bind(socket, Endpoint(any: family, port))
    let number = socket.rawValue
    try system("listen", "port \(port)") { Glibc.listen(number, 4096) }
    return socket
  }

  /// The next connection, or nil when none waits.
  static func accept(_ listener: borrowing Descriptor) throws -> Int32? {
    let number = listener.rawValue
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    return try systemOrWouldBlock("accept4") {
      unsafe accept4(number, .init(__sockaddr__: nil), nil, flags)
    }
  }

  /// A TCP socket on its way to `target`; writable when it has arrived or failed.
  static func connect(_ target: Endpoint) throws -> Descriptor {
    let socket = try openSocket(Int32(target.address.family.rawValue), .stream)
    try setOption(socket.rawValue, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    let number = socket.rawValue
    do {
      try unsafe target.withAddress { pointer, size in
        _ = try system("connect", "\(target)") {
          unsafe Glibc.connect(number, .init(__sockaddr__: pointer), size)
        }
      }
    } catch let error as SystemError where error.code == EINPROGRESS {}
    return socket
  }

  /// A UDP socket bound to `port`; 0 lets the kernel choose.
  static func datagram(
    _ port: UInt16 = 0, _ family: AddressFamily = .ipv4
  ) throws -> Descriptor {
    let socket = try openSocket(Int32(family.rawValue), .datagram)
    try setOption(socket.rawValue, SOL_SOCKET, SO_RCVBUF, 4 << 20)
    try bind(socket, Endpoint(any: family, port))
    return socket
  }

  /// A UDP socket that speaks with `target` only.
  static func datagram(to target: Endpoint) throws -> Descriptor {
    let socket = try datagram(0, target.address.family)
    let number = socket.rawValue
    try unsafe target.withAddress { pointer, size in
      _ = try system("connect", "\(target)") {
        unsafe Glibc.connect(number, .init(__sockaddr__: pointer), size)
      }
    }
    return socket
  }

  /// One datagram with its sender, or nil when none waits. An error that a router has reported for
  /// an earlier datagram is nothing either: it is seen as a missing answer.
  static func receive(
    _ socket: borrowing Descriptor, into buffer: inout [UInt8]
  ) -> (count: Int, from: Endpoint)? {
    var raw = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let number = socket.rawValue
    let count = unsafe withUnsafeMutablePointer(to: &raw) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe recvfrom(
          number, &buffer, buffer.count, 0, .init(__sockaddr__: $0), &size)
      }
    }
    return count < 0 ? nil : (count, Endpoint(raw))
  }

  /// Sends one datagram; one that cannot be sent now is lost, as on a wire.
  static func send(
    _ socket: borrowing Descriptor, _ bytes: ArraySlice<UInt8>, to target: Endpoint
  ) {
    let number = socket.rawValue
    unsafe bytes.withUnsafeBytes { buffer in
      unsafe target.withAddress { pointer, size in
        _ = unsafe sendto(
          number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL),
          .init(__sockaddr__: pointer), size)
      }
    }
  }

  /// A packet socket that sees one Ethernet type (host order) on every interface, or of IPv4 one
  /// protocol.
  static func packet(_ etherType: Int32, ipProtocol: UInt32? = nil) throws -> Descriptor {
    let isEqual = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
    var code = [
      sock_filter(code: UInt16(BPF_LD | BPF_H | BPF_ABS), jt: 0, jf: 0, k: 12),
      sock_filter(code: isEqual, jt: 0, jf: ipProtocol == nil ? 1 : 3, k: UInt32(etherType)),
    ]
    if let ipProtocol {
      code += [
        sock_filter(code: UInt16(BPF_LD | BPF_B | BPF_ABS), jt: 0, jf: 0, k: 23),
        sock_filter(code: isEqual, jt: 0, jf: 1, k: ipProtocol),
      ]
    }
    code += [
      sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0xffff),
      sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),
    ]
    return try packet(filter: code)
  }

  /// A packet socket that sees on every interface what a filter of the kernel lets through.
  ///
  /// It listens to all types: a socket for one type never sees what a bridge takes over from its
  /// ports.
  static func packet(filter: [sock_filter]) throws -> Descriptor {
    let socket = try openSocket(AF_PACKET, .raw, Int32(UInt16(ETH_P_ALL).bigEndian))
    try setOption(socket.rawValue, SOL_SOCKET, SO_RCVBUF, 4 << 20)
    try attachFilter(socket.rawValue, filter)
    return socket
  }

  /// When the kernel got what was received last, on the clock of the wall; nil before the first
  /// frame. The first call makes the kernel keep stamps (`SIOCGSTAMPNS`).
  static func lastStamp(of socket: borrowing Descriptor) -> Instant? {
    var stamp = timespec()
    guard unsafe ztb_ioctl_pointer(socket.rawValue, 0x8907, &stamp) == 0 else { return nil }
    return Instant(nanoseconds: Int64(stamp.tv_sec) * 1_000_000_000 + Int64(stamp.tv_nsec))
  }

  /// One frame with the interface that it passed and whether it left by it, or nil when none waits.
  static func receiveFrame(
    _ socket: borrowing Descriptor, into buffer: inout [UInt8]
  ) -> (count: Int, interface: Int32, outgoing: Bool)? {
    var raw = sockaddr_ll()
    var size = socklen_t(MemoryLayout<sockaddr_ll>.size)
    let number = socket.rawValue
    let count = unsafe withUnsafeMutablePointer(to: &raw) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe recvfrom(number, &buffer, buffer.count, 0, .init(__sockaddr__: $0), &size)
      }
    }
    guard count > 0 else { return nil }
    return (count, raw.sll_ifindex, raw.sll_pkttype == UInt8(PACKET_OUTGOING))
  }

  /// Sends a whole frame out of an interface.
  static func sendFrame(_ socket: borrowing Descriptor, _ frame: [UInt8], interface: Int32) {
    var raw = sockaddr_ll()
    raw.sll_family = UInt16(AF_PACKET)
    raw.sll_ifindex = interface
    let number = socket.rawValue
    unsafe withUnsafeMutablePointer(to: &raw) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = unsafe sendto(
          number, frame, frame.count, 0, .init(__sockaddr__: $0),
          socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
  }

  /// The port that a socket is bound to.
  static func port(of socket: borrowing Descriptor) throws -> UInt16 {
    var raw = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let number = socket.rawValue
    try unsafe withUnsafeMutablePointer(to: &raw) { pointer in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = try system("getsockname") {
          unsafe getsockname(number, .init(__sockaddr__: address), &size)
        }
      }
    }
    return Endpoint(raw).port
  }

  /// Why a socket failed, 0 when it did not.
  static func error(of socket: borrowing Descriptor) -> Int32 {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    _ = unsafe getsockopt(socket.rawValue, SOL_SOCKET, SO_ERROR, &code, &size)
    return code
  }

  private static func bind(_ socket: borrowing Descriptor, _ endpoint: Endpoint) throws {
    let number = socket.rawValue
    try unsafe endpoint.withAddress { pointer, size in
      _ = try system("bind", "\(endpoint)") {
        unsafe Glibc.bind(number, .init(__sockaddr__: pointer), size)
      }
    }
  }

  /// A socket of the kernel's own kind by its path; short, as the run directory is.
  static func local(_ path: String) throws -> Descriptor {
    let socket = try openSocket(AF_UNIX, .stream)
    let number = socket.rawValue
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { buffer in
      for (index, octet) in path.utf8.enumerated() { unsafe buffer[index] = octet }
    }
    try unsafe withUnsafePointer(to: &address) { pointer in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        _ = try system("connect", path) {
          unsafe Glibc.connect(
            number, .init(__sockaddr__: raw), socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }
    return socket
  }
}
