import CLinux
import Glibc
import Linux
import Wire

/// What is known of one flow of numbered packets that are echoed.
struct EchoedFlow {
  private(set) var number: UInt32 = 0
  private(set) var answered: UInt32 = 0
  private var lastAnswer: Instant?
  private var struckAtNumber: UInt32?
  private(set) var longestSilence = Interval.zero

  /// Whether any packet has come back.
  var hasAnswered: Bool { lastAnswer != nil }
  /// Whether a packet that was sent after the event has come back.
  var isAlive: Bool { struckAtNumber.map { answered > $0 } ?? hasAnswered }

  mutating func mark(at now: Instant) {
    struckAtNumber = number
    longestSilence = .zero
    if hasAnswered { lastAnswer = now }
  }

  mutating func struck() { struckAtNumber = number }

  /// The number of the next packet.
  mutating func next() -> UInt32 {
    number += 1
    return number
  }

  mutating func take(_ answer: UInt32, at now: Instant) {
    if let last = lastAnswer { longestSilence = max(longestSilence, now - last) }
    lastAnswer = now
    answered = max(answered, answer)
  }

  func silence(at now: Instant) -> Interval {
    max(longestSilence, lastAnswer.map { now - $0 } ?? .zero)
  }
}

extension Report {
  /// Sums up echoed flows.
  init(_ flows: [EchoedFlow], at now: Instant) {
    self.init()
    total = flows.count
    alive = flows.count { $0.isAlive }
    stallsMs = flows.map { $0.silence(at: now).milliseconds }
  }
}

/// UDP flows, each with a port of its own, spread over their period.
///
/// Options: `family`, `count`, `period`, `port`.
final class DatagramLoad: Load {
  private final class Flow {
    let socket: Descriptor
    var state = EchoedFlow()
    init(_ socket: consuming Descriptor) { self.socket = socket }
  }

  private var flows: [Flow] = []
  private var ticker: Ticker?
  private var turn = 0
  private var buffer = [UInt8](repeating: 0, count: 64)

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    let target = Endpoint(
      options.server, UInt16(options.int("port", Int(Service.datagrams))))
    let count = options.int("count", 50)
    for _ in 0..<count {
      let flow = Flow(try Sockets.datagram(to: target))
      flows.append(flow)
      try reactor.add(flow.socket.rawValue) { [unowned self] _ in receive(flow) }
    }
    let period = options.interval("period", milliseconds: 100)
    ticker = try Ticker(reactor, every: period / count) { [unowned self] _ in send() }
  }

  var isReady: Bool { flows.allSatisfy { $0.state.hasAnswered } }
  func mark(at now: Instant) { for flow in flows { flow.state.mark(at: now) } }
  func struck(at now: Instant) { for flow in flows { flow.state.struck() } }
  func report(at now: Instant) -> Report { Report(flows.map(\.state), at: now) }

  private func send() {
    let index = turn % flows.count
    turn += 1
    let message = FlowMessage(flow: UInt32(index), number: flows[index].state.next())
    _ = try? flows[index].socket.write(message.octets)  // lost, as on a wire
  }

  private func receive(_ flow: Flow) {
    while let (count, _) = Sockets.receive(flow.socket, into: &buffer) {
      guard let message = try? FlowMessage(parsing: buffer[..<count]) else { continue }  // a stray
      flow.state.take(message.number, at: MonotonicClock.now())
    }
  }
}

/// Echoes datagrams and notes under which address and port each flow arrives.
final class DatagramServer: Load {
  private let socket: Descriptor
  private var sources: [UInt32: Endpoint] = [:]
  private var changed: Set<UInt32> = []
  private var buffer = [UInt8](repeating: 0, count: 2048)

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    socket = try Sockets.datagram(
      UInt16(options.int("port", Int(Service.datagrams))), options.family)
    try reactor.add(socket.rawValue) { [unowned self] _ in serve() }
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = sources.count
    report.changed = changed.count
    return report
  }

  private func serve() {
    while let (count, from) = Sockets.receive(socket, into: &buffer) {
      Sockets.send(socket, buffer[..<count], to: from)
      guard let message = try? FlowMessage(parsing: buffer[..<count]) else { continue }  // a stray
      if let known = sources[message.flow], known != from { changed.insert(message.flow) }
      sources[message.flow] = from
    }
  }
}
