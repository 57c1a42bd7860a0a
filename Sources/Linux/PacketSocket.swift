import CLinux
import Glibc
public import Wire

/// Packets of one kind on one port, below IP: what is sent and received is the payload of an
/// Ethernet frame, whatever addresses and filters the port has.
public struct PacketSocket: ~Copyable {
  private enum Limits {
    /// Longest payload taken; Ethernet's own is 1500.
    static let payloadBytes = 2_048
  }

  private let socket: Descriptor
  private let index: Int32
  private let etherType: UInt16

  /// The number, for the loop.
  public var descriptor: Int32 { socket.rawValue }

  /// Opens a socket for `etherType` on the interface `port` of this namespace. Needs `NET_RAW`.
  public init(port: String, etherType: UInt16) throws(SystemError) {
    guard let index = NetworkInterface.indexIfPresent(of: port) else {
      throw SystemError(call: "if_nametoindex", code: ENODEV, subject: port)
    }
    let socket = try openSocket(AF_PACKET, .datagram)
    try setOption(socket.rawValue, Int32(SOL_PACKET), Int32(PACKET_IGNORE_OUTGOING), 1)
    var address = sockaddr_ll()
    address.sll_family = UInt16(AF_PACKET)
    address.sll_protocol = etherType.bigEndian
    address.sll_ifindex = index
    let number = socket.rawValue
    try unsafe PacketSocket.with(&address) { (pointer, size) throws(SystemError) in
      try system("bind", port) { unsafe Glibc.bind(number, .init(__sockaddr__: pointer), size) }
    }
    self.socket = socket
    self.index = index
    self.etherType = etherType
  }

  /// Makes the port take frames for the group `mac` too.
  public func join(_ mac: MACAddress) throws(SystemError) {
    var request = packet_mreq()
    request.mr_ifindex = index
    request.mr_type = UInt16(PACKET_MR_MULTICAST)
    request.mr_alen = 6
    let octets = mac.octets
    unsafe withUnsafeMutableBytes(of: &request.mr_address) { buffer in
      for (index, octet) in octets.enumerated() { unsafe buffer[index] = octet }
    }
    let number = socket.rawValue
    try system("setsockopt", "PACKET_ADD_MEMBERSHIP") {
      unsafe setsockopt(
        number, Int32(SOL_PACKET), Int32(PACKET_ADD_MEMBERSHIP), &request,
        socklen_t(MemoryLayout<packet_mreq>.size))
    }
  }

  /// Sends `payload` in one frame to `mac`; the kernel fills in the port's own address.
  public func send(_ payload: [UInt8], to mac: MACAddress) throws(SystemError) {
    var address = sockaddr_ll()
    address.sll_family = UInt16(AF_PACKET)
    address.sll_protocol = etherType.bigEndian
    address.sll_ifindex = index
    address.sll_halen = 6
    let octets = mac.octets
    unsafe withUnsafeMutableBytes(of: &address.sll_addr) { buffer in
      for (index, octet) in octets.enumerated() { unsafe buffer[index] = octet }
    }
    let number = socket.rawValue
    try unsafe PacketSocket.with(&address) { (pointer, size) throws(SystemError) in
      _ = try system("sendto", "") {
        unsafe sendto(
          number, payload, payload.count, Int32(MSG_DONTWAIT), .init(__sockaddr__: pointer), size)
      }
    }
  }

  /// Takes the payload of one frame; nil when none waits.
  public func receive() throws(SystemError) -> [UInt8]? {
    try socket.read(limit: Limits.payloadBytes)
  }

  private static func with(
    _ address: inout sockaddr_ll,
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
  ) throws(SystemError) {
    try unsafe withUnsafePointer(to: &address) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        try unsafe body(rebound, socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
  }
}
