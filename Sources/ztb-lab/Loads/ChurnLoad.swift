import Glibc
import Linux
import Wire

/// Sessions that come and go: each does one request and closes. The answers come from the session
/// server, for UDP from the datagram server.
///
/// Options: `rate` per second, `family`, `transport` (tcp or udp), `port`, `ports` (so many from
/// `port` on, in turn).
final class ChurnLoad: Load {
  private let reactor: Reactor
  private let targets: [Endpoint]
  private let isTCP: Bool
  private let rate: Int
  private var ticker: Ticker?
  private var open: [Int32: (socket: HeldSocket, since: Instant)] = [:]
  private var begun = 0
  private var ended = 0
  private var failed = 0
  private var isStopping = false

  /// Without an answer for so long a session counts as failed.
  private static let patience = Interval.seconds(3)

  private final class HeldSocket {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    self.reactor = reactor
    isTCP = options.text("transport", "tcp") == "tcp"
    let first = options.int("port", Int(isTCP ? Service.sessions : Service.datagrams))
    targets = (first..<first + options.int("ports", 1)).map { Endpoint(options.server, UInt16($0)) }
    rate = options.int("rate", 100)
    ticker = try Ticker(reactor, every: .milliseconds(10)) { [unowned self] in tick($0) }
  }

  var isReady: Bool { ended > 0 }
  func finish() { isStopping = true }
  var isFinished: Bool { isStopping && open.isEmpty }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = begun
    report.alive = ended
    report.lost = failed
    return report
  }

  private func tick(_ now: Instant) {
    for (number, entry) in open where now - entry.since > ChurnLoad.patience {
      failed += 1
      close(number)
    }
    if isStopping { return }
    for _ in 0..<max(1, rate / 100) {
      do {
        let target = targets[begun % targets.count]
        let socket = HeldSocket(
          try isTCP ? Sockets.connect(target) : Sockets.datagram(to: target))
        let number = socket.descriptor.rawValue
        open[number] = (socket, now)
        begun += 1
        try reactor.add(number, .writable) { [unowned self] _ in react(socket) }
      } catch { failed += 1 }
    }
  }

  private func react(_ socket: HeldSocket) {
    let number = socket.descriptor.rawValue
    do {
      if let piece = try socket.descriptor.read(limit: 64) {
        if !piece.isEmpty { ended += 1 } else { failed += 1 }
        return close(number)
      }
      _ = try socket.descriptor.write(SessionMessage(secret: UInt64(begun), number: 1).octets)
      try reactor.change(number, to: .readable)
    } catch {
      failed += 1
      close(number)
    }
  }

  private func close(_ number: Int32) {
    reactor.remove(number)
    open[number] = nil
  }
}
