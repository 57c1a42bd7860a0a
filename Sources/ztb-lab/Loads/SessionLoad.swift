import CLinux
import Glibc
import Linux
import Wire

/// One request or answer of a session: who asks, and which number it is.
struct SessionMessage {
  static let size = 16
  /// Chosen by the client for the life of the session.
  var secret: UInt64
  /// Counts up by one; the answer to number N is N mixed with the secret.
  var number: UInt64

  /// What the server answers.
  var answer: SessionMessage {
    SessionMessage(secret: secret &* 0x9e37_79b9_7f4a_7c15 &+ number, number: number)
  }

  var octets: [UInt8] {
    var writer = ByteWriter(capacity: SessionMessage.size)
    writer.uint64(secret)
    writer.uint64(number)
    return writer.bytes
  }

  init(secret: UInt64, number: UInt64) {
    self.secret = secret
    self.number = number
  }

  init(parsing bytes: ArraySlice<UInt8>) throws(WireError) {
    var reader = ByteReader(bytes)
    secret = try reader.uint64()
    number = try reader.uint64()
  }
}

/// Many TCP sessions that keep state: each sends a numbered request about every `period`
/// milliseconds, spread over the period, and checks the numbered answer.
///
/// Options: `family`, `to`, `count`, `period`, `port`.
final class SessionLoad: Load {
  private final class Session {
    enum State {
      case connecting, open, dead
    }
    let socket: Descriptor
    let secret: UInt64
    var state = State.connecting
    var number: UInt64 = 0
    var input: [UInt8] = []
    /// When the request that has no answer yet was sent.
    var waitingSince: Instant?
    var longestWait = Interval.zero
    var isProven = false
    init(_ socket: consuming Descriptor, secret: UInt64) {
      self.socket = socket
      self.secret = secret
    }
  }

  private let reactor: Reactor
  private let target: Endpoint
  private let count: Int
  private let period: Interval
  private let started = MonotonicClock.now()
  private var sessions: [Session] = []
  private var ticker: Ticker?
  private var turns = 0
  private var marked: Instant?
  private var struckAt: Instant?
  private var notes: [String] = []
  /// Sessions served by one tick; with 5 ms between ticks the load is spread over the period.
  private var perTick: Int { max(1, count * 5_000_000 / Int(period.nanoseconds)) }

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    self.reactor = reactor
    target = Endpoint(options.server, UInt16(options.int("port", Int(Service.sessions))))
    count = options.int("count", 500)
    period = options.interval("period", milliseconds: 400)
    ticker = try Ticker(reactor, every: .milliseconds(5)) { [unowned self] in tick($0) }
  }

  var isReady: Bool {
    sessions.count == count && sessions.allSatisfy { $0.state == .dead || $0.number > 0 }
  }

  func mark(at now: Instant) {
    marked = now
    struckAt = nil
    for session in sessions {
      session.longestWait = .zero
      session.isProven = false
    }
  }

  func struck(at now: Instant) { struckAt = now }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = count
    for session in sessions {
      if session.state == .dead { report.resets += 1 }
      if session.isProven && session.state == .open { report.alive += 1 }
      let open = session.waitingSince.map { now - max($0, marked ?? $0) } ?? .zero
      report.stallsMs.append(max(session.longestWait, open).milliseconds)
    }
    report.notes = notes
    return report
  }

  private func tick(_ now: Instant) {
    for _ in 0..<min(25, count - sessions.count) { openNext() }
    for _ in 0..<perTick {
      if turns % count < sessions.count { request(sessions[turns % count], now) }
      turns += 1
    }
  }

  private func openNext() {
    do {
      let session = Session(try Sockets.connect(target), secret: UInt64(sessions.count + 1))
      sessions.append(session)
      try reactor.add(session.socket.rawValue, [.readable, .writable]) { [unowned self] _ in
        react(session)
      }
    } catch { note("\(error)") }
  }

  private func request(_ session: Session, _ now: Instant) {
    guard session.state == .open, session.waitingSince == nil else { return }
    let message = SessionMessage(secret: session.secret, number: session.number + 1)
    do {
      session.waitingSince = now
      if try session.socket.write(message.octets) != SessionMessage.size {
        fail(session, "a request did not fit into an idle socket")
      }
    } catch { fail(session, "\(error)") }
  }

  private func react(_ session: Session) {
    do {
      if session.state == .connecting {
        let code = Sockets.error(of: session.socket)
        if code != 0 { throw SystemError(call: "connect", code: code) }
        session.state = .open
        try reactor.change(session.socket.rawValue, to: .readable)
      }
      while let piece = try session.socket.read(limit: 256) {
        if piece.isEmpty { throw LabError.failed("the server closed the session") }
        session.input += piece
      }
      while session.input.count >= SessionMessage.size { try take(session) }
    } catch { fail(session, "\(error)") }
  }

  private func take(_ session: Session) throws {
    let answer = try SessionMessage(parsing: session.input[..<SessionMessage.size])
    session.input.removeFirst(SessionMessage.size)
    let expected = SessionMessage(secret: session.secret, number: session.number + 1)
      .answer
    guard answer.secret == expected.secret, answer.number == expected.number,
      let sent = session.waitingSince
    else { throw LabError.failed("session \(session.secret) got a wrong answer") }
    session.number += 1
    session.waitingSince = nil
    session.longestWait = max(session.longestWait, MonotonicClock.now() - max(sent, marked ?? sent))
    if let struckAt, sent >= struckAt { session.isProven = true }
  }

  private func fail(_ session: Session, _ reason: String) {
    guard session.state != .dead else { return }
    session.state = .dead
    reactor.remove(session.socket.rawValue)
    note(reason)
  }

  private func note(_ text: String) { if notes.count < 5 { notes.append(text) } }
}

