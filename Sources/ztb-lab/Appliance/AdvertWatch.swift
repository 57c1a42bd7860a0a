import Glibc
import Linux
import Wire

/// Listens on the LAN's switch for VRRP advertisements: who sends them is active, whatever the
/// nodes say of themselves.
final class AdvertWatch {
  private let host: Host
  private let socket: Descriptor
  private var buffer = [UInt8](repeating: 0, count: 128)
  private var last: [Node: Instant] = [:]
  /// What is behind an interface; nobody behind those of other switches.
  private var names: [Int32: Node?] = [:]

  /// How long a node that is silent still counts: an emulated machine may stall for a second.
  static let memory = Interval.seconds(3)
  /// IPv4 as a type of Ethernet (`ETH_P_IP`).
  private static let ipv4: Int32 = 0x0800
  /// VRRP as a protocol of IP (RFC 9568 5.1).
  private static let vrrp: UInt32 = 112

  init(_ host: Host) throws {
    self.host = host
    socket = try host.inside { try Sockets.packet(AdvertWatch.ipv4, ipProtocol: AdvertWatch.vrrp) }
  }

  private func receive() throws {
    while let frame = Sockets.receiveFrame(socket, into: &buffer) {
      guard !frame.outgoing, let node = try node(of: frame.interface) else { continue }
      last[node] = MonotonicClock.now()
    }
  }

  /// Who has sent an advertisement lately.
  func senders() throws -> [Node] {
    try receive()
    let now = MonotonicClock.now()
    return Node.allCases.filter { last[$0].map { now - $0 < AdvertWatch.memory } ?? false }
  }

  /// The node behind a port of the LAN's switch; numbers of interfaces are never used again.
  private func node(of interface: Int32) throws -> Node? {
    if let known = names[interface] { return known }
    let found = try host.inside {
      Node.allCases.first { NetworkInterface.index(of: Port.lan.switchPort($0)) == interface }
    }
    names.updateValue(found, forKey: interface)
    return found
  }
}
