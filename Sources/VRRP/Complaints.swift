public import Wire

/// Turns what happens a thousand times a second into one sentence now and then.
///
/// Every reason is told the first time and then at most once in ``Limits/complaintPeriod``, with the
/// number of times since.
public struct Complaints: Sendable {
  private struct Line {
    var toldAt: Instant
    var unsaid = 0
  }

  private var lines: [String: Line] = [:]

  /// Nothing was said yet.
  public init() {}

  /// Notes one more; the number to be told now, or nil.
  public mutating func note(_ reason: String, at now: Instant) -> Int? {
    guard var line = lines[reason] else {
      // Reasons are the names of drops and remarks, so there are few.
      lines[reason] = Line(toldAt: now)
      return 1
    }
    line.unsaid += 1
    guard now >= line.toldAt + Limits.complaintPeriod else {
      lines[reason] = line
      return nil
    }
    lines[reason] = Line(toldAt: now)
    return line.unsaid
  }
}
