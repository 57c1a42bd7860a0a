import CLinux
import Glibc
import Linux
import Wire

/// One echo request and its answer (RFC 792, RFC 4443 4.1), by a ping socket: the kernel fills in
/// identifier and checksum, and hands over only what answers to it. Each question has a socket of
/// its own, so that a late answer to an earlier one never counts.
final class EchoSocket {
  private enum MessageType {
    static let request: UInt8 = 8
    static let reply: UInt8 = 0
    static let request6: UInt8 = 128
    static let reply6: UInt8 = 129
  }

  private let socket: Descriptor
  private let family: AddressFamily

  /// Opens a socket that speaks with `target` only.
  init(to target: IPAddress) throws(SystemError) {
    family = target.family
    switch target {
    case .v4(let address):
      socket = try openSocket(AF_INET, .datagram, Int32(IPPROTO_ICMP))
      try IPv4Connection.connect(socket.rawValue, to: address, port: 0)
    case .v6(let address):
      socket = try openSocket(AF_INET6, .datagram, Int32(IPPROTO_ICMPV6))
      try EchoSocket.connect(socket.rawValue, to: address)
    }
  }

  /// The number, for the loop.
  var descriptor: Int32 { socket.rawValue }

  /// Sends the request.
  func ask() throws(SystemError) {
    let type = family == .ipv4 ? MessageType.request : MessageType.request6
    // Code 0; checksum and identifier are the kernel's; sequence 1.
    _ = try socket.write([type, 0, 0, 0, 0, 0, 0, 1] + Array("ztb path".utf8))
  }

  /// Whether the answer is here. Throws what a router said instead.
  func hasAnswer() throws(SystemError) -> Bool {
    let type = family == .ipv4 ? MessageType.reply : MessageType.reply6
    while let answer = try socket.read(limit: 256) {
      if answer.first == type { return true }
      if answer.isEmpty { return false }
    }
    return false
  }

  private static func connect(_ socket: Int32, to address: IPv6Address) throws(SystemError) {
    var place = sockaddr_in6()
    place.sin6_family = sa_family_t(AF_INET6)
    let octets = address.octets
    unsafe withUnsafeMutableBytes(of: &place.sin6_addr) { buffer in
      for (index, octet) in octets.enumerated() { unsafe buffer[index] = octet }
    }
    try unsafe withUnsafePointer(to: &place) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        _ = try system("connect", "\(address)") {
          unsafe Glibc.connect(
            socket, .init(__sockaddr__: rebound), socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
  }
}
