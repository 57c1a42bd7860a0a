import CLinux
import Glibc
import Linux
import Wire

/// What enters the switches from machines, with the kernel's time: VRRP, ARP, ICMP of both families, IGMP,
/// and whatever has a virtual MAC as its source.
///
/// It also asks questions in the name of a machine that is not there, so that no table of a real one
/// learns from them.
final class Capture: Companion {
  private(set) var frames: [CapturedFrame] = []
  private let host: Host
  private let socket: Descriptor
  private var buffer = [UInt8](repeating: 0, count: 2048)
  /// What is behind an interface; nothing behind those that are no port of a switch.
  private var places: [Int32: Place?] = [:]

  private struct Place {
    let port: Port
    let node: Node?
  }

  init(_ fabric: Switch) throws {
    host = fabric.host
    socket = try host.inside { try Sockets.packet(filter: Capture.filter) }
    try setOption(socket.rawValue, Int32(SOL_PACKET), Int32(PACKET_IGNORE_OUTGOING), 1)
    _ = Sockets.lastStamp(of: socket)
  }

  func tend() throws {
    let offset = MonotonicClock.offsetFromRealTime()
    while let (count, interface, _) = Sockets.receiveFrame(socket, into: &buffer) {
      guard count >= CapturedFrame.headerCount, let place = try place(of: interface) else {
        continue
      }
      let at = Sockets.lastStamp(of: socket).map { $0 + offset } ?? MonotonicClock.now()
      frames.append(
        CapturedFrame(
          at: at, port: place.port, node: place.node, octets: Array(buffer[..<count])))
    }
  }

  /// What arrived from `start` on.
  func since(_ start: Instant) throws -> [CapturedFrame] {
    try tend()
    let first = frames.lastIndex { $0.at < start }.map { $0 + 1 } ?? 0
    return frames[first...].filter { $0.at >= start }
  }

  /// Forgets everything so far.
  func clear() throws {
    try tend()
    frames = []
  }

  /// Sends a frame into a network: to every machine, or to one gateway alone.
  func send(_ frame: [UInt8], _ port: Port, to node: Node? = nil) throws {
    let name = node.map { port.switchPort($0) } ?? port.bridge(.a)
    guard let index = try host.inside({ NetworkInterface.index(of: name) }) else { return }
    Sockets.sendFrame(socket, frame, interface: index)
  }

  /// Asks who has an address.
  func ask(_ address: IPv4Address, _ port: Port, to node: Node? = nil) throws {
    let source = Capture.askerMAC(port)
    var writer = ByteWriter(capacity: 42)
    writer.octets(MACAddress.broadcast.octets + source.octets)
    for word: UInt16 in [0x0806, 1, 0x0800, 0x0604, 1] { writer.uint16(word) }
    writer.octets(source.octets + Plan.asker(port).octets)
    writer.octets([0, 0, 0, 0, 0, 0] + address.octets)
    try send(writer.bytes, port, to: node)
  }

  /// Asks who has an address of IPv6, written as text.
  func solicit(_ address: String, _ port: Port) throws {
    try send(Solicitation.frame(address, port), port)
  }

  /// The machine that is not there.
  static func askerMAC(_ port: Port) -> MACAddress {
    MACAddress(0x0200_0000_fb00 | UInt64(port.rawValue))
  }

  private func place(of index: Int32) throws -> Place? {
    if let known = places[index] { return known }
    let name = try host.inside { NetworkInterface.name(of: index) }
    let found = name.flatMap { name -> Place? in
      guard !name.hasPrefix("br-"),
        let port = Port.allCases.first(where: { name.hasPrefix("\($0.network)-") })
      else { return nil }
      return Place(port: port, node: Node.allCases.first { port.switchPort($0) == name })
    }
    places.updateValue(found, forKey: index)
    return found
  }

  /// ARP and IPv6; VRRP, ICMP and IGMP of IPv4; and the first four octets of a virtual MAC.
  private static let filter: [sock_filter] = {
    let equal = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
    func load(_ size: Int32, _ offset: UInt32) -> sock_filter {
      sock_filter(code: UInt16(BPF_LD | size | BPF_ABS), jt: 0, jf: 0, k: offset)
    }
    return [
      load(BPF_H, 12),
      sock_filter(code: equal, jt: 9, jf: 0, k: 0x0806),
      sock_filter(code: equal, jt: 8, jf: 0, k: 0x86dd),
      sock_filter(code: equal, jt: 0, jf: 4, k: 0x0800),
      load(BPF_B, 23),
      sock_filter(code: equal, jt: 5, jf: 0, k: 112),
      sock_filter(code: equal, jt: 4, jf: 0, k: 1),
      sock_filter(code: equal, jt: 3, jf: 0, k: 2),
      load(BPF_W, 6),
      sock_filter(code: equal, jt: 1, jf: 0, k: 0x0000_5e00),
      sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),
      sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0xffff),
    ]
  }()
}
