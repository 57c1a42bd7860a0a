import Glibc
import Linux
import Wire

/// New flows made by real packets at a given rate: a datagram that is answered, or a TCP handshake
/// whose connection then stays open.
///
/// `alive` counts flows begun. Options: `kind` (udp or tcp), `count`, `rate` per second, `family`.
final class HandshakeLoad: Load {
  private let reactor: Reactor
  private let server: IPAddress
  private let isTCP: Bool
  private let count: Int
  private let rate: Int
  private var sockets: [Int32] = []
  private var done = 0
  private var refused = 0
  private var started: Instant?
  private var ended: Instant?
  private var ticker: Ticker?

  /// Ports of the server for connections, so that the client has ports enough.
  static let firstPort: UInt16 = 20_000
  static let tcpPorts = 8

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    self.reactor = reactor
    server = options.server
    isTCP = options.text("kind") == "tcp"
    count = options.int("count", 50_000)
    rate = options.int("rate", 10_000)
    _ = HandshakeLoad.raiseDescriptorLimit()
    ticker = try Ticker(reactor, every: .milliseconds(2)) { [unowned self] in advance($0) }
  }

  /// Lets this process open as many sockets as the machine allows; how many that are.
  static func raiseDescriptorLimit() -> Int {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit(rlim_cur: 300_000, rlim_max: 300_000)
    if unsafe setrlimit(resource, &limit) == 0 { return 300_000 }
    _ = unsafe getrlimit(resource, &limit)
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(resource, &limit)
    return Int(limit.rlim_cur)
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
    let due = rate == 0 ? count : Int((now - started).nanoseconds) / 1000 * rate / 1_000_000
    let limit = min(count, due, done + 2000)
    while done < limit {
      do {
        if isTCP { try connect() } else { try datagram() }
      } catch { refused += 1 }
      done += 1
    }
    if done >= count { ended = MonotonicClock.now() }
  }

  private func connect() throws {
    let port = HandshakeLoad.firstPort + UInt16(done % HandshakeLoad.tcpPorts)
    sockets.append(try Sockets.connect(Endpoint(server, port)).release())
  }

  private func datagram() throws {
    let socket = try Sockets.datagram(to: Endpoint(server, Service.datagrams))
    _ = try socket.write([0])
    sockets.append(socket.release())
  }
}

/// Takes the connections of ``HandshakeLoad`` and keeps them open.
final class HandshakeServer: Load {
  private final class Listener {
    let socket: Descriptor
    init(_ socket: consuming Descriptor) { self.socket = socket }
  }
  private var listeners: [Listener] = []
  private var connections: [Int32] = []

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    _ = HandshakeLoad.raiseDescriptorLimit()
    for index in 0..<HandshakeLoad.tcpPorts {
      let listener = Listener(try Sockets.listen(HandshakeLoad.firstPort + UInt16(index)))
      listeners.append(listener)
      try reactor.add(listener.socket.rawValue) { [unowned self] _ in acceptAll(listener) }
    }
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = connections.count
    report.alive = connections.count
    return report
  }

  private func acceptAll(_ listener: Listener) {
    do {
      while let number = try Sockets.accept(listener.socket) { connections.append(number) }
    } catch { Output.error("handshake server: \(error)") }
  }
}
