import JSON
public import Policy

extension Schedule {
  /// `schedules.NAME`. A time zone that is none makes a stand-in.
  init(reading named: Named, _ parent: Section?) {
    let keys = ["days", "from", "to", "timeZone"]
    let section = parent.flatMap { Section(named.2, path: named.path, keys: keys, $0.problems) }
    guard let utc = TimeZone(named: "UTC") else { preconditionFailure("UTC is a time zone") }
    let words = Weekday.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    let days = section?.list("days", of: "one of \(words)", nonEmpty: true) { value in
      Weekday.allCases.first { .string($0.rawValue) == value }
    }
    self.init(
      name: named.name, days: days ?? [],
      from: section?.clock("from", "a time of day such as \"07:00\"", upTo: 1439) ?? 0,
      to: section?.clock("to", "a time of day such as \"19:00\", or \"24:00\"", upTo: 1440) ?? 1,
      timeZone: section?.read("timeZone", Schedule.zoneRule, standIn: utc) {
        if case .string(let name) = $0 { TimeZone(named: name) } else { nil }
      } ?? utc)
    guard let section, let days = days, section.problems.isClean(section.join("days")) else {
      return
    }
    for (index, day) in days.enumerated() where days[..<index].contains(day) {
      section.problems.add(
        "\(section.join("days"))[\(index)]", "'\(day.rawValue)' is in the list twice; keep one")
    }
  }

  private static let zoneRule = "a zone of the IANA database such as \"Europe/Paris\""

  var json: JSONValue {
    .object([
      .init("days", .array(days.map { .string($0.rawValue) })),
      .init("from", .string(Schedule.clock(from))), .init("to", .string(Schedule.clock(to))),
      .init("timeZone", .string(timeZone.name)),
    ])
  }

  /// Minutes from midnight as the document has them.
  public static func clock(_ minutes: Int) -> String {
    [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}

extension Section {
  /// `HH:MM` in minutes from midnight.
  fileprivate func clock(_ key: String, _ expected: String, upTo last: Int) -> Int {
    read(key, expected, standIn: 0) { value in
      guard case .string(let text) = value else { return nil }
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).compactMap {
        Int($0)
      }
      guard parts.count == 2, (0...59).contains(parts[1]) else { return nil }
      let minutes = parts[0] * 60 + parts[1]
      // The one way to write it.
      return (0...last).contains(minutes) && Schedule.clock(minutes) == text ? minutes : nil
    }
  }
}
