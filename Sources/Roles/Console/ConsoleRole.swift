import CLinux
import ConsoleMenu
import Glibc
import Linux
import Messages
import RoleChannel
import Wire

/// The `console` role: a terminal on one side, the supervisor on the other, the menu between them.
final class ConsoleRole {
  /// How often a line that hung up is looked at.
  private static let lookAgain = Interval.seconds(2)
  /// How long the last words may take to reach a slow line.
  private static let farewell = Interval.milliseconds(200)
  /// Until the supervisor says otherwise.
  private static let idleLimit = Interval.seconds(600)

  private let reactor: Reactor
  private var channel: SupervisorChannel?
  private var timer: DeadlineTimer?
  private var menu = ConsoleMenu(idleLimit: ConsoleRole.idleLimit)
  private var isConfigured = false
  private var line: TerminalLine?
  private var mode: TerminalMode?
  /// When a line that hung up is looked at again; nil while it is up.
  private var looksAt: Instant?

  /// Takes the role's descriptors over.
  init() throws(SystemError) {
    reactor = try Reactor()
    timer = try DeadlineTimer(reactor) {}
    channel = try SupervisorChannel(reactor) { [unowned self] in received($0) }
    reactor.afterEvents = { [unowned self] in wakeUp() }
  }

  /// Runs until stopped.
  func run() throws(SystemError) -> Int32 {
    defer { mode?.restore() }
    try reactor.run()
    return 0
  }

  // MARK: Supervisor

  private func received(_ command: Command?) {
    switch command {
    case .configure(.console(let configuration)): configure(configuration)
    case .controlAnswer(let request, let octets): answered(request, octets)
    case .stop, nil: leave()
    case .configure, .vrrp, .fence, .sync, .policy, .agent:
      channel?.log(.error, "console: a command for another role")
    }
  }

  private func configure(_ configuration: ConsoleConfiguration) {
    menu.idleLimit = .seconds(Int(configuration.idleLimitSeconds))
    channel?.send(.ready)
    guard !isConfigured else { return }
    isConfigured = true
    open()
  }

  private func answered(_ request: UInt32, _ octets: [UInt8]) {
    do {
      let answer = try ControlAnswer(line: octets)
      handle(.answered(request: request, answer))
    } catch {
      // Only the supervisor writes here; what it writes and we cannot read is a bug.
      channel?.log(.error, "console: an answer cannot be read: \(error)")
    }
  }

  private func leave() {
    line?.write("\n")
    let end = MonotonicClock.now() + Self.farewell
    while line?.isFlushed == false, MonotonicClock.now() < end {
      var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
      _ = unsafe poll(&entry, 1, 20)
      line?.write("")
    }
    reactor.stop()
  }

  // MARK: Line

  private func open() {
    do throws(SystemError) {
      for number in [STDIN_FILENO, STDOUT_FILENO] { try setNonBlocking(number) }
      mode = mode ?? TerminalMode(STDIN_FILENO)
      mode?.takeOver()
      try mode?.makeRaw()
      line = try TerminalLine(
        reactor, input: STDIN_FILENO, output: STDOUT_FILENO,
        received: { [unowned self] in handle(.typed($0)) },
        ended: { [unowned self] in hungUp() })
      looksAt = nil
      handle(.connected)
    } catch {
      channel?.log(.debug, "console: \(error)")
      hungUp()
    }
  }

  /// The line is gone: nobody is logged in any more. It is looked at again after a while, so that
  /// a line without carrier costs nothing.
  private func hungUp() {
    if line != nil { channel?.log(.info, "console: the line has hung up") }
    line = nil
    looksAt = MonotonicClock.now() + Self.lookAgain
    handle(.hungUp)
  }

  private func lookAgain() {
    looksAt = MonotonicClock.now() + Self.lookAgain
    if isUp(STDIN_FILENO) { return open() }
    // A terminal that hung up stays dead for whoever has it open; a new open may find it alive.
    // Fails where the file is not ours to open: then there is only waiting.
    guard
      let fresh = try? Descriptor.open(
        "/proc/self/fd/\(STDIN_FILENO)", O_RDWR | O_NOCTTY | O_NONBLOCK),
      isUp(fresh.rawValue)
    else { return }
    for number in [STDIN_FILENO, STDOUT_FILENO] { dup2(fresh.rawValue, number) }
    mode = nil
    open()
  }

  private func isUp(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = unsafe poll(&entry, 1, 0)
    return Int32(entry.revents) & (POLLHUP | POLLERR | POLLNVAL) == 0
  }

  private func setNonBlocking(_ descriptor: Int32) throws(SystemError) {
    let flags = try system("fcntl", "terminal") { ztb_fcntl(descriptor, F_GETFL, 0) }
    try system("fcntl", "terminal") { ztb_fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
  }

  // MARK: Menu

  private func wakeUp() {
    if let looksAt, looksAt <= MonotonicClock.now() { lookAgain() }
    handle(.ticked)
    timer?.arm(at: [menu.deadline, looksAt].compactMap { $0 }.min())
  }

  private func handle(_ event: ConsoleMenu.Event) {
    for action in menu.handle(event, at: MonotonicClock.now()) {
      switch action {
      case .write(let text): line?.write(text)
      case .send(let number, let request): send(number, request)
      // The line stays, and wakes the menu with Enter.
      case .logOut: break
      }
    }
  }

  private func send(_ number: UInt32, _ request: ControlRequest) {
    channel?.send(.control(request: number, line: request.line))
  }
}
