import CLinux
import Glibc
import Linux
import Wire

/// Asks the drivers for the carrier of each port, in a thread of its own: when the kernel has news of
/// any link, and at least once an interval.
///
/// The news of a real driver may come a second late, and the question (`ETHTOOL_GLINK`) waits for
/// the kernel's lock on all interfaces, which others were measured to hold for 20 ms and more. The
/// loop that sends heartbeats must not wait, so this thread does, and writes the answers into a
/// pipe when they change, and after news.
final class CarrierWatch {
  private let output: Descriptor
  /// Read by the thread.
  private let news: NetlinkSocket

  /// Becomes readable when there is an answer.
  var descriptor: Int32 { output.rawValue }

  /// Watches up to 64 ports, each asked once a `period`, 10 to 100 ms; the thread lives as long as
  /// the process.
  init(_ ports: [String], period: Interval) throws(SystemError) {
    precondition(ports.count <= 64, "one bit per port")
    var ends: [Int32] = [-1, -1]
    try system("pipe2") { unsafe pipe2(&ends, O_CLOEXEC | O_NONBLOCK) }
    output = Descriptor(owning: ends[0])
    news = try NetlinkSocket(
      Int32(NETLINK_ROUTE), receiveBufferBytes: 1 << 17, slots: 8, slotBytes: 4_096)
    try news.join(group: Int32(RTNLGRP_LINK.rawValue))
    let poller = CarrierPoller(
      ports: ports, input: ends[1], socket: try openSocket(AF_INET, .datagram).release(),
      news: news.descriptor)
    let bounded = min(max(period, .milliseconds(10)), .milliseconds(100))
    try PlainThread.start(poller) { $0.run(period: Int32(bounded.nanoseconds / 1_000_000)) }
  }

  /// The carriers, in the order of the ports, if an answer came since the last call.
  func changed(count: Int) throws(SystemError) -> [Bool]? {
    guard let octets = try output.read(limit: 4_096), octets.count >= 8 else { return nil }
    let bits = octets.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return (0..<count).map { bits >> UInt64($0) & 1 == 1 }
  }
}

/// What the thread owns; nobody else sees it.
private final class CarrierPoller: Sendable {
  /// News come in bursts; the rest of one is read together.
  private static let pauseMicroseconds: UInt32 = 1_000

  private let ports: [String]
  private let input: Int32
  private let socket: Int32
  private let news: Int32

  init(ports: [String], input: Int32, socket: Int32, news: Int32) {
    self.ports = ports
    self.input = input
    self.socket = socket
    self.news = news
  }

  /// `period` in milliseconds.
  func run(period: Int32) -> Never {
    var last: UInt64?
    // By bits: ports that are to be looked for before they are asked.
    var absent = UInt64.max
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let bits = carriers(&absent)
      if bits != last, report(bits) { last = bits }
      var event = pollfd(fd: news, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&event, 1, period) > 0 else { continue }
      // What they say is not read; an error only tells that some were dropped.
      while unsafe recv(news, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
      last = nil
      absent = .max
      usleep(Self.pauseMicroseconds)
    }
  }

  private func carriers(_ absent: inout UInt64) -> UInt64 {
    var bits: UInt64 = 0
    for (index, port) in ports.enumerated() {
      let bit = UInt64(1) << UInt64(index)
      // A port that is not there has no carrier, and to ask for it is slow.
      if absent & bit != 0, !NetworkInterface.isPresent(port) { continue }
      do throws(SystemError) {
        absent &= ~bit
        if try NetworkInterface.hasCarrier(port, socket: socket) { bits |= bit }
      } catch { absent |= bit }
    }
    return bits
  }

  private func report(_ bits: UInt64) -> Bool {
    let octets = (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
    return unsafe write(input, octets, 8) == 8
  }
}
