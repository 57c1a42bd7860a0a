/// A point on the monotonic clock, in nanoseconds since the machine started.
///
/// Pure code never reads a clock: the role reads `CLOCK_MONOTONIC` once per wake-up and passes
/// the value in. Differences are ordinary ``Swift/Duration`` values or plain nanoseconds.
public struct Instant: Hashable, Comparable, Sendable {
  /// Nanoseconds since the clock's origin.
  public var nanoseconds: Int64

  /// The clock's origin; tests start here.
  public static let zero = Instant(nanoseconds: 0)

  /// Makes a point from nanoseconds since the clock's origin.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The point that lies `interval` later.
  public static func + (instant: Instant, interval: Interval) -> Instant {
    Instant(nanoseconds: instant.nanoseconds + interval.nanoseconds)
  }

  /// The point that lies `interval` earlier.
  public static func - (instant: Instant, interval: Interval) -> Instant {
    Instant(nanoseconds: instant.nanoseconds - interval.nanoseconds)
  }

  /// The time from `b` to `a`; negative when `a` is earlier.
  public static func - (a: Instant, b: Instant) -> Interval {
    Interval(nanoseconds: a.nanoseconds - b.nanoseconds)
  }
}

/// A length of time in whole nanoseconds; may be negative.
///
/// One machine word, so that timers on hot paths stay free of the 128-bit arithmetic of
/// ``Swift/Duration``. The range is ±292 years.
public struct Interval: Hashable, Comparable, Sendable {
  /// The length in nanoseconds.
  public var nanoseconds: Int64

  /// No time at all.
  public static let zero = Interval(nanoseconds: 0)

  /// Makes an interval from nanoseconds.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// `count` seconds.
  public static func seconds(_ count: Int) -> Interval {
    Interval(nanoseconds: Int64(count) * 1_000_000_000)
  }

  /// `count` milliseconds.
  public static func milliseconds(_ count: Int) -> Interval {
    Interval(nanoseconds: Int64(count) * 1_000_000)
  }

  /// `count` microseconds.
  public static func microseconds(_ count: Int) -> Interval {
    Interval(nanoseconds: Int64(count) * 1_000)
  }

  /// The length in milliseconds, for people.
  public var milliseconds: Double { Double(nanoseconds) / 1e6 }

  public static func < (a: Interval, b: Interval) -> Bool { a.nanoseconds < b.nanoseconds }
  public static func + (a: Interval, b: Interval) -> Interval {
    Interval(nanoseconds: a.nanoseconds + b.nanoseconds)
  }
  public static func - (a: Interval, b: Interval) -> Interval {
    Interval(nanoseconds: a.nanoseconds - b.nanoseconds)
  }
  public static func * (a: Interval, factor: Int) -> Interval {
    Interval(nanoseconds: a.nanoseconds * Int64(factor))
  }
  public static func / (a: Interval, divisor: Int) -> Interval {
    Interval(nanoseconds: a.nanoseconds / Int64(divisor))
  }
}

extension Interval: CustomStringConvertible {
  /// Milliseconds with three decimals, such as `20.000ms`.
  public var description: String {
    let microseconds = nanoseconds / 1_000
    let fraction = String(abs(microseconds % 1_000))
    let padding = String(repeating: "0", count: 3 - fraction.count)
    let sign = microseconds < 0 && microseconds > -1_000 ? "-" : ""
    return "\(sign)\(microseconds / 1_000).\(padding)\(fraction)ms"
  }
}
