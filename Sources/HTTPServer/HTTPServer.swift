import CMicrohttpd
public import HTTP
public import Linux
import Wire

/// Why a server did not start.
public enum HTTPServerError: Error, Hashable, Sendable {
  /// libmicrohttpd refused: most often a certificate that does not fit its key.
  case refused
  /// A system call failed.
  case system(SystemError)
}

extension HTTPServerError: CustomStringConvertible {
  /// One phrase for a log line.
  public var description: String {
    switch self {
    case .refused: "the server refused to start: certificate or key cannot be used"
    case .system(let error): error.description
    }
  }
}

/// Who a server is, and whom it lets in.
public struct TLSIdentity: Hashable, Sendable {
  /// Certificate and intermediate ones, PEM.
  public var certificate: String
  /// Its private key, PEM.
  public var privateKey: String
  /// Authorities whose certificates clients must show, PEM; nil: clients show none.
  public var clientAuthorities: String?

  /// Joins the parts.
  public init(certificate: String, privateKey: String, clientAuthorities: String? = nil) {
    self.certificate = certificate
    self.privateKey = privateKey
    self.clientAuthorities = clientAuthorities
  }
}

/// An HTTP/1.1 server on a listening socket, plain or with TLS, inside a ``Reactor``.
///
/// libmicrohttpd brings an epoll descriptor of its own; the loop watches it and nothing here ever
/// waits. Requests are handed over whole, with path and query decoded. What breaks the rules is
/// answered without the handler: 400 for a target that cannot be decoded, leaves its tree or holds
/// control characters, 408 for a request that is not complete in time, 413 for a body that is too
/// large.
@safe public final class HTTPServer {
  /// Bounds of a server.
  public struct Limits: Hashable, Sendable {
    /// Largest body of a request.
    public var bodyBytes = 1 << 20
    /// Most connections at a time.
    public var connections = 4_096
    /// Most connections of one client address at a time.
    public var connectionsPerClient = 64
    /// Seconds in which a request must be complete, and after which an idle connection is closed.
    public var idleSeconds = 30
    /// Seconds in which a client must have taken a whole answer; a stream may last.
    public var answerSeconds = 120
    /// Seconds in which a client must have taken a whole file; one that takes nothing for
    /// ``idleSeconds`` is closed before.
    public var fileSeconds = 7_200
    /// Seconds in which a client that must show a certificate must have shown it.
    public var handshakeSeconds = 15
    /// Octets that a stream may hold for a client that does not read; one more closes it.
    public var streamBytes = 1 << 20

    /// The defaults.
    public init() {}
  }

  /// Called with each request; answers through the exchange, now or later.
  public typealias Handler = (HTTPRequest, HTTPExchange) -> Void

  /// Called with the head of each request: what is done with its body.
  public typealias Receiver = (HTTPRequest) -> HTTPReception

  let reactor: Reactor
  let limits: Limits
  let handle: Handler
  let receive: Receiver?
  private var connections: [ObjectIdentifier: Connection] = [:]
  private var daemon: OpaquePointer?
  private var poll: Int32 = -1
  private var wakeUp: DeadlineTimer?
  private var sweep: DeadlineTimer?
  private var sweeping = false
  private var running = false
  private var hasResumed = false
  private(set) var stopping = false

  /// Serves the connections of `listener`, a listening TCP socket, until ``stop()``.
  public init(
    _ reactor: Reactor, listener: consuming Descriptor, tls: TLSIdentity? = nil,
    limits: Limits = Limits(), receive: Receiver? = nil, handle: @escaping Handler
  ) throws(HTTPServerError) {
    self.reactor = reactor
    self.limits = limits
    self.handle = handle
    self.receive = receive
    requiresClientCertificate = tls?.clientAuthorities != nil
    usesTLS = tls != nil
    // From here on the socket is the daemon's, which closes it.
    let socket = listener.release()
    guard let started = unsafe Daemon.start(self, socket: socket, tls: tls, limits: limits) else {
      throw .refused
    }
    unsafe daemon = started
    poll = unsafe ztb_mhd_epoll(started)
    do {
      wakeUp = try DeadlineTimer(reactor) { [unowned self] in turn() }
      sweep = try DeadlineTimer(reactor) { [unowned self] in sweepConnections() }
      try reactor.add(poll) { [unowned self] _ in turn() }
    } catch {
      unsafe MHD_stop_daemon(started)
      unsafe daemon = nil
      throw .system(error)
    }
    turn()
  }

  deinit { stop() }

  let requiresClientCertificate: Bool
  let usesTLS: Bool

  /// Closes every connection and the listening socket. Handlers must not call it themselves; what
  /// they hold of exchanges is then gone.
  public func stop() {
    guard let daemon = unsafe daemon, !stopping else { return }
    precondition(!running, "a server is not stopped by its own handler")
    stopping = true
    reactor.remove(poll)
    for connection in connections.values { connection.abandon() }
    // One round brings the suspended connections back; a daemon must not stop with any.
    unsafe MHD_run(daemon)
    unsafe MHD_stop_daemon(daemon)
    unsafe self.daemon = nil
    wakeUp = nil
    sweep = nil
  }

  /// How many clients are connected.
  public var connectionCount: Int { connections.count }

  func begin(_ connection: Connection) {
    connections[ObjectIdentifier(connection)] = connection
    guard !sweeping else { return }
    sweeping = true
    sweep?.arm(at: MonotonicClock.now() + Self.sweepInterval)
  }

  func end(_ connection: Connection) { connections[ObjectIdentifier(connection)] = nil }

  /// Runs the daemon in the next round of the loop, for connections that are no longer suspended.
  /// The daemon does not tell by itself.
  func wake() {
    hasResumed = true
    if !running { wakeUp?.arm(at: MonotonicClock.now()) }
  }

  private static let sweepInterval = Interval.seconds(1)

  private func turn() {
    guard let daemon = unsafe daemon else { return }
    running = true
    hasResumed = false
    unsafe MHD_run(daemon)
    running = false
    guard !hasResumed else {
      wakeUp?.arm(at: MonotonicClock.now())
      return
    }
    var milliseconds: UInt64 = 0
    let waits = unsafe MHD_get_timeout(daemon, &milliseconds) == .YES
    let delay = Interval.milliseconds(Int(min(milliseconds, 3_600_000)))
    wakeUp?.arm(at: waits ? MonotonicClock.now() + delay : nil)
  }

  /// Ends the connections whose request or answer is not complete in time: slow ones keep the daemon's own
  /// timer, which starts anew with each octet, waiting for ever.
  private func sweepConnections() {
    sweeping = !connections.isEmpty
    let now = MonotonicClock.now()
    for connection in connections.values where connection.isLate(now) { connection.endLate() }
    if sweeping { sweep?.arm(at: now + Self.sweepInterval) }
  }
}
