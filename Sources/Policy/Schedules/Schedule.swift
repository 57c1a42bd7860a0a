/// Hours of the week, by the clocks of a place.
public struct Schedule: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// The days on which it begins.
  public var days: [Weekday]
  /// When it begins, in minutes from midnight, 0…1439.
  public var from: Int
  /// When it ends, 1…1440; before ``from``: on the next day.
  public var to: Int
  /// Whose clocks count.
  public var timeZone: TimeZone

  /// A day of the week.
  public enum Weekday: String, Hashable, Sendable, CaseIterable {
    case mon, tue, wed, thu, fri, sat, sun

    /// 1970-01-01 was a Thursday.
    init(day: Int64) { self = Self.allCases[Int(((day + 3) % 7 + 7) % 7)] }
  }

  /// Joins the parts.
  public init(name: String, days: [Weekday], from: Int, to: Int, timeZone: TimeZone) {
    self.name = name
    self.days = days
    self.from = from
    self.to = to
    self.timeZone = timeZone
  }

  /// Whether it is open at a time in seconds since 1970. Hours that a change of clocks leaves out are
  /// not open, hours that it repeats are open twice.
  public func isOpen(at time: Int64) -> Bool {
    let (day, minute) = timeZone.local(at: time)
    func begins(_ day: Int64) -> Bool { days.contains(Weekday(day: day)) }
    if from < to { return begins(day) && (from..<to).contains(minute) }
    return minute >= from && begins(day) || minute < to && begins(day - 1)
  }
}

extension PolicyDocument {
  /// Which schedules are open, one bit each in the order of their names. Without a time none is.
  ///
  /// It identifies what is in force of a version, and travels with its epoch in `ct mark`: who was
  /// judged under other hours is judged again.
  public func openSchedules(at time: Int64?) -> UInt16 {
    guard let time else { return 0 }
    return schedules.sorted { $0.name < $1.name }.enumerated().reduce(0) { bits, entry in
      entry.element.isOpen(at: time) ? bits | 1 << UInt16(entry.offset) : bits
    }
  }

  /// The policy with those of its rules that are in force at a time in seconds since 1970; nil is
  /// outside of every schedule.
  func inForce(at time: Int64?) -> PolicyDocument {
    guard !schedules.isEmpty else { return self }
    let open = Set(schedules.filter { time.map($0.isOpen) ?? false }.map(\.name))
    return having { $0.schedule.map(open.contains) ?? true }
  }

  /// The policy with some of its rules.
  func having(_ isWanted: (Rule) -> Bool) -> PolicyDocument {
    var policy = self
    policy.rules = rules.filter(isWanted)
    return policy
  }

  func scheduleProblems() -> [PolicyProblem] {
    var found: [PolicyProblem] = []
    for schedule in schedules where schedule.from == schedule.to {
      let message = "the same as from; for whole days say \"00:00\" to \"24:00\""
      found.append(.init(path: "schedules.\(schedule.name).to", message: message))
    }
    if schedules.count > Limits.schedules {
      let message = "\(schedules.count) are more than the \(Limits.schedules) supported"
      found.append(.init(path: "schedules", message: message))
    }
    return found
  }
}
