import Glibc
import Linux
import Wire

/// Keeps one core busy, in slices so that questions are still answered.
final class SpinLoad: Load {
  private var ticker: Ticker?
  private var turns = 0

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    ticker = try Ticker(reactor, every: .milliseconds(1)) { [unowned self] now in
      while MonotonicClock.now() - now < .milliseconds(20) { turns &+= 1 }
    }
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = 1
    report.alive = 1
    return report
  }
}
