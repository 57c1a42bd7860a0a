import Wire

/// Slows down whoever tries links that are refused: five in a minute, then a pause that doubles.
///
/// One count for all clients: the port has one cable, and an address is quickly changed.
struct Throttle {
  /// Numbers that bound the tries.
  enum Limits {
    /// Refused tries in a window before the first pause.
    static let tries = 5
    /// Length of the window.
    static let window = Interval.seconds(60)
    /// The first pause; each further one is twice as long.
    static let firstPause = Interval.seconds(30)
    /// The longest pause.
    static let longestPause = Interval.seconds(300)
  }

  private var refused: [Instant] = []
  private var pausedUntil = Instant.zero
  private var nextPause = Limits.firstPause

  /// Seconds until the next try is allowed; 0: now.
  func secondsLeft(at now: Instant) -> Int {
    let left = pausedUntil - now
    return left > .zero ? Int((left.nanoseconds + 999_999_999) / 1_000_000_000) : 0
  }

  /// A try was refused.
  mutating func tryRefused(at now: Instant) {
    refused.removeAll { now - $0 >= Limits.window }
    if now - pausedUntil >= Limits.longestPause { nextPause = Limits.firstPause }
    refused.append(now)
    // After a pause a single further refusal begins the next one.
    guard refused.count >= Limits.tries || nextPause > Limits.firstPause else { return }
    pausedUntil = now + nextPause
    nextPause = min(nextPause + nextPause, Limits.longestPause)
    refused.removeAll()
  }

  /// A try succeeded.
  mutating func trySucceeded() { self = Throttle() }
}
