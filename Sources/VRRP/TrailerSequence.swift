public import Wire

/// Numbers the trailers that a node sends.
///
/// The wire carries UTC, so that a restarted node goes on above what it sent before. Within one
/// start the numbers follow the monotonic clock: a wall clock that steps forward is followed, one
/// that steps back is not, and two adverts in one tick differ in the counter.
public struct TrailerSequence: Sendable {
  private var anchor: (utc: Int64, monotonic: Instant)?
  private var last: UInt64?

  /// Starts without a number.
  public init() {}

  /// The number for an advert that leaves now; `utc` is nanoseconds since 1970.
  public mutating func next(utc: Int64, at now: Instant) -> UInt64 {
    let running = anchor.map { $0.utc + (now - $0.monotonic).nanoseconds }
    let time = max(utc, running ?? utc)
    if running != time { anchor = (time, now) }
    var sequence = Self.pack(time)
    if let last, !Self.isAfter(sequence, last) { sequence = last &+ 1 }
    last = sequence
    return sequence
  }

  /// Seconds in the high 32 bits, then 1/65 536 second; the counter is zero.
  static func pack(_ utc: Int64) -> UInt64 {
    let (seconds, rest) = (max(utc, 0) / 1_000_000_000, max(utc, 0) % 1_000_000_000)
    return UInt64(truncatingIfNeeded: seconds) << 32 | UInt64(rest * 65_536 / 1_000_000_000) << 16
  }

  /// The order of serial numbers (RFC 1982), which goes on across the end of each field.
  static func isAfter(_ a: UInt64, _ b: UInt64) -> Bool { Int64(bitPattern: a &- b) > 0 }
}

/// Refuses trailers that were seen before.
///
/// Each sender has a mark, its highest authentic number. A number that is not above the mark is
/// refused before its tag is computed, so that a flood of old adverts costs nothing, and the mark
/// moves only after the tag was right. A sender that restarts with a wall clock behind its mark
/// would be refused until its clock has caught up; it is believed again when its mark is older than
/// the window *and* the number fits our own clock within it, which no recorded advert can do:
/// recorded before the silence, it is older than the window.
public struct ReplayGuard: Sendable {
  private struct Mark {
    var sequence: UInt64
    var heardAt: Instant
  }

  private var marks: [IPAddress: Mark] = [:]

  /// Starts without marks.
  public init() {}

  /// Whether the number may be looked at further; `interval` is that of the sender.
  public func allows(
    _ sequence: UInt64, from source: IPAddress, interval: Interval, utc: Int64, at now: Instant
  ) -> Bool {
    guard let mark = marks[source] else { return true }
    if TrailerSequence.isAfter(sequence, mark.sequence) { return true }
    let window = max(interval * 3, Limits.replayWindow)
    guard now >= mark.heardAt + window else { return false }
    let ahead = Int64(bitPattern: sequence &- TrailerSequence.pack(utc))
    return ahead.magnitude <= UInt64(window.nanoseconds / 1_000_000_000) << 32
  }

  /// Moves the sender's mark; only after its tag was right.
  public mutating func note(_ sequence: UInt64, from source: IPAddress, at now: Instant) {
    if marks.count >= Limits.replaySources, marks[source] == nil,
      let oldest = marks.min(by: { $0.value.heardAt < $1.value.heardAt })
    {
      marks[oldest.key] = nil
    }
    marks[source] = Mark(sequence: sequence, heardAt: now)
  }
}
