import Testing

@testable import Policy

@Suite struct ScheduleTests {
  private static func zone(_ name: String) -> TimeZone {
    guard let zone = TimeZone(named: name) else { preconditionFailure("\(name) is no zone") }
    return zone
  }

  /// Seconds since 1970 of 2026-03-29T01:00:00Z and 2026-10-25T01:00:00Z, when Europe changes its
  /// clocks.
  private static let (forward, back): (Int64, Int64) = (1_774_746_000, 1_792_890_000)

  @Test(
    "offsets before and after a change of clocks, north and south, and where winter is the exception",
    arguments: [
      ("UTC", 1_774_746_000, 0, 0), ("Europe/Paris", 1_774_746_000, 60, 120),
      ("Europe/Paris", 1_792_890_000, 120, 60), ("Europe/Dublin", 1_774_746_000, 0, 60),
      ("Europe/Dublin", 1_792_890_000, 60, 0),
      // 2026-03-08T10:00:00Z, 2026-11-01T09:00:00Z
      ("America/Los_Angeles", 1_772_964_000, -480, -420),
      ("America/Los_Angeles", 1_793_523_600, -420, -480),
      // 2026-04-04T16:00:00Z, 2026-10-03T16:00:00Z
      ("Australia/Sydney", 1_775_318_400, 660, 600),
      ("Australia/Sydney", 1_791_043_200, 600, 660),
      // Half an hour: 2026-04-04T15:00:00Z
      ("Australia/Lord_Howe", 1_775_314_800, 660, 630),
      ("Asia/Kolkata", 1_774_746_000, 330, 330),
      // A change at 24:00, so of the day after: 2026-04-05T03:00:00Z
      ("America/Santiago", 1_775_358_000, -180, -240),
      // Before midnight, so of the day before: 2026-03-29T01:00:00Z is 23:00 on Saturday.
      ("America/Nuuk", 1_774_746_000, -120, -60),
    ] as [(String, Int64, Int, Int)])
  func offsets(_ name: String, _ change: Int64, _ before: Int, _ after: Int) {
    let zone = Self.zone(name)
    #expect(zone.offsetMinutes(at: change - 1) == before)
    #expect(zone.offsetMinutes(at: change) == after)
  }

