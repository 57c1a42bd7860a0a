import Glibc
import HTTPClient
import Linux
import Messages
import RoleChannel
import Wire

/// The process of the `checks` role: asks the targets of path checks, and needs no privilege: echo
/// requests go out by the kernel's ping sockets, which its group may open.
///
/// Packets leave by the routes of the node, whose source is the node's own address: what a standby
/// finds is about its own way, not about that of whoever has the virtual address.
enum ChecksProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 {
    // A supervisor or a server that is gone is seen in the result of a write.
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      try ChecksRole().run()
      return 0
    } catch {
      let line = Array("checks: \(error)\n".utf8)
      // Without a channel there is nobody to tell but whoever reads standard error.
      return unsafe write(STDERR_FILENO, line, line.count) < 0 ? 2 : 1
    }
  }
}

/// Numbers that bound the role.
enum CheckLimits {
  /// Answers of HTTP targets: what is longer is as good.
  static let bodyBytes = 64 << 10
  /// A picture of all paths goes to the supervisor at most so often, unless one changed.
  static let reportEvery = Interval.seconds(1)
}

/// Keeps one ``PathWatch`` for each check, and tells the supervisor what they find.
private final class ChecksRole {
  private let reactor: Reactor
  private let client: HTTPClient
  private var channel: SupervisorChannel?
  private var timer: DeadlineTimer?
  private var watches: [PathWatch] = []
  private var reportAt: Instant?

  init() throws {
    reactor = try Reactor()
    client = try HTTPClient(reactor)
    timer = try DeadlineTimer(reactor) { [unowned self] in expire() }
    channel = try SupervisorChannel(reactor) { [unowned self] in received($0) }
    reactor.afterEvents = { [unowned self] in
      timer?.arm(at: (watches.map(\.deadline) + [reportAt]).compactMap { $0 }.min())
    }
  }

  func run() throws(SystemError) { try reactor.run() }

  private func received(_ command: Command?) {
    switch command {
    case .configure(.checks(let configuration)): configure(configuration)
    case .stop, nil: reactor.stop()
    case .configure, .vrrp, .fence, .sync, .policy, .agent, .controlAnswer:
      // Only the supervisor writes here, and these are not for this role.
      channel?.log(.error, "a command for another role")
    }
  }

  /// A check that is the same as before goes on as it is: it keeps what it knows.
  private func configure(_ configuration: PathCheckConfiguration) {
    let now = MonotonicClock.now()
    let old = watches
    watches = configuration.checks.map { order in
      old.first { $0.order == order }
        ?? PathWatch(order, reactor, client, at: now) { [unowned self] in judged($0) }
    }
    for watch in old where !watches.contains(where: { $0 === watch }) { watch.giveUp() }
    channel?.send(.ready)
    report()
  }

  private func judged(_ hasChanged: Bool) {
    if hasChanged {
      report()
    } else {
      reportAt = reportAt ?? MonotonicClock.now() + CheckLimits.reportEvery
    }
  }

  private func report() {
    reportAt = nil
    channel?.send(.paths(watches.map(\.result)))
  }

  private func expire() {
    let now = MonotonicClock.now()
    for watch in watches {
      if let due = watch.deadline, due <= now { watch.expire(at: now) }
    }
    if let due = reportAt, due <= now { report() }
  }
}
