import Messages
import Wire

/// Measures how long nobody answers for a virtual address when it moves, as a neighbour that knows
/// its virtual MAC sees it. Pure: ``ProbeRole`` gives it time, interface and answers.
struct AddressProbe {
  /// How often the address is asked for.
  enum Pace {
    /// While nobody answers.
    static let searching = Interval.milliseconds(1)
    /// While the other node answers.
    static let following = Interval.milliseconds(10)
  }

  private enum State {
    /// This node has the address.
    case home
    /// It has left, and nobody has answered yet.
    case searching(since: Instant)
    /// The other node answers.
    case away
  }

  private var state: State?
  private var lastAnswer: Instant?
  private var unanswered: UInt32 = 0
  private var nextQuestion = Instant.zero

  /// One look at the interface: whether to ask now, and what has become known. The address is here
  /// while the interface is up and answers: `vrrp` stops the answers first and lowers it later.
  mutating func look(
    isUp: Bool, answers: Bool, at now: Instant
  ) -> (asks: Bool, report: ProbeReport?) {
    guard !(isUp && answers) else { return (false, arrive(at: now)) }
    switch state {
    case .home, nil:
      // One that begins on the standby has nothing to measure before the address has come and gone.
      state = state == nil ? .away : .searching(since: now)
      unanswered = 0
      nextQuestion = now
    case .searching, .away: break
    }
    guard nextQuestion <= now else { return (false, nil) }
    if case .searching = state {
      nextQuestion = now + Pace.searching
    } else {
      nextQuestion = now + Pace.following
    }
    unanswered += 1
    return (true, nil)
  }

  /// The other node has answered; a report when it is the first time.
  mutating func answered(at now: Instant) -> ProbeReport? {
    defer {
      lastAnswer = now
      unanswered = 0
    }
    guard case .searching(let since) = state else { return nil }
    state = .away
    // The last question is the one that was answered.
    let lost = unanswered == 0 ? 0 : unanswered - 1
    return ProbeReport(isArrival: false, outage: now - since, lost: lost)
  }

  private mutating func arrive(at now: Instant) -> ProbeReport? {
    defer {
      state = .home
      unanswered = 0
      lastAnswer = nil
    }
    guard case .away = state, let lastAnswer else { return nil }
    return ProbeReport(isArrival: true, outage: now - lastAnswer, lost: unanswered)
  }
}
