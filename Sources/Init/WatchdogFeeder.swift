import Wire

/// Decides whether the hardware watchdog is fed: only while the supervisor says that it is alive,
/// and as long as it may take to say so for the first time.
struct WatchdogFeeder {
  /// Numbers that bound the feeding.
  enum Limits {
    /// What the hardware waits for, in seconds.
    static let timeoutSeconds: Int32 = 30
    /// Between two meals.
    static let period = Interval.seconds(5)
    /// How long the last word of the supervisor counts.
    static let silence = Interval.seconds(15)
    /// How long a new supervisor may take for its first word.
    static let start = Interval.seconds(60)
  }

  private var fedUntil: Instant

  /// Process 1 runs; the supervisor is about to be started.
  init(at now: Instant) { fedUntil = now + Limits.start }

  /// The supervisor was started.
  ///
  /// It gets its first minute only if the one before it has spoken: a supervisor that is started
  /// over and over without a word does not keep the machine from its reset.
  mutating func supervisorStarted(at now: Instant) {
    guard hasSpoken else { return }
    hasSpoken = false
    fedUntil = now + Limits.start
  }

  /// The supervisor says that it is alive.
  mutating func supervisorSpoke(at now: Instant) {
    hasSpoken = true
    fedUntil = now + Limits.silence
  }

  /// Whether a meal is deserved.
  func isFed(at now: Instant) -> Bool { now < fedUntil }

  private var hasSpoken = false
}
