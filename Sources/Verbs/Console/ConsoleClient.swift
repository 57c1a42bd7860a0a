import ConsoleMenu
import Glibc
import Linux
import Messages
import Wire

/// The menu between the caller's terminal and the control socket.
final class ConsoleClient {
  /// A program that user 0 started ends by its own idle limit, not by one of the menu.
  private static let idleLimit = Interval.seconds(24 * 3_600)

  private let runDirectory: String
  private let reactor: Reactor
  private var timer: DeadlineTimer?
  private var signals: SignalSource?
  private var line: TerminalLine?
  private var menu = ConsoleMenu(idleLimit: ConsoleClient.idleLimit, asksForLogin: false)
  private var exchanges: [UInt32: ControlExchange] = [:]
  /// Exchanges that are over; let go when none of their code runs any more.
  private var finished: [ControlExchange] = []
  private var inputEnded = false

  init(runDirectory: String) throws {
    self.runDirectory = runDirectory
    reactor = try Reactor()
    timer = try DeadlineTimer(reactor) {}
    // Whatever ends us, the terminal is set back.
    signals = try SignalSource(reactor, [SIGTERM, SIGHUP, SIGINT, SIGQUIT]) { [unowned self] _ in
      reactor.stop()
    }
    reactor.afterEvents = { [unowned self] in wakeUp() }
  }

  /// Runs until the person leaves or the input ends.
  func run() throws {
    handle(.connected)
    try open()
    timer?.arm(at: menu.deadline)
    try reactor.run()
  }

  private func open() throws {
    do throws(SystemError) {
      line = try TerminalLine(
        reactor, input: STDIN_FILENO, output: STDOUT_FILENO,
        received: { [unowned self] in handle(.typed($0)) },
        ended: { [unowned self] in inputEnded = true })
    } catch {
      // A file cannot be watched, and need not: it is there as a whole.
      guard error.code == EPERM else { throw error }
      handle(.typed(try Files.read("/dev/stdin", limitBytes: Limits.typedAheadOctets)))
      inputEnded = true
    }
  }

  private func wakeUp() {
    finished = []
    handle(.ticked)
    timer?.arm(at: menu.deadline)
    if inputEnded && !menu.isBusy { reactor.stop() }
  }

  private func handle(_ event: ConsoleMenu.Event) {
    for action in menu.handle(event, at: MonotonicClock.now()) {
      switch action {
      case .write(let text): write(text)
      case .send(let number, let request): send(number, request)
      case .logOut: reactor.stop()
      }
    }
  }

  /// Prints, also when the input has ended before the last answer.
  private func write(_ text: String) {
    if let line, !inputEnded { return line.write(text) }
    let octets = Array(text.utf8)
    // Nobody is left to tell when standard output is gone.
    _ = unsafe Glibc.write(STDOUT_FILENO, octets, octets.count)
  }

  private func send(_ number: UInt32, _ request: ControlRequest) {
    do {
      exchanges[number] = try ControlExchange(request, in: runDirectory, reactor) {
        [unowned self] in answered(number, $0)
      }
    } catch {
      handle(
        .answered(
          request: number, ControlAnswer(done: false, "The supervisor does not answer: \(error)")))
    }
  }

  private func answered(_ number: UInt32, _ answer: ControlAnswer) {
    if let exchange = exchanges.removeValue(forKey: number) { finished.append(exchange) }
    handle(.answered(request: number, answer))
  }
}
