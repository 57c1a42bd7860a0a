import Glibc
import Linux
import Wire

/// An interactive session, such as `ssh`, that echoes numbered lines.
///
/// The command must print `got N` for a line `N`. With `idle` it says nothing between the first
/// answer and the marked event. Options: `command`, `period`, `idle`.
final class ShellLoad: Load {
  private let program: RunningProgram
  private let isIdle: Bool
  private var ticker: Ticker?
  private var flow = EchoedFlow()
  private var received: [UInt8] = []
  private var failure: String?
  private var marked = false

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    program = try RunningProgram(options.command)
    isIdle = options.int("idle", 0) != 0
    try reactor.add(program.output.rawValue) { [unowned self] _ in
      read { reactor.remove(program.output.rawValue) }
    }
    let period = options.interval("period", milliseconds: 100)
    ticker = try Ticker(reactor, every: period) { [unowned self] _ in write() }
  }

  var isReady: Bool { flow.hasAnswered || failure != nil }

  func mark(at now: Instant) {
    marked = true
    flow.mark(at: now)
  }

  func struck(at now: Instant) { flow.struck() }

  func report(at now: Instant) -> Report {
    var report = Report([flow], at: now)
    if let failure {
      report.alive = 0
      report.resets = 1
      report.notes = [failure]
    }
    return report
  }

  private func write() {
    if failure != nil || isIdle && flow.hasAnswered && !marked { return }
    do {
      _ = try program.input.write(Array("\(flow.next())\n".utf8))
    } catch { failure = "\(error)" }
  }

  private func read(_ ended: () -> Void) {
    do {
      while let piece = try program.output.read(limit: 4096) {
        if piece.isEmpty {
          failure = failure ?? "the session was closed"
          return ended()
        }
        received += piece
      }
    } catch { failure = "\(error)" }
    while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: received[..<end], as: UTF8.self)
      received.removeFirst(end + 1)
      guard line.hasPrefix("got "), let number = UInt32(line.dropFirst(4)) else { continue }
      flow.take(number, at: MonotonicClock.now())
    }
  }
}
