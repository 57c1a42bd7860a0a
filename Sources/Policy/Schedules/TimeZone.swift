/// The clocks of a place, by the law that it has now.
public struct TimeZone: Hashable, Sendable {
  /// Its name in the IANA time zone database, such as `Europe/Paris`.
  public let name: String
  private let law: Law

  /// The zone of a name; nil when there is none, or its clocks follow no rule.
  public init?(named name: String) {
    guard let law = Law.byZone[name] else { return nil }
    self.name = name
    self.law = law
  }

  /// The time of day and the day there, at a time in seconds since 1970.
  func local(at time: Int64) -> (day: Int64, minute: Int) {
    let minutes = Law.floor(time, 60) + Int64(law.offset(at: time))
    let day = Law.floor(minutes, Law.minutesPerDay)
    return (day, Int(minutes - day * Law.minutesPerDay))
  }

  /// Minutes ahead of UTC at a time in seconds since 1970.
  public func offsetMinutes(at time: Int64) -> Int { law.offset(at: time) }
}

/// When clocks are changed.
private struct Law: Hashable {
  static let minutesPerDay: Int64 = 1440

  /// A moment of each year, by local clocks.
  struct Change: Hashable {
    let month: Int
    /// 5 is the last one.
    let week: Int
    /// 0 is Sunday.
    let weekday: Int64
    let minute: Int64

    /// Minutes from 1970 to this moment of a year, by local clocks.
    func minutes(in year: Int64) -> Int64 {
      let first = Law.days(year, month)
      let next = month == 12 ? Law.days(year + 1, 1) : Law.days(year, month + 1)
      var day = first + (weekday - Law.weekday(first) + 7) % 7 + Int64(week - 1) * 7
      if day >= next { day -= 7 }
      return day * Law.minutesPerDay + minute
    }
  }

  /// Minutes ahead of UTC.
  let standard: Int
  let summer: Summer?

  struct Summer: Hashable {
    /// Minutes ahead of UTC.
    let offset: Int
    let begin: Change
    let end: Change
  }

  func offset(at time: Int64) -> Int {
    guard let summer else { return standard }
    let minutes = Law.floor(time, 60)
    let year = Law.year(Law.floor(minutes + Int64(standard), Law.minutesPerDay))
    // Each change is told by the clocks that it ends.
    let begin = summer.begin.minutes(in: year) - Int64(standard)
    let end = summer.end.minutes(in: year) - Int64(summer.offset)
    // In the south, and where winter is the exception, it lies over the turn of the year.
    let isSummer =
      begin < end ? (begin..<end).contains(minutes) : !(end..<begin).contains(minutes)
    return isSummer ? summer.offset : standard
  }

  static func floor(_ number: Int64, _ divisor: Int64) -> Int64 {
    let quotient = number / divisor
    return number % divisor < 0 ? quotient - 1 : quotient
  }

  /// 1970-01-01 was a Thursday; 0 is Sunday.
  static func weekday(_ day: Int64) -> Int64 { ((day + 4) % 7 + 7) % 7 }

  /// Days from 1970-01-01 to the first of a month, of the Gregorian calendar.
  static func days(_ year: Int64, _ month: Int) -> Int64 {
    let past = year - 1
    let leapDays = floor(past, 4) - floor(past, 100) + floor(past, 400) - 477
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let before: [Int64] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    return (year - 1970) * 365 + leapDays + before[month - 1] + (isLeap && month > 2 ? 1 : 0)
  }

  /// The year of a day since 1970-01-01.
  static func year(_ day: Int64) -> Int64 {
    // 146 097 days are 400 years, so that this is right or one too many.
    let guess = 1970 + floor(day * 400, 146_097) + 1
    return [guess, guess - 1].first { days($0, 1) <= day } ?? guess - 2
  }

  /// The law of each zone, from ``TimeZoneTable``.
  static let byZone: [String: Law] = {
    var laws: [String: Law] = [:]
    var law: Law?
    for line in TimeZoneTable.text.split(separator: "\n") {
      if line.hasSuffix(":") {
        law = Law(line.dropLast())
      } else {
        for name in line.split(separator: " ") { laws[String(name)] = law }
      }
    }
    return laws
  }()
}

extension Law {
  /// Reads a line of the table.
  init(_ text: Substring) {
    let words = text.split(separator: " ")
    let offsets = words.prefix(2).compactMap { Int($0) }
    guard let standard = offsets.first else { preconditionFailure("no law: \(text)") }
    self.standard = standard
    let changes = words.dropFirst(2).map { Change($0) }
    summer =
      changes.count == 2 && offsets.count == 2
      ? Summer(offset: offsets[1], begin: changes[0], end: changes[1]) : nil
  }
}

extension Law.Change {
  init(_ text: Substring) {
    let numbers = text.split { $0 == "." || $0 == "@" }.compactMap { Int($0) }
    guard numbers.count == 4 else { preconditionFailure("no change of clocks: \(text)") }
    self.init(
      month: numbers[0], week: numbers[1], weekday: Int64(numbers[2]), minute: Int64(numbers[3]))
  }
}
