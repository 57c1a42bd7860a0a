import CLinux
import Glibc
import Linux

/// Sends complete Ethernet frames on any port, whatever their source address.
final class FrameSender {
  private let socket: Descriptor

  /// For questions about interfaces, which any socket can ask.
  var descriptor: Int32 { socket.rawValue }

  /// Opens a packet socket that receives nothing (protocol 0). Needs `NET_RAW`.
  init() throws(SystemError) {
    socket = try openSocket(AF_PACKET, .raw)
    // Internetwork control: before everything else in the queue of the port.
    try setOption(socket.rawValue, SOL_SOCKET, SO_PRIORITY, 6)
  }

  /// Sends one frame; false when the port cannot take it (down, gone, queue full).
  func send(_ frame: [UInt8], on index: Int32) -> Bool {
    var address = sockaddr_ll()
    address.sll_family = UInt16(AF_PACKET)
    address.sll_ifindex = index
    address.sll_halen = 6
    let number = socket.rawValue
    let sent = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe sendto(
          number, frame, frame.count, Int32(MSG_DONTWAIT), .init(__sockaddr__: $0),
          socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
    return sent == frame.count
  }
}
