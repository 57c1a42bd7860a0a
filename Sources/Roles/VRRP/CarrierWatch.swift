import CLinux
import Glibc
import Linux

/// Asks the drivers for the carrier of each port every few milliseconds, in a thread of its own.
///
/// Link events may come a second late, and the question (`ETHTOOL_GLINK`) waits for the kernel's
/// lock on all interfaces, which others were measured to hold for 20 ms and more. The loop that
/// sends heartbeats must not wait, so this thread does, and writes the answers into a pipe when
/// they change.
final class CarrierWatch {
  private static let period = 5_000_000

  private let output: Descriptor

  /// Becomes readable when an answer changed.
  var descriptor: Int32 { output.rawValue }

  /// Watches up to 64 ports; the thread lives as long as the process.
  init(_ ports: [String]) throws(SystemError) {
    precondition(ports.count <= 64, "one bit per port")
    var ends: [Int32] = [-1, -1]
    try system("pipe2") { unsafe pipe2(&ends, O_CLOEXEC | O_NONBLOCK) }
    output = Descriptor(owning: ends[0])
    let poller = CarrierPoller(
      ports: ports, input: ends[1], socket: try openSocket(AF_INET, .datagram).release())
    try PlainThread.start(poller) { $0.run(period: CarrierWatch.period) }
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
  private let ports: [String]
  private let input: Int32
  private let socket: Int32

  init(ports: [String], input: Int32, socket: Int32) {
    self.ports = ports
    self.input = input
    self.socket = socket
  }

  func run(period: Int) -> Never {
    var last: UInt64?
    while true {
      let bits = carriers()
      if bits != last, report(bits) { last = bits }
      var pause = timespec(tv_sec: 0, tv_nsec: period)
      _ = unsafe nanosleep(&pause, nil)
    }
  }

  private func carriers() -> UInt64 {
    var bits: UInt64 = 0
    for (bit, port) in ports.enumerated() {
      // A port that is not there has no carrier.
      guard NetworkInterface.isPresent(port) else { continue }
      if let isUp = try? NetworkInterface.hasCarrier(port, socket: socket), isUp {
        bits |= 1 << UInt64(bit)
      }
    }
    return bits
  }

  private func report(_ bits: UInt64) -> Bool {
    let octets = (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
    return unsafe write(input, octets, 8) == 8
  }
}
