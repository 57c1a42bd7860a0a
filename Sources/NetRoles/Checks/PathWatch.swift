import HTTP
import HTTPClient
import Linux
import Messages
import VRRP
import Wire

/// One path: sends what a ``PathCheck`` asks for, and hands it what comes back.
final class PathWatch {
  /// What to ask, and how often.
  let order: PathCheckOrder
  /// When ``expire(at:)`` is due.
  var deadline: Instant? { check.deadline }
  /// How the path is. One that was never decided counts as up: a check that was just added must not
  /// move the role because one node learnt of it before the other.
  var result: PathCheckResult {
    PathCheckResult(name: order.name, isUp: check.isUp || !check.isDecided, text: text)
  }

  private let reactor: Reactor
  private let client: HTTPClient
  private let judged: (_ hasChanged: Bool) -> Void
  private var check: PathCheck
  private var text = "not asked yet"
  private var asked: Question?

  /// A probe that is not answered yet.
  private struct Question {
    let probe: UInt32
    let begun: Instant
    let means: Means

    enum Means {
      case echo(EchoSocket)
      case get(number: Int)
    }
  }

  /// Begins at `now`; `judged` hears of each answer, and of each one that did not come.
  init(
    _ order: PathCheckOrder, _ reactor: Reactor, _ client: HTTPClient, at now: Instant,
    judged: @escaping (Bool) -> Void
  ) {
    self.order = order
    self.reactor = reactor
    self.client = client
    self.judged = judged
    check = PathCheck(
      .init(
        interval: order.interval, timeout: order.timeout, fall: Int(order.fall),
        rise: Int(order.rise)))
    handle(.started, at: now)
  }

  /// Does what is due at `now`: gives a probe up, sends the next.
  func expire(at now: Instant) {
    // The answer may be here, and only we were late.
    if case .echo(let socket) = asked?.means { read(socket, at: now) }
    if let asked, now - asked.begun >= order.timeout {
      text = "no answer in \(PathWatch.milliseconds(order.timeout))"
      giveUp()
    }
    handle(.deadlineReached, at: now)
  }

  /// Gives up whatever is under way.
  func giveUp() {
    switch asked?.means {
    case .echo(let socket): reactor.remove(socket.descriptor)
    case .get(let number): client.cancel(number)
    case nil: break
    }
    asked = nil
  }

  private func handle(_ event: PathCheck.Event, at now: Instant) {
    let before = result.isUp
    for action in check.handle(event, at: now) {
      if case .probe(let number) = action { send(number, at: now) }
    }
    judged(result.isUp != before)
  }

  private func settle(_ isGood: Bool, _ text: String, at now: Instant) {
    guard let probe = asked?.probe else { return }
    giveUp()
    self.text = text
    handle(isGood ? .answered(probe: probe) : .refused(probe: probe), at: now)
  }

  private func send(_ probe: UInt32, at now: Instant) {
    giveUp()
    switch order.kind {
    case .icmp: sendEcho(probe, at: now)
    case .http: sendGet(probe, at: now)
    }
  }

  // MARK: Echo

  private func sendEcho(_ probe: UInt32, at now: Instant) {
    guard let target = IPAddress(order.target) else { return }
    do throws(SystemError) {
      let socket = try EchoSocket(to: target)
      try reactor.add(socket.descriptor) { [unowned self] _ in
        read(socket, at: MonotonicClock.now())
      }
      asked = Question(probe: probe, begun: now, means: .echo(socket))
      try socket.ask()
    } catch {
      // No route, or not allowed: that is an answer too, when its time has come.
      text = "\(error)"
    }
  }

  private func read(_ socket: EchoSocket, at now: Instant) {
    do throws(SystemError) {
      guard try socket.hasAnswer(), let begun = asked?.begun else { return }
      settle(true, "answer in \(PathWatch.milliseconds(now - begun))", at: now)
    } catch { settle(false, "\(error)", at: now) }
  }

  // MARK: Page

  private func sendGet(_ probe: UInt32, at now: Instant) {
    var request = HTTPClient.Request("GET", order.target)
    request.timeout = order.timeout
    request.connectTimeout = order.timeout
    request.reuseConnection = false
    request.limitBytes = CheckLimits.bodyBytes
    let number = client.send(request) { [unowned self] result in
      answered(result, since: now, at: MonotonicClock.now())
    }
    asked = Question(probe: probe, begun: now, means: .get(number: number))
  }

  private func answered(
    _ result: Result<HTTPResponse, HTTPClientError>, since begun: Instant, at now: Instant
  ) {
    switch result {
    case .success(let response):
      let time = PathWatch.milliseconds(now - begun)
      settle(response.status < 400, "status \(response.status) in \(time)", at: now)
    case .failure(.tooLarge): settle(true, "a long answer", at: now)
    case .failure(let error): settle(false, error.reason, at: now)
    }
  }

  private static func milliseconds(_ time: Interval) -> String {
    let tenths = Int((time.milliseconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}
