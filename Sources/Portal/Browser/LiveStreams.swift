import HTTP
import HTTPServer
import Linux
import Wire

/// The streams by which open pages hear that something has changed (server-sent events). A page is
/// told which parts are concerned, never what they say; it asks for itself again, as its user.
final class LiveStreams {
  /// Bounds of the streams.
  enum Limits {
    /// Streams at a time; one more is refused with 503, and the page does without.
    static let streams = 512
    /// Streams of one session, and of one user.
    static let streamsOfSession = 8
    static let streamsOfUser = 64
    /// Changes are gathered for this long.
    static let gathering = Interval.milliseconds(250)
    /// Silent streams are given a sign of life, and those of ended sessions are closed.
    static let pulse = Interval.seconds(20)
  }

  private struct Listener {
    let stream: HTTPStream
    let token: String
    let user: Int64
    let address: String
  }

  private let service: PortalService
  private var listeners: [Int: Listener] = [:]
  private var next = 0
  private var topics: Set<String> = []
  private var gathering: DeadlineTimer?
  private var pulse: DeadlineTimer?

  init(_ service: PortalService, _ reactor: Reactor) throws(SystemError) {
    self.service = service
    gathering = try DeadlineTimer(reactor) { [unowned self] in flush() }
    pulse = try DeadlineTimer(reactor) { [unowned self] in beat() }
  }

  /// How many pages listen.
  var count: Int { listeners.count }

  /// Begins a stream for a session.
  func open(_ exchange: HTTPExchange, _ session: Session, token: String) {
    guard hasRoom(session, token) else {
      exchange.answer(
        Browser.secured(.text("Too many pages are open.\n", status: 503)).with("Retry-After", "60"))
      return
    }
    let head = Browser.secured(
      HTTPResponse(200, headers: [HTTPField("Content-Type", "text/event-stream")]))
    let stream = exchange.stream(200, headers: head.headers)
    let number = next
    next += 1
    stream.whenGone = { [weak self] in self?.listeners[number] = nil }
    listeners[number] = Listener(
      stream: stream, token: token, user: session.user.id, address: session.user.address)
    stream.send(Array("retry: 3000\n\n".utf8))
    if listeners.count == 1 { pulse?.arm(at: MonotonicClock.now() + Limits.pulse) }
  }

  private func hasRoom(_ session: Session, _ token: String) -> Bool {
    let user = listeners.values.filter { $0.user == session.user.id }
    return listeners.count < Limits.streams && user.count < Limits.streamsOfUser
      && user.count(where: { $0.token == token }) < Limits.streamsOfSession
  }

  /// Notes a change; it is told with others that follow at once.
  func tell(_ change: PortalChange) {
    guard !listeners.isEmpty else { return }
    if topics.isEmpty { gathering?.arm(at: MonotonicClock.now() + Limits.gathering) }
    topics.formUnion(Self.topics(of: change))
  }

  /// The parts of pages that a change concerns, as pages name them.
  static func topics(of change: PortalChange) -> [String] {
    switch change {
    case .templates: ["templates"]
    case .site(let id), .gateway(_, site: let id): ["sites", "site:\(id)"]
    case .event(site: let id): ["site:\(id)"]
    case .users: ["users"]
    case .software: ["software"]
    }
  }

  private func flush() {
    let line = "event: change\ndata: \(topics.sorted().joined(separator: " "))\n\n"
    topics = []
    send(Array(line.utf8))
  }

  private func beat() {
    for (number, listener) in listeners where !isSignedIn(listener) {
      listeners[number] = nil
      listener.stream.close()
    }
    send(Array(": \n\n".utf8))
    if !listeners.isEmpty { pulse?.arm(at: MonotonicClock.now() + Limits.pulse) }
  }

  private func isSignedIn(_ listener: Listener) -> Bool {
    do {
      return try service.session(token: listener.token, from: listener.address, isUse: false)
        != nil
    } catch { return false }
  }

  private func send(_ octets: [UInt8]) {
    // A copy: a stream that is too slow ends within `send`.
    for listener in Array(listeners.values) { listener.stream.send(octets) }
  }
}
