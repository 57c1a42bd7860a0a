import Wire

/// Counts how often the supervisor has ended, to tell a bad day from software that cannot work.
struct RestartLimit {
  /// Numbers that bound the restarts.
  enum Limits {
    /// Ends in ``window`` after which the machine is started again.
    static let ends = 5
    /// The time in which they count.
    static let window = Interval.seconds(120)
    /// Between an end and the next start.
    static let pause = Interval.seconds(1)
  }

  private var ends: [Instant] = []

  /// The supervisor can do its work: what was before does not count.
  mutating func becameReady() { ends = [] }

  /// The supervisor has ended; whether that was once too often.
  mutating func ended(at now: Instant) -> Bool {
    ends.removeAll { now - $0 > Limits.window }
    ends.append(now)
    return ends.count >= Limits.ends
  }
}
