public import Wire

/// The longest sleeps of the loop in the last minutes, and what they ask of the peer.
///
/// Some machines let even a real-time process sleep for 50 ms now and then. A node that saw this
/// happen says so in its heartbeat, and is given up a little later; on others nothing changes.
public struct Sleeps: Sendable {
  /// The present stretch of ``Limits/lateMemory`` and the one before.
  private var longest = [Interval.zero, .zero]
  private var began = Instant.zero

  /// Starts without a memory.
  public init() {}

  /// Notes that the loop did not run for `gap`, which ends now.
  public mutating func note(_ gap: Interval, at now: Instant) {
    if now >= began + Limits.lateMemory {
      longest = [.zero, longest[0]]
      began = now
    }
    longest[0] = max(longest[0], gap)
  }

  /// The patience to ask for: the longest sleep and one more heartbeat.
  public func patienceMilliseconds(_ pace: Pace) -> UInt16 {
    let sleep = min(max(longest[0], longest[1]), pace.patience)
    let asked = max(sleep + pace.interval, pace.dead)
    return UInt16(min(asked, pace.patience).nanoseconds / 1_000_000)
  }
}
