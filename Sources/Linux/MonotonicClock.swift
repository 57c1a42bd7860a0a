import CLinux
import Glibc
public import Wire

/// The only clock that decisions are made by. It does not step and does not stop.
public enum MonotonicClock {
  /// The time now (`CLOCK_MONOTONIC`).
  public static func now() -> Instant { Instant(nanoseconds: nanoseconds(CLOCK_MONOTONIC)) }

  /// What must be added to a wall-clock time (kernel receive stamps) to get a monotonic one, now.
  public static func offsetFromRealTime() -> Interval {
    // Read between two looks at the other clock: we may sleep between any two calls.
    var offset: Int64 = 0
    for _ in 0..<4 {
      let before = nanoseconds(CLOCK_MONOTONIC)
      let wall = nanoseconds(CLOCK_REALTIME)
      let after = nanoseconds(CLOCK_MONOTONIC)
      offset = before + (after - before) / 2 - wall
      if after - before < 50_000 { break }
    }
    return Interval(nanoseconds: offset)
  }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "every Linux has this clock")
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// The wall clock, for stamps that people read and for times that a document names.
public enum WallClock {
  /// Seconds since 1970-01-01T00:00:00Z.
  public static func secondsSince1970() -> Int64 { Int64(time(nil)) }

  /// Milliseconds since 1970-01-01T00:00:00Z.
  public static func milliseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// RFC 3339 in UTC with milliseconds, such as `2026-11-20T10:00:00.123Z`.
  public static func timestamp() -> String {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return timestamp(seconds: Int64(time.tv_sec), milliseconds: Int(time.tv_nsec) / 1_000_000)
  }

  /// RFC 3339 in UTC with milliseconds, of a given time.
  public static func timestamp(seconds: Int64, milliseconds: Int = 0) -> String {
    var moment = time_t(seconds)
    var parts = unsafe tm()
    unsafe gmtime_r(&moment, &parts)
    func padded(_ number: some BinaryInteger, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = [
      padded(unsafe parts.tm_year + 1900, 4), padded(unsafe parts.tm_mon + 1, 2),
      padded(unsafe parts.tm_mday, 2),
    ].joined(separator: "-")
    let clock = [
      padded(unsafe parts.tm_hour, 2), padded(unsafe parts.tm_min, 2),
      padded(unsafe parts.tm_sec, 2),
    ].joined(separator: ":")
    return "\(date)T\(clock).\(padded(milliseconds, 3))Z"
  }
}
