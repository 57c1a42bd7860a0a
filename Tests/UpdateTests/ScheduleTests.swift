import Testing
import Update
import Wire

@Suite struct ScheduleTests {
  @Test("a time of day is read back", arguments: ["00:00", "09:05", "23:59"])
  func identity(_ text: String) { #expect(UpdateSchedule(text)?.description == text) }

  @Test(
    "anything else is refused",
    arguments: ["25:00", "24:00", "12:60", "1:30", "12.30", "12:3", "-1:00", "12:30 ", "", "ab:cd"])
  func refused(_ text: String) { #expect(UpdateSchedule(text) == nil) }

  @Test("the next time is later than now and within a day")
  func next() throws {
    let midnight: Int64 = 1_767_225_600
    let time = try #require(UpdateSchedule("02:30"))
    #expect(time.next(after: midnight) == midnight + 9_000)
    #expect(time.next(after: midnight + 9_000) == midnight + 9_000 + 86_400)
    #expect(time.next(after: midnight + 8_999) == midnight + 9_000)
    for second in stride(from: midnight, to: midnight + 86_400, by: 977) {
      let found = time.next(after: second)
      #expect(found > second && found <= second + 86_400)
      #expect(UpdateSchedule(secondsSince1970: found) == time)
    }
  }

  @Test(
    "an hour between the nodes, also over midnight",
    arguments: [
      ("23:30", "00:29", 59), ("23:30", "00:30", 60), ("02:00", "02:00", 0),
      ("00:00", "12:00", 720),
      ("05:00", "04:01", 59),
    ])
  func spacing(_ one: String, _ other: String, _ minutes: Int) throws {
    let (one, other) = (try #require(UpdateSchedule(one)), try #require(UpdateSchedule(other)))
    #expect(one.distance(to: other) == minutes)
    #expect(other.distance(to: one) == minutes)
    #expect((one.warning(beside: other) != nil) == (minutes < 60))
  }
}

@Suite struct TrialHealthTests {
  private let start = Instant.zero + .seconds(50)
  private let well = TrialHealth.Observation(
    rolesRun: true, faults: [], reachesPortal: true, hearsPeer: true)

  private func at(_ seconds: Int) -> Instant { start + .seconds(seconds) }

  @Test("health for the whole period is a blessing")
  func blessed() {
    var trial = TrialHealth(before: well, at: start)
    #expect(trial.observe(well, at: at(10)) == nil)
    #expect(trial.deadline == at(130))
    #expect(trial.observe(well, at: at(129)) == nil)
    #expect(trial.observe(well, at: at(130)) == .bless)
    #expect(trial.deadline == nil)
  }

  @Test("an interruption starts the period anew")
  func interrupted() {
    var trial = TrialHealth(before: well, at: start)
    var ill = well
    ill.rolesRun = false
    #expect(trial.observe(well, at: at(0)) == nil)
    #expect(trial.observe(ill, at: at(100)) == nil)
    #expect(trial.observe(well, at: at(101)) == nil)
    #expect(trial.observe(well, at: at(220)) == nil)
    #expect(trial.observe(well, at: at(221)) == .bless)
  }

  @Test("what worked before has to work again; it is named when it does not")
  func givenUp() {
    var trial = TrialHealth(before: well, at: start)
    let ill = TrialHealth.Observation(
      rolesRun: true, faults: ["ge2 has no address"], reachesPortal: false, hearsPeer: false)
    #expect(trial.observe(ill, at: at(1)) == nil)
    #expect(trial.deadline == at(600))
    #expect(trial.observe(ill, at: at(599)) == nil)
    #expect(
      trial.observe(ill, at: at(600))
        == .giveUp("ge2 has no address; the portal is not reached; the other node is not heard"))
    #expect(trial.observe(well, at: at(800)) != .bless)
  }

  @Test("what did not work before does not count")
  func asBefore() {
    let poor = TrialHealth.Observation(
      rolesRun: true, faults: ["ge2 has no address"], reachesPortal: false, hearsPeer: false)
    var trial = TrialHealth(before: poor, period: .seconds(5), at: start)
    #expect(trial.observe(poor, at: at(0)) == nil)
    #expect(trial.observe(poor, at: at(5)) == .bless)
  }

  @Test("health that comes and goes is not enough")
  func flapping() {
    var trial = TrialHealth(before: well, at: start)
    var ill = well
    ill.reachesPortal = false
    for second in stride(from: 0, to: 600, by: 50) {
      #expect(trial.observe(second % 100 == 0 ? well : ill, at: at(second)) == nil)
    }
    #expect(trial.observe(well, at: at(600)) == .giveUp("health came and went"))
  }

  @Test("a trial that began long ago is over at the first look that finds no health")
  func late() {
    let end = Instant.zero + TrialHealth.period * TrialHealth.patiencePeriods
    var ill = well
    ill.rolesRun = false
    var patient = TrialHealth(before: well, at: .zero)
    #expect(patient.observe(ill, at: end - .seconds(1)) == nil)
    var late = TrialHealth(before: well, at: .zero)
    #expect(late.observe(ill, at: end) == .giveUp("not every role runs"))
  }
}
