import Linux
import Wire

/// A client that asks once and then only listens, as to a stream: nothing that it sends teaches a
/// router where it is.
///
/// `lost` counts the numbers that are missing since the event was marked, `gapMs` is the longest
/// silence. Options: `family`.
final class PushLoad: Load {
  private let socket: Descriptor
  private var last: UInt32?
  private var lost = 0
  private var heardAt: Instant?
  private var struckAt: Instant?
  private var longestSilence = Interval.zero
  private var buffer = [UInt8](repeating: 0, count: 64)

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    socket = try Sockets.datagram(to: Endpoint(options.server, PushServer.port(options)))
    _ = try socket.write([0])
    try reactor.add(socket.rawValue) { [unowned self] _ in receive() }
  }

  var isReady: Bool { last != nil }

  func mark(at now: Instant) {
    lost = 0
    longestSilence = .zero
    heardAt = now
    struckAt = nil
  }

  func struck(at now: Instant) { struckAt = now }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = 1
    if let heardAt, struckAt.map({ heardAt > $0 }) ?? true { report.alive = 1 }
    report.lost = lost
    report.gapMs = max(longestSilence, heardAt.map { now - $0 } ?? .zero).milliseconds
    return report
  }

  private func receive() {
    while let (count, _) = Sockets.receive(socket, into: &buffer) {
      guard let message = try? FlowMessage(parsing: buffer[..<count]) else { continue }  // a stray
      let now = MonotonicClock.now()
      if let last, message.number > last + 1 { lost += Int(message.number - last - 1) }
      last = message.number
      if let heardAt { longestSilence = max(longestSilence, now - heardAt) }
      heardAt = now
    }
  }
}

/// Sends whoever has asked a numbered datagram every 5 milliseconds, for ever.
final class PushServer: Load {
  private let socket: Descriptor
  private var listeners: [Endpoint] = []
  private var number: UInt32 = 0
  private var ticker: Ticker?
  private var buffer = [UInt8](repeating: 0, count: 64)

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    socket = try Sockets.datagram(PushServer.port(options), options.family)
    try reactor.add(socket.rawValue) { [unowned self] _ in
      while let (_, from) = Sockets.receive(socket, into: &buffer) {
        if !listeners.contains(from) { listeners.append(from) }
      }
    }
    ticker = try Ticker(reactor, every: .milliseconds(5)) { [unowned self] _ in
      number += 1
      let message = FlowMessage(flow: 0, number: number).octets
      for listener in listeners { Sockets.send(socket, message[...], to: listener) }
    }
  }

  /// A port for each family, as a socket of IPv6 would take that of IPv4, too.
  static func port(_ options: LoadOptions) -> UInt16 {
    Service.push + (options.family == .ipv6 ? 1 : 0)
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = listeners.count
    report.alive = listeners.count
    return report
  }
}
