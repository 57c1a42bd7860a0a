import CLinux
import Glibc
import Linux
import Wire

/// Datagrams of 64 octets to one port that is open and, one in ten, to one that is closed; nobody
/// answers them, whoever wants to know counts at the far end.
///
/// Made with their headers, so that a flow is a number and not a socket. In the report `total` is what
/// went to the open port, `changed` what went to the closed one, and `gapMs` the time since the mark.
/// Options: `rate` per second until ``finish()``, or `count` at once with each mark; `flows` (source
/// ports, one after the other), `port`, `closed` (0: none), `processor` (-1: any).
final class FloodLoad: Load {
  private let socket: Descriptor
  private let (rate, count, flows): (Int, Int, Int)
  private var open: [UInt8]
  private var closed: [UInt8]?
  private var ticker: Ticker?
  private var began: Instant?
  private var elapsed = Interval.zero
  /// Datagrams that were due so far.
  private var done = 0
  private var (sentOpen, sentClosed, turn) = (0, 0, 0)

  /// Datagrams that are sent in one go after a late wake-up.
  private static let burst = 1000
  private static let firstPort = 1024
  /// Where the source port is, behind a header of IPv4.
  private static let sourcePort = 20

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    rate = options.int("rate", 0)
    count = options.int("count", 0)
    flows = options.int("flows", 1)
    open = Self.datagram(UInt16(options.int("port", Int(Service.datagrams))))
    let closedPort = options.int("closed", 0)
    closed = closedPort == 0 ? nil : Self.datagram(UInt16(closedPort))
    socket = try openSocket(AF_INET, .raw, Int32(IPPROTO_RAW))
    let number = socket.rawValue
    try unsafe Endpoint(Plan.server(.ipv4), 0).withAddress { pointer, size in
      _ = try system("connect", "server") {
        unsafe connect(number, .init(__sockaddr__: pointer), size)
      }
    }
    let processor = options.int("processor", -1)
    if processor >= 0 {
      var set = cpu_set_t()
      set.__bits.0 = 1 << UInt(processor)
      try system("sched_setaffinity", "flood") {
        unsafe sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &set)
      }
    }
    guard rate > 0 else { return }
    ticker = try Ticker(reactor, every: .milliseconds(1)) { [unowned self] in advance($0) }
  }

  func mark(at now: Instant) {
    began = now
    guard rate == 0 else { return }
    for _ in 0..<count { send() }
    elapsed = MonotonicClock.now() - now
  }

  func finish() { ticker = nil }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = sentOpen
    report.alive = sentOpen
    report.changed = sentClosed
    report.gapMs = elapsed.milliseconds
    return report
  }

  private func advance(_ now: Instant) {
    guard let began else { return }
    elapsed = now - began
    let due = Int(elapsed.nanoseconds / 1000) * rate / 1_000_000
    let limit = min(due - done, FloodLoad.burst)
    done = due
    for _ in 0..<limit { send() }
  }

  /// What does not leave is not counted.
  private func send() {
    turn += 1
    let port = UInt16(FloodLoad.firstPort + turn % flows)
    if turn % 10 == 0, var datagram = closed {
      FloodLoad.put(port, in: &datagram)
      if (try? socket.write(datagram)) != nil { sentClosed += 1 }  // full, as on a wire
    } else {
      FloodLoad.put(port, in: &open)
      if (try? socket.write(open)) != nil { sentOpen += 1 }  // full, as on a wire
    }
  }

  private static func put(_ port: UInt16, in datagram: inout [UInt8]) {
    datagram[sourcePort] = UInt8(port >> 8)
    datagram[sourcePort + 1] = UInt8(port & 0xff)
  }

  /// The kernel writes source, identification and checksum of IPv4; a checksum 0 of UDP is none.
  private static func datagram(_ port: UInt16) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    for word: UInt16 in [0x4500, 64, 0, 0x4000, 0x4011, 0, 0, 0] { writer.uint16(word) }
    writer.octets(Plan.server.octets)
    for word: UInt16 in [0, port, 44, 0] { writer.uint16(word) }
    writer.octets([UInt8](repeating: 0, count: 36))
    return writer.bytes
  }
}
