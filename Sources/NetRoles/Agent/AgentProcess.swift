import Activation
import Glibc
import HTTPClient
import Linux
import Messages
import RoleChannel
import Wire

/// The process of the `agent` role: speaks to the portal, needs no privilege.
///
/// When it dies the gateway goes on with its configuration; a new one takes up where the old one
/// was, from what the supervisor tells it.
enum AgentProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 {
    // A supervisor or a portal that is gone is seen in the result of a write.
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      try AgentRole().run()
      return 0
    } catch {
      let line = Array("agent: \(error)\n".utf8)
      // Without a channel there is nobody to tell but whoever reads standard error.
      return unsafe write(STDERR_FILENO, line, line.count) < 0 ? 2 : 1
    }
  }
}

/// Drives the ``AgentMachine``: gives it what happens, and performs what it says.
private final class AgentRole {
  private let reactor: Reactor
  private var client: HTTPClient
  /// Clients of earlier configurations, until their last call has ended.
  private var retired: [HTTPClient] = []
  private var machine: AgentMachine
  private var channel: SupervisorChannel?
  private var timer: DeadlineTimer?
  private var configuration: AgentConfiguration?
  /// The last fetch of software, over or not.
  private var fetch: SoftwareFetch?
  private var calls: [PortalCall: (client: HTTPClient, number: Int)] = [:]

  init() throws {
    reactor = try Reactor()
    client = try HTTPClient(reactor)
    machine = AgentMachine(
      cryptography: PortalCryptography(), seed: UInt64.random(in: 0...UInt64.max))
    timer = try DeadlineTimer(reactor) { [unowned self] in handle(.deadlinePassed) }
    channel = try SupervisorChannel(reactor) { [unowned self] in received($0) }
    reactor.afterEvents = { [unowned self] in timer?.arm(at: machine.deadline) }
  }

  func run() throws(SystemError) { try reactor.run() }

  private func received(_ command: Command?) {
    switch command {
    case .configure(.agent(let configuration)):
      renewClient()
      self.configuration = configuration
      handle(.configured(configuration))
      channel?.send(.ready)
    case .agent(.fetch(let source, let path)): beginFetch(source, path)
    case .agent(.fetchCancel): fetch?.cancel()
    case .agent(let command): handle(.commanded(command))
    case .stop: handle(.left)
    case nil: reactor.stop()
    case .configure, .vrrp, .fence, .sync, .policy, .controlAnswer:
      // Only the supervisor writes here, and these are not for this role.
      channel?.log(.error, "agent: a command for another role")
    }
  }

  private func handle(_ event: AgentMachine.Event) {
    for action in machine.handle(event, at: MonotonicClock.now()) {
      switch action {
      case .send(let request): send(request)
      case .cancel(let call): calls.removeValue(forKey: call).map { $0.client.cancel($0.number) }
      case .report(let report): channel?.send(.agent(report))
      case .log(let level, let text): channel?.log(level, "agent: \(text)")
      case .leave: reactor.stop()
      }
    }
  }

  private func send(_ request: PortalRequest) {
    let call = request.call
    var outgoing = HTTPClient.Request(request, clockIsSet: Self.clockIsSet)
    outgoing.progress = { [unowned self] stage in
      handle(.progressed(call, stage == .resolved ? .resolved : .connected))
    }
    let client = client
    let number = client.send(outgoing) { [unowned self] result in
      calls[call] = nil
      handle(.ended(call, PortalOutcome(result, clockIsSet: Self.clockIsSet)))
    }
    calls[call] = (client, number)
  }

  private func beginFetch(_ source: String, _ path: String) {
    fetch?.cancel()
    do {
      let next = try SoftwareFetch(
        reactor, source: source, path: path, configuration: { [unowned self] in configuration },
        clockIsSet: { Self.clockIsSet }, report: { [unowned self] in channel?.send(.agent($0)) })
      fetch = next
      next.begin()
    } catch { channel?.send(.agent(.fetchEnded(reason: "\(error)"))) }
  }

  /// Connections of an earlier configuration may be of an address that is ours no more: a request
  /// on one of them would be answered by nobody.
  private func renewClient() {
    do {
      let fresh = try HTTPClient(reactor)
      retired = (retired + [client]).filter { old in calls.values.contains { $0.client === old } }
      client = fresh
    } catch { channel?.log(.error, "agent: \(error)") }
  }

  /// Whether the clock of this box was ever set.
  private static var clockIsSet: Bool {
    WallClock.secondsSince1970() >= AgentLimits.clockIsUnsetBefore
  }
}