  @Test("every zone of the table has a law, and those that follow no rule are none")
  func table() {
    let names = TimeZoneTable.text.split(separator: "\n").filter { !$0.hasSuffix(":") }
      .flatMap { $0.split(separator: " ") }
    #expect(names.count == 593 && Set(names).count == 593)
    for name in names { #expect(TimeZone(named: String(name)) != nil, "\(name)") }
    for name in ["Africa/Casablanca", "Asia/Gaza", "Europe/Nowhere", "", "60:"] {
      #expect(TimeZone(named: name) == nil)
    }
  }

  private static func schedule(
    _ from: Int, _ to: Int, _ days: [Schedule.Weekday] = Schedule.Weekday.allCases
  ) -> Schedule {
    Schedule(name: "s", days: days, from: from, to: to, timeZone: zone("Europe/Paris"))
  }

  /// The minutes between two times in which a schedule is open.
  private static func openMinutes(_ schedule: Schedule, from: Int64, to: Int64) -> Int {
    stride(from: from, to: to, by: 60).count { schedule.isOpen(at: $0) }
  }

  @Test("a day of 23 hours and one of 25: left-out hours are not open, repeated ones twice")
  func changes() {
    // Local midnight to local midnight.
    let short = (Self.forward - 2 * 3600 + 3600, Self.forward - 3600 + 23 * 3600)
    let long = (Self.back - 3 * 3600, Self.back - 3 * 3600 + 25 * 3600)
    let half = Self.schedule(2 * 60 + 15, 2 * 60 + 45)
    let whole = Self.schedule(0, 1440, [.sun])
    #expect(Self.openMinutes(half, from: short.0, to: short.1) == 0)
    #expect(Self.openMinutes(half, from: long.0, to: long.1) == 60)
    #expect(Self.openMinutes(whole, from: short.0 - 86_400, to: short.1 + 86_400) == 23 * 60)
    #expect(Self.openMinutes(whole, from: long.0 - 86_400, to: long.1 + 86_400) == 25 * 60)
    // Over midnight into the change.
    let night = Self.schedule(22 * 60, 6 * 60, [.sat])
    #expect(Self.openMinutes(night, from: short.0 - 86_400, to: short.1) == 7 * 60)
    #expect(Self.openMinutes(night, from: long.0 - 86_400, to: long.1) == 9 * 60)
  }

  @Test("every week of a year has the same open minutes but those with a change in the open hours")
  func year() {
    // 2026-01-05T00:00:00+01:00, a Monday.
    let start: Int64 = 1_767_567_600
    let office = Self.schedule(7 * 60, 19 * 60, [.mon, .tue, .wed, .thu, .fri])
    for week in 0..<52 {
      let begin = start + Int64(week) * 7 * 86_400
      #expect(Self.openMinutes(office, from: begin + 3600, to: begin + 6 * 86_400) == 5 * 12 * 60)
    }
  }

  /// One rule in office hours, one at night, one always.
  private static var policy: PolicyDocument {
    var policy = Sample.policy
    policy.schedules = [schedule(7 * 60, 19 * 60), schedule(22 * 60, 6 * 60)]
    policy.schedules[0].name = "office"
    policy.schedules[1].name = "night"
    policy.rules[0].schedule = "office"
    policy.rules[1].schedule = "night"
    return policy
  }
  /// 2026-03-29 at 09:00 and 23:00 by the clocks of summer.
  private static let (day, evening) = (forward + 6 * 3600, forward + 20 * 3600)

  @Test("what was open is in the stamp and the identity, in the order of names; other rules stay")
  func compiled() throws {
    let texts = [nil, Self.day, Self.evening].map {
      PolicyCompiler.compile(Self.policy, Sample.context, at: $0)
    }
    #expect(texts.map { $0.identity.last } == [0, 2, 1])
    for (text, stamp) in zip(texts, ["2b000000", "2b002000", "2b001000"]) {
      #expect(text.text.contains("ct mark 0x\(stamp) meta mark"))
      #expect(text.text.contains("ct mark set 0x\(stamp)\n"))
      // Counters outlive the hours.
      #expect(text.ruleNames == texts[0].ruleNames)
    }
    let web = try #require(Self.policy.rules.first).kernelName
    let number = JudgeNumbers(Self.policy.rules.sorted { $0.id < $1.id })[web]
    #expect(texts.map { $0.text.contains(" . 80 : \(number)") } == [false, true, false])
    #expect(texts.allSatisfy { $0.text.contains("add chain inet ztb \(web)\n") })
    var reversed = Self.policy
    reversed.schedules.reverse()
    #expect(PolicyCompiler.compile(reversed, Sample.context, at: Self.day) == texts[1])
  }

  @Test("a policy without schedules has the same ruleset at every time, and stamps the epoch alone")
  func without() {
    let always = PolicyCompiler.compile(Sample.policy, Sample.context)
    #expect(PolicyCompiler.compile(Sample.policy, Sample.context, at: Self.day) == always)
    #expect(always.identity.count == 3)
    #expect(always.text.contains("ct mark set 0x2b000000\n"))
  }

  @Test("a rule with a schedule shadows none that always counts, but those of its own hours")
  func warnings() {
    var policy = Self.policy
    policy.rules = [
      Rule(
        id: "a-hours", tier: .allow, from: ["lan"], to: ["wan"], service: "any", schedule: "office"),
      Rule(id: "always", tier: .allow, from: ["lan"], to: ["wan"], service: "web"),
      Rule(
        id: "night", tier: .allow, from: ["lan"], to: ["wan"], service: "ping", schedule: "night"),
      Rule(
        id: "same", tier: .allow, from: ["lan"], to: ["wan"], service: "ping", schedule: "office"),
    ]
    #expect(policy.warnings.map(\.ruleID) == ["same"])
    #expect(policy.warnings.first?.decidedBy == ["a-hours"])
    policy.rules[1].service = "any"
    #expect(policy.warnings.map(\.ruleID) == ["night", "same"])
  }

  @Test("what is wrong with schedules has its path")
  func problems() {
    var policy = Self.policy
    policy.rules[0].schedule = "never"
    policy.schedules[1].to = policy.schedules[1].from
    let found = policy.problems(interfaces: ["ge2", "ge3"])
    #expect(found.map(\.path) == ["rules[0].schedule", "schedules.night.to"])
    policy = Self.policy
    policy.schedules = (0..<13).map { index in
      var schedule = policy.schedules[index % 2]
      schedule.name = index < 2 ? schedule.name : "s\(index)"
      return schedule
    }
    #expect(policy.problems(interfaces: ["ge2", "ge3"]).map(\.path) == ["schedules"])
  }
}
