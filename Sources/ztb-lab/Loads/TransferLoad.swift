import Glibc
import Linux
import Wire

/// A program that fetches a file, such as `scp` or `curl`; the file is compared with the original.
///
/// Options: `command`, `file` (where the program puts it), `size` in octets.
final class TransferLoad: Load {
  private let program: RunningProgram
  private let file: String
  private let size: Int
  private var ticker: Ticker?
  private var status: ExitStatus?
  private var verdict: String?
  private var asked: Instant?

  /// How long a transfer may go on after ``finish()``.
  static let patience = Interval.seconds(20)

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    file = options.text("file")
    size = options.int("size", 0)
    program = try RunningProgram(options.command)
    try reactor.add(program.process.descriptor) { [unowned self] _ in
      reactor.remove(program.process.descriptor)
      ended()
    }
    // Wakes the loop, so that the file's growth and the end of patience are seen.
    ticker = try Ticker(reactor, every: .milliseconds(50)) { [unowned self] now in
      if let asked, now - asked > TransferLoad.patience { program.process.signal(SIGKILL) }
    }
  }

  var isReady: Bool { status != nil || length() > 0 }
  func finish() { asked = MonotonicClock.now() }
  var isFinished: Bool { status != nil }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = 1
    report.alive = status == nil ? 0 : verdict == nil ? 1 : 0
    if let verdict { report.notes = [verdict] }
    return report
  }

  private func ended() {
    let status = program.process.reap() ?? .exited(0)
    self.status = status
    if status != .exited(0) {
      verdict = "the program ended by \(status) with \(length()) of \(size) octets"
      return
    }
    do {
      let bytes = try Files.read(file, limitBytes: size + 1)
      if bytes.count != size || !Pattern().matches(bytes[...], at: 0) {
        verdict = "the file is not the original (\(bytes.count) of \(size) octets)"
      }
    } catch { verdict = "\(error)" }
  }

  private func length() -> Int {
    var information = stat()
    return unsafe stat(file, &information) == 0 ? Int(information.st_size) : 0
  }
}
