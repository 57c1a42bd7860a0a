import CLinux
import Glibc
import Linux
import Wire

/// Puts established, source-translated TCP sessions straight into the kernel's tracking table, as if
/// they had been made by packets. Runs on a gateway.
///
/// `alive` counts those inserted so far. Options: `count`, `rate` per second (0: flat out), `first`.
final class InsertLoad: Load {
  private let socket: Descriptor
  private let count: Int
  private let rate: Int
  private let first: Int
  private var done = 0
  private var refused = 0
  private var started: Instant?
  private var ended: Instant?
  private var ticker: Ticker?
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// Messages in one send: half the cost of one at a time, no more to gain beyond.
  private static let batch = 64

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    count = options.int("count", 300_000)
    rate = options.int("rate", 0)
    first = options.int("first", 0)
    socket = Descriptor(
      owning: try system("socket", "netlink") {
        Glibc.socket(
          AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), NETLINK_NETFILTER)
      })
    ticker = try Ticker(reactor, every: .milliseconds(2)) { [unowned self] in advance($0) }
  }

  func mark(at now: Instant) { started = now }
  var isFinished: Bool { done >= count }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = count
    report.alive = done - refused
    report.resets = refused
    if let started, let ended { report.gapMs = (ended - started).milliseconds }
    return report
  }

  private func advance(_ now: Instant) {
    guard let started, done < count else { return }
    let due =
      rate == 0
      ? count : min(count, Int((now - started).nanoseconds) / 1000 * rate / 1_000_000)
    // Flat out still returns to the loop now and then, for questions.
    let limit = min(due, done + 20_000)
    while done < limit { insert(min(InsertLoad.batch, limit - done)) }
    if done >= count { ended = MonotonicClock.now() }
  }

  private func insert(_ number: Int) {
    var batch = NetlinkBatch()
    for index in 0..<number {
      batch.session(first + done + index, isLast: index == number - 1)
    }
    done += number
    let sent = unsafe batch.bytes.withUnsafeBytes {
      unsafe Glibc.send(socket.rawValue, $0.baseAddress, $0.count, 0)
    }
    guard sent == batch.bytes.count else {
      refused += number
      return
    }
    readAnswers()
  }

  /// Reads until the acknowledgement of the batch's last message; each error counts one refused.
  private func readAnswers() {
    while true {
      let size = unsafe recv(socket.rawValue, &buffer, buffer.count, 0)
      if size < 20 { return }
      // nlmsghdr: length 0…3, type 4…5, flags 6…7, sequence 8…11; then the error code.
      let code = buffer[16..<20].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let isLast = buffer[8] == 1
      if code != 0 { refused += 1 }
      if isLast { return }
    }
  }
}

/// ctnetlink messages that make sessions (`IPCTNL_MSG_CT_NEW`), in the kernel's order of octets.
struct NetlinkBatch {
  private(set) var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(16_384) }

  /// One TCP session of a client of the LAN; `number` decides its addresses and ports.
  ///
  /// The reply tuple is the untranslated one and `CTA_NAT_SRC` holds one address and port: given
  /// the other way the kernel takes the entry but does not translate its packets.
  mutating func session(_ number: Int, isLast: Bool) {
    let client = IPv4Address(10, 1, 0, UInt8(128 + number / 60_000))
    let server = Plan.server
    let clientPort = UInt16(1024 + number % 60_000)
    let serverPort: UInt16 = 443
    // Distinct translated ports within the destination: one server port per 60 000 sessions.
    let target = serverPort + UInt16(number / 60_000)
    let message = bytes.count
    host32(0)  // length, known at the end
    host16(UInt16(NFNL_SUBSYS_CTNETLINK) << 8)
    let acknowledge: UInt16 = isLast ? UInt16(NLM_F_ACK) : 0
    host16(UInt16(NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL) | acknowledge)
    host32(isLast ? 1 : 0)
    host32(0)
    bytes += [UInt8(AF_INET), UInt8(NFNETLINK_V0), 0, 0]
    tuple(1, client, clientPort, server, target)
    tuple(2, server, target, client, clientPort)
    attribute(3) {
      $0.network32(UInt32(IPS_CONFIRMED.rawValue | IPS_ASSURED.rawValue | IPS_SEEN_REPLY.rawValue))
    }
    attribute(7) { $0.network32(3600) }
    attribute(0x8004) {
      $0.attribute(0x8001) {
        $0.attribute(1) { $0.bytes.append(UInt8(TCP_CONNTRACK_ESTABLISHED.rawValue)) }
        $0.attribute(2) { $0.bytes.append(7) }
        $0.attribute(3) { $0.bytes.append(7) }
        // Scaled windows, and both directions speak SACK.
        $0.attribute(4) { $0.bytes += [3, 3] }
        $0.attribute(5) { $0.bytes += [3, 3] }
      }
    }
    attribute(0x8006) {
      $0.attribute(1) { $0.bytes += Plan.wanVirtual.octets }
      $0.attribute(2) { $0.bytes += Plan.wanVirtual.octets }
      $0.attribute(0x8003) {
        $0.attribute(1) { $0.network16(clientPort) }
        $0.attribute(2) { $0.network16(clientPort) }
      }
    }
    patch(UInt32(bytes.count - message), at: message)
  }

  /// `CTA_TUPLE_ORIG` (1) or `CTA_TUPLE_REPLY` (2).
  private mutating func tuple(
    _ type: UInt16, _ from: IPv4Address, _ fromPort: UInt16, _ to: IPv4Address, _ toPort: UInt16
  ) {
    attribute(0x8000 | type) {
      $0.attribute(0x8001) {
        $0.attribute(1) { $0.bytes += from.octets }
        $0.attribute(2) { $0.bytes += to.octets }
      }
      $0.attribute(0x8002) {
        $0.attribute(1) { $0.bytes.append(UInt8(IPPROTO_TCP)) }
        $0.attribute(2) { $0.network16(fromPort) }
        $0.attribute(3) { $0.network16(toPort) }
      }
    }
  }

  private mutating func attribute(_ type: UInt16, _ body: (inout NetlinkBatch) -> Void) {
    let start = bytes.count
    host16(0)
    host16(type)
    body(&self)
    let length = UInt16(bytes.count - start)
    bytes[start] = UInt8(truncatingIfNeeded: length)
    bytes[start + 1] = UInt8(truncatingIfNeeded: length >> 8)
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  private mutating func host16(_ value: UInt16) {
    bytes += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
  }

  private mutating func host32(_ value: UInt32) {
    host16(UInt16(truncatingIfNeeded: value))
    host16(UInt16(truncatingIfNeeded: value >> 16))
  }

  private mutating func network16(_ value: UInt16) {
    bytes += [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }

  private mutating func network32(_ value: UInt32) {
    network16(UInt16(truncatingIfNeeded: value >> 16))
    network16(UInt16(truncatingIfNeeded: value))
  }

  private mutating func patch(_ value: UInt32, at offset: Int) {
    for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }
}
