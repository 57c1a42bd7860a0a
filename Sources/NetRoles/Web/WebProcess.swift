import Crypto
import Glibc
import HTTPServer
import Linux
import Messages
import RoleChannel
import Wire

/// The process of the `web` role: the activation page, with no privilege and in a namespace where
/// there is nothing but the management port.
enum WebProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 {
    // A supervisor or a browser that is gone is seen in the result of a write.
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      try WebRole().run()
      return 0
    } catch {
      let line = Array("web: \(error)\n".utf8)
      // Without a channel there is nobody to tell but whoever reads standard error.
      return unsafe write(STDERR_FILENO, line, line.count) < 0 ? 2 : 1
    }
  }
}

/// Joins the site with its socket and its supervisor.
private final class WebRole {
  private enum Limits {
    static let bodyBytes = 8_192
    static let connections = 128
    static let connectionsPerClient = 32
  }

  private let reactor: Reactor
  private let key: [UInt8]
  private var channel: SupervisorChannel?
  private var line: SupervisorLine?
  private var timer: DeadlineTimer?
  private var server: HTTPServer?
  private var site: ActivationSite?

  init() throws {
    reactor = try Reactor()
    key = try randomOctets(32)
    timer = try DeadlineTimer(reactor) { [unowned self] in
      line?.expire(at: MonotonicClock.now())
    }
    channel = try SupervisorChannel(reactor) { [unowned self] in received($0) }
    line = SupervisorLine { [unowned self] in channel?.send($0) }
    reactor.afterEvents = { [unowned self] in timer?.arm(at: line?.deadline) }
  }

  func run() throws(SystemError) {
    // What it asks of us must not come when we are half gone.
    defer { server?.stop() }
    try reactor.run()
  }

  private func received(_ command: Command?) {
    switch command {
    case .configure(.web(let configuration)): configure(configuration)
    case .controlAnswer(let request, let octets): line?.answered(request, octets)
    case .stop, nil: reactor.stop()
    case .configure, .vrrp, .fence, .sync, .policy, .agent:
      // Only the supervisor writes here, and these are not for this role.
      channel?.log(.error, "web: a command for another role")
    }
  }

  private func configure(_ configuration: WebConfiguration) {
    site = ActivationSite(
      configuration, key: key, ask: { [unowned self] in line?.ask($0, $1) },
      clock: { MonotonicClock.now() })
    do {
      if server == nil { server = try serve() }
      channel?.send(.ready)
    } catch { channel?.send(.refused(reason: "web: \(error)")) }
  }

  private func serve() throws -> HTTPServer {
    var limits = HTTPServer.Limits()
    limits.bodyBytes = Limits.bodyBytes
    limits.connections = Limits.connections
    limits.connectionsPerClient = Limits.connectionsPerClient
    let listener = Descriptor(owning: SupervisorChannel.DescriptorNumber.extra)
    try listener.setNonBlocking()
    return try HTTPServer(reactor, listener: listener, limits: limits) {
      [unowned self] request, exchange in
      site?.handle(request) { exchange.answer($0) }
    }
  }
}
