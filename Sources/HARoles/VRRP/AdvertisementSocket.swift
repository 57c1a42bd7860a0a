import CLinux
import Glibc
import Linux
import VRRP
import Wire

/// Receives protocol 112 of one family on one port, as raw IP packets.
///
/// A tap (`ETH_P_ALL`), not an IP socket: while our own virtual interface is up, the kernel hands
/// every frame whose source is the virtual MAC to that interface alone, and exactly the adverts of
/// a second active router have that source. A filter in the kernel lets nothing else through.
struct AdvertisementSocket: ~Copyable {
  private let socket: Descriptor
  /// Is a member of the groups of IPv6 for as long as they are wanted.
  private let membership: Descriptor?

  /// The number, for the loop and the reader.
  var descriptor: Int32 { socket.rawValue }

  /// Opens a socket for the port with the given index, which also hears who asks for one of these
  /// virtual addresses. Needs `NET_RAW`.
  init(
    index: Int32, _ family: AddressFamily, virtualAddresses: [IPAddress]
  ) throws(SystemError) {
    let socket = try openSocket(AF_PACKET, .datagram)
    try Self.letThrough(family, socket.rawValue)
    try setOption(socket.rawValue, Int32(SOL_PACKET), Int32(PACKET_IGNORE_OUTGOING), 1)
    try DatagramReader.enableStamps(socket.rawValue)
    try Self.joinGroup(socket.rawValue, index, family)
    try Self.bind(socket.rawValue, index)
    membership = family == .ipv6 ? try Self.joinGroups(index, of: virtualAddresses) : nil
    self.socket = socket
  }

  /// The family, no VLAN tag, protocol 112; attached before the socket is bound to any protocol.
  private static func letThrough(
    _ family: AddressFamily, _ socket: Int32
  ) throws(SystemError) {
    let (type, protocolOffset): (Int32, UInt32) =
      family == .ipv4 ? (ETH_P_IP, 9) : (ETH_P_IPV6, 6)
    let load = UInt16(BPF_LD | BPF_ABS)
    let equal = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
    let give = UInt16(BPF_RET | BPF_K)
    let ancillary = UInt32(bitPattern: SKF_AD_OFF)
    let program = [
      sock_filter(
        code: load | UInt16(BPF_H), jt: 0, jf: 0, k: ancillary &+ UInt32(SKF_AD_PROTOCOL)),
      sock_filter(code: equal, jt: 0, jf: 5, k: UInt32(type)),
      sock_filter(
        code: load | UInt16(BPF_B), jt: 0, jf: 0,
        k: ancillary &+ UInt32(SKF_AD_VLAN_TAG_PRESENT)),
      sock_filter(code: equal, jt: 0, jf: 3, k: 0),
      sock_filter(code: load | UInt16(BPF_B), jt: 0, jf: 0, k: protocolOffset),
      sock_filter(code: equal, jt: 0, jf: 1, k: 112),
      sock_filter(code: give, jt: 0, jf: 0, k: 0xffff),
      sock_filter(code: give, jt: 0, jf: 0, k: 0),
    ]
    try attachFilter(socket, program)
  }

  /// (RFC 4541 3) A switch that follows MLD floods ff02::1 alone, so the port reports from its own
  /// address that it wants ff02::12 and what neighbours ask for the virtual addresses; reports with
  /// the virtual MAC would turn the switches. 224.0.0.0/24 is flooded without a report (2.1.2).
  private static func joinGroups(
    _ index: Int32, of addresses: [IPAddress]
  ) throws(SystemError) -> Descriptor {
    let socket = try openSocket(AF_INET6, .datagram)
    let solicited = addresses.compactMap { address -> IPAddress? in
      if case .v6(let address) = address { .v6(address.solicitedNode) } else { nil }
    }
    // Addresses may share one.
    for group in Set([Advertisement.group(.ipv6)] + solicited) {
      var request = ipv6_mreq()
      request.ipv6mr_interface = UInt32(bitPattern: index)
      unsafe withUnsafeMutableBytes(of: &request.ipv6mr_multiaddr) {
        unsafe $0.copyBytes(from: group.octets)
      }
      let number = socket.rawValue
      try system("setsockopt", "IPV6_ADD_MEMBERSHIP") {
        unsafe setsockopt(
          number, Int32(IPPROTO_IPV6), IPV6_ADD_MEMBERSHIP, &request,
          socklen_t(MemoryLayout<ipv6_mreq>.size))
      }
    }
    return socket
  }

  /// The Ethernet group, so that the port's own filter lets it through.
  private static func joinGroup(
    _ socket: Int32, _ index: Int32, _ family: AddressFamily
  ) throws(SystemError) {
    let group = Frame.groupMAC(family).octets
    var request = packet_mreq()
    request.mr_ifindex = index
    request.mr_type = UInt16(PACKET_MR_MULTICAST)
    request.mr_alen = 6
    request.mr_address = (group[0], group[1], group[2], group[3], group[4], group[5], 0, 0)
    try system("setsockopt", "PACKET_ADD_MEMBERSHIP") {
      unsafe setsockopt(
        socket, Int32(SOL_PACKET), Int32(PACKET_ADD_MEMBERSHIP), &request,
        socklen_t(MemoryLayout<packet_mreq>.size))
    }
  }

  private static func bind(_ socket: Int32, _ index: Int32) throws(SystemError) {
    var address = sockaddr_ll()
    address.sll_family = UInt16(AF_PACKET)
    address.sll_protocol = UInt16(ETH_P_ALL).bigEndian
    address.sll_ifindex = index
    try unsafe withUnsafePointer(to: &address) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        let size = socklen_t(MemoryLayout<sockaddr_ll>.size)
        try system("bind", "port \(index)") {
          unsafe Glibc.bind(socket, .init(__sockaddr__: rebound), size)
        }
      }
    }
  }
}