/// Answers the requests of ``SessionLoad``; closes a session whose numbers do not follow.
final class SessionServer: Load {
  private final class Session {
    let socket: Descriptor
    var secret: UInt64?
    var number: UInt64 = 0
    var input: [UInt8] = []
    init(_ socket: consuming Descriptor) { self.socket = socket }
  }

  private let reactor: Reactor
  private let listener: Descriptor
  private var sessions: [Int32: Session] = [:]
  private var failures = 0
  private var accepted = 0

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    self.reactor = reactor
    listener = try Sockets.listen(
      UInt16(options.int("port", Int(Service.sessions))), options.family)
    try reactor.add(listener.rawValue) { [unowned self] _ in acceptAll() }
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = accepted
    report.alive = sessions.count
    report.resets = failures
    return report
  }

  private func acceptAll() {
    do {
      while let number = try Sockets.accept(listener) {
        accepted += 1
        try setOption(number, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        let session = Session(Descriptor(owning: number))
        sessions[number] = session
        try reactor.add(number) { [unowned self] _ in serve(session) }
      }
    } catch { Output.error("session server: \(error)") }
  }

  private func serve(_ session: Session) {
    do {
      while let piece = try session.socket.read(limit: 256) {
        if piece.isEmpty { return close(session) }
        session.input += piece
      }
      while session.input.count >= SessionMessage.size {
        let request = try SessionMessage(parsing: session.input[..<SessionMessage.size])
        session.input.removeFirst(SessionMessage.size)
        guard request.secret == session.secret ?? request.secret,
          request.number == session.number + 1
        else { throw LabError.failed("a request out of order") }
        session.secret = request.secret
        session.number = request.number
        _ = try session.socket.write(request.answer.octets)
      }
    } catch {
      failures += 1
      close(session)
    }
  }

  private func close(_ session: Session) {
    reactor.remove(session.socket.rawValue)
    sessions[session.socket.rawValue] = nil
  }
}
