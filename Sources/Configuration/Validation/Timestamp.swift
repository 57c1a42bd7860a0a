/// Points in time as a document has them: RFC 3339, whole seconds.
public enum Timestamp {
  /// Completes "… is not …".
  public static let rule = "a time such as 2026-11-28T18:00:00Z or 2026-11-28T19:00:00+01:00"

  private static let secondsPerDay: Int64 = 86_400
  /// 9999-12-31T23:59:59Z.
  private static let last: Int64 = 253_402_300_799

  /// Seconds since 1970-01-01T00:00:00Z; nil unless the text is a time of the years 1970…9999 by
  /// RFC 3339 5.6, without fractions and leap seconds.
  public static func seconds(_ text: String) -> Int64? {
    let octets = Array(text.utf8)
    guard octets.count == 20 || octets.count == 25,
      let year = number(octets, 0, 4, "-"), let month = number(octets, 5, 2, "-"),
      let day = number(octets, 8, 2, "T"), let hour = number(octets, 11, 2, ":"),
      let minute = number(octets, 14, 2, ":"), let second = number(octets, 17, 2),
      let offset = offset(octets[19...]),
      year >= 1970, (1...12).contains(month), (1...days(in: month, of: year)).contains(day),
      hour < 24, minute < 60, second < 60
    else { return nil }
    let clock = Int64(hour * 3600 + minute * 60 + second)
    let result = daysBefore(year, month) * secondsPerDay + Int64(day - 1) * secondsPerDay + clock
    return (0...last).contains(result - offset) ? result - offset : nil
  }

  /// The one form that is written: UTC.
  static func text(_ seconds: Int64) -> String {
    var (year, month) = (1970, 1)
    let day = seconds / secondsPerDay
    // At most eight thousand steps and eleven.
    while daysBefore(year + 1, 1) <= day { year += 1 }
    while month < 12, daysBefore(year, month + 1) <= day { month += 1 }
    let clock = Int(seconds % secondsPerDay)
    let date = [
      padded(year, 4), padded(month, 2), padded(Int(day - daysBefore(year, month)) + 1, 2),
    ]
    let time = [padded(clock / 3600, 2), padded(clock / 60 % 60, 2), padded(clock % 60, 2)]
    return "\(date.joined(separator: "-"))T\(time.joined(separator: ":"))Z"
  }

  /// `Z`, or `+01:00` in seconds.
  private static func offset(_ octets: ArraySlice<UInt8>) -> Int64? {
    let rest = Array(octets)
    if rest == [UInt8(ascii: "Z")] { return 0 }
    guard rest.count == 6, let sign = rest.first, let hours = number(rest, 1, 2, ":"),
      let minutes = number(rest, 4, 2), hours < 24, minutes < 60
    else { return nil }
    let length = Int64(hours * 3600 + minutes * 60)
    return switch sign {
    case UInt8(ascii: "+"): length
    case UInt8(ascii: "-"): -length
    default: nil
    }
  }

  /// Digits, and what must stand behind them.
  private static func number(
    _ octets: [UInt8], _ start: Int, _ count: Int, _ next: Unicode.Scalar? = nil
  ) -> Int? {
    let digits = octets[start..<start + count]
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    if let next, octets[start + count] != UInt8(ascii: next) { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// Days from 1970-01-01 to the first of a month.
  private static func daysBefore(_ year: Int, _ month: Int) -> Int64 {
    let past = year - 1
    let leapDays = past / 4 - past / 100 + past / 400 - 477
    let months = (1..<month).reduce(0) { $0 + days(in: $1, of: year) }
    return Int64((year - 1970) * 365 + leapDays + months)
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
