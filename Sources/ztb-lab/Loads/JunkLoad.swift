import CLinux
import Glibc
import Linux
import Wire

/// Floods both networks of the gateways with advertisements that must be dropped, one after the other.
///
/// Runs in the switches' host. Option: `rate` in frames per second and network. In the report
/// `total` is what was sent.
final class JunkLoad: Load {
  private let socket: Descriptor
  private let floods: [(interface: Int32, frames: [[UInt8]])]
  private var ticker: Ticker?
  private let rate: Int
  private let began = MonotonicClock.now()
  private var sent = 0
  /// Frames that were due so far, sent or passed over.
  private var done = 0

  /// Frames that are sent in one go after a late wake-up.
  private static let burst = 50

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    rate = options.int("rate", 1000)
    socket = try openSocket(AF_PACKET, .raw)
    floods = [Port.lan, .wan].compactMap { port in
      NetworkInterface.index(of: port.bridge(.a)).map { ($0, ForgedAdvert.junk(port)) }
    }
    ticker = try Ticker(reactor, every: .milliseconds(1)) { [unowned self] in send(at: $0) }
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = sent
    report.alive = sent
    return report
  }

  private func send(at now: Instant) {
    let due = Int((now - began).nanoseconds / 1_000_000) * rate / 1000
    let count = min(due - done, JunkLoad.burst)
    done = due
    for _ in 0..<count {
      for (interface, frames) in floods {
        Sockets.sendFrame(socket, frames[sent % frames.count], interface: interface)
      }
      sent += 1
    }
  }
}
