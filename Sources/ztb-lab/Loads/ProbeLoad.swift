import CLinux
import Glibc
import Linux
import Wire

/// What the datagram loads send: which flow, which packet.
struct FlowMessage {
  static let size = 8
  var flow: UInt32
  var number: UInt32

  var octets: [UInt8] {
    var writer = ByteWriter(capacity: FlowMessage.size)
    writer.uint32(flow)
    writer.uint32(number)
    return writer.bytes
  }

  init(flow: UInt32, number: UInt32) {
    self.flow = flow
    self.number = number
  }

  init(parsing bytes: ArraySlice<UInt8>) throws(WireError) {
    var reader = ByteReader(bytes)
    flow = try reader.uint32()
    number = try reader.uint32()
  }
}

/// A UDP echo every two milliseconds: the stream whose longest gap is the blackout.
///
/// The gap is measured by send times, from the first lost probe to the next answered one, so that a
/// late wake-up of the prober itself does not count. Options: `family`, `period`, `port`.
final class ProbeLoad: Load {
  private let socket: Descriptor
  private var ticker: Ticker?
  private var first: UInt32 = 0
  private var sent: [Int64] = []
  private var roundTrip: [Int64] = []
  private var marked: Instant?
  private var buffer = [UInt8](repeating: 0, count: 64)

  /// A probe that was sent less than this ago may still be answered.
  private static let patience = Interval.milliseconds(250)
  /// What a report shows around the event.
  private static let before = Interval.milliseconds(500)
  private static let samplesLimit = 5000

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    let target = Endpoint(options.server, UInt16(options.int("port", Int(Service.probe))))
    socket = try Sockets.datagram(to: target)
    try reactor.add(socket.rawValue) { [unowned self] _ in receive() }
    let period = Interval.microseconds(options.int("period", 2000))
    ticker = try Ticker(reactor, every: period) { [unowned self] in send($0) }
  }

  var isReady: Bool { roundTrip.contains { $0 >= 0 } }

  func mark(at now: Instant) {
    marked = now
    let keep = (now - .seconds(2)).nanoseconds
    let old = sent.firstIndex { $0 >= keep } ?? sent.count
    sent.removeFirst(old)
    roundTrip.removeFirst(old)
    first += UInt32(old)
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = 1
    let origin = marked ?? Instant(nanoseconds: sent.first ?? 0)
    let start = (origin - ProbeLoad.before).nanoseconds
    let end = (now - ProbeLoad.patience).nanoseconds
    var gapStart: Int64?
    for index in sent.indices where sent[index] >= start && sent[index] <= end {
      if roundTrip[index] < 0 {
        report.lost += 1
        gapStart = gapStart ?? sent[index]
      } else if let began = gapStart {
        report.gapMs = max(report.gapMs, Double(sent[index] - began) / 1e6)
        gapStart = nil
      }
      if report.samples.count < ProbeLoad.samplesLimit {
        report.samples.append(
          ProbeSample(
            sentMs: Double(sent[index] - origin.nanoseconds) / 1e6,
            roundTripMs: roundTrip[index] < 0 ? -1 : Double(roundTrip[index]) / 1e6))
      }
    }
    if let began = gapStart { report.gapMs = max(report.gapMs, Double(end - began) / 1e6) }
    report.alive = gapStart == nil ? 1 : 0
    return report
  }

  private func send(_ now: Instant) {
    let message = FlowMessage(flow: 0, number: first + UInt32(sent.count))
    sent.append(now.nanoseconds)
    roundTrip.append(-1)
    _ = try? socket.write(message.octets)  // one that cannot be sent is a lost probe
  }

  private func receive() {
    while let (count, _) = Sockets.receive(socket, into: &buffer) {
      guard let message = try? FlowMessage(parsing: buffer[..<count]),  // a stray packet
        message.number >= first, Int(message.number - first) < sent.count
      else { continue }
      let index = Int(message.number - first)
      roundTrip[index] = MonotonicClock.now().nanoseconds - sent[index]
    }
  }
}
