/// A point in time as people read it. Portals serve several time zones, so all is UTC and says so.
struct Moment: Hashable, Sendable {
  /// Seconds since 1970.
  let seconds: Int64

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `21 Jul 2026 14:02 UTC`.
  var absolute: String {
    let (year, month, day) = date
    return "\(day) \(Moment.months[month - 1]) \(year) \(clock) UTC"
  }

  /// `21 Jul 2026 14:02:09 UTC`, where things happen one after another.
  var exact: String {
    let (year, month, day) = date
    let name = Moment.months[month - 1]
    return "\(day) \(name) \(year) \(clock):\(two(secondOfDay % 60)) UTC"
  }

  /// `2026-07-21T14:02:09Z`, for machines.
  var iso: String {
    let (year, month, day) = date
    return "\(year)-\(two(month))-\(two(day))T\(clock):\(two(secondOfDay % 60))Z"
  }

  /// `3 min ago`, `in 13 days`; "just now" within five seconds.
  func relative(to now: Int64) -> String {
    let distance = seconds - now
    if abs(distance) < 5 { return "just now" }
    let amount = Moment.amount(abs(distance))
    return distance < 0 ? "\(amount) ago" : "in \(amount)"
  }

  /// `40 s`, `3 min`, `5 h`, `13 days`: one unit, rounded down.
  static func amount(_ seconds: Int64) -> String {
    switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3_600: "\(seconds / 60) min"
    case ..<86_400: "\(seconds / 3_600) h"
    case ..<172_800: "1 day"
    default: "\(seconds / 86_400) days"
    }
  }

  private var secondOfDay: Int { Int(seconds - days * 86_400) }
  private var days: Int64 { seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400 }
  private var clock: String { "\(two(secondOfDay / 3_600)):\(two(secondOfDay / 60 % 60))" }
  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// Civil date of a day number. The year is taken to begin in March, so that the leap day is its
  /// last; 400 years have 146 097 days.
  private var date: (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (Int(year), Int(month), Int(day))
  }
}

extension Moment {
  /// The relative form, with the absolute one for the pointer and for machines.
  func markup(now: Int64) -> Markup {
    "<time datetime=\"\(iso)\" title=\"\(absolute)\">\(relative(to: now))</time>"
  }

  /// The absolute form.
  var markup: Markup { "<time datetime=\"\(iso)\">\(absolute)</time>" }

  /// The absolute form with seconds.
  var exactMarkup: Markup { "<time datetime=\"\(iso)\">\(exact)</time>" }
}
