/// A time of day, UTC, at which an appliance starts into its new version.
public struct UpdateSchedule: Hashable, Sendable, CustomStringConvertible {
  /// Two nodes of a pair should be this far apart, minutes.
  public static let spacingMinutes = 60

  /// Minutes since midnight, 0…1439.
  public let minutes: Int

  /// Reads `HH:MM`; nil for anything else, also for 24:00 and 25:00.
  public init?(_ text: some StringProtocol) {
    let octets = Array(text.utf8)
    let digits = octets.map { Int($0) - 0x30 }
    guard octets.count == 5, octets[2] == UInt8(ascii: ":"),
      [0, 1, 3, 4].allSatisfy({ (0...9).contains(digits[$0]) })
    else { return nil }
    let (hour, minute) = (digits[0] * 10 + digits[1], digits[3] * 10 + digits[4])
    guard hour < 24, minute < 60 else { return nil }
    minutes = hour * 60 + minute
  }

  /// The time of day of seconds since 1970.
  public init(secondsSince1970 seconds: Int64) {
    let day: Int64 = 86_400
    minutes = Int((seconds % day + day) % day) / 60
  }

  /// `HH:MM`.
  public var description: String {
    [minutes / 60, minutes % 60].map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
  }

  /// When it is next that time, seconds since 1970: later than `now`, within 24 hours.
  public func next(after now: Int64) -> Int64 {
    let day: Int64 = 86_400
    let today = now - (now % day + day) % day + Int64(minutes) * 60
    return today > now ? today : today + day
  }

  /// Minutes between two times of day, the short way round, 0…720.
  public func distance(to other: UpdateSchedule) -> Int {
    let between = abs(minutes - other.minutes)
    return min(between, 1_440 - between)
  }

  /// What to tell whoever gives both nodes of a pair such times; nil: they are far enough apart.
  public func warning(beside other: UpdateSchedule) -> String? {
    let apart = distance(to: other)
    guard apart < Self.spacingMinutes else { return nil }
    return "\(self) and \(other) are \(apart) min apart; leave at least "
      + "\(Self.spacingMinutes) min between the nodes of a pair, so that one has proven itself "
      + "before the other starts"
  }
}
