import Testing
import VRRP
import Wire

@Suite("How often a node speaks on the HA link")
struct PaceTests {
  @Test(
    "10 ms at the default, a quarter of slower adverts, never slower than 50 ms",
    arguments: [
      (10, 10), (20, 10), (40, 10), (60, 15), (100, 25), (200, 50), (1_000, 50), (40_950, 50),
    ])
  func interval(advertisements: Int, heartbeats: Int) {
    let pace = Pace(advertInterval: .milliseconds(advertisements))
    #expect(pace.interval == .milliseconds(heartbeats))
    #expect(pace.dead >= Limits.heartbeatDead && pace.patience <= Limits.patience)
  }

  @Test("The default is what it was: 40, 60, 20, 40, 30, 200 ms and 1 s")
  func standard() {
    let pace = Pace(advertInterval: .milliseconds(20))
    #expect(pace.dead == .milliseconds(40) && pace.patience == .milliseconds(60))
    #expect(pace.lateWakeUp == .milliseconds(20) && pace.doubtWait == .milliseconds(40))
    #expect(pace.vacancyHold == .milliseconds(30) && pace.handOverWait == .milliseconds(200))
    #expect(pace.forgotten == .seconds(1))
  }

  @Test("A silent heartbeat is not forgotten before it has proved a death")
  func forgotten() {
    for milliseconds in [20, 200, 500, 1_000, 10_000] {
      let interval = Interval.milliseconds(milliseconds)
      let pace = Pace(advertInterval: interval)
      #expect(pace.forgotten > interval * Limits.silentIntervals + pace.patience)
    }
  }

  @Test("A silent heartbeat never delays what two silent intervals prove, from 30 ms on")
  func patience() {
    for milliseconds in 30...1_000 {
      let interval = Interval.milliseconds(milliseconds)
      #expect(Pace(advertInterval: interval).patience <= interval * Limits.silentIntervals)
    }
  }

  @Test("Sleeps ask for patience within the pace")
  func sleeps() {
    let slow = Pace(advertInterval: .milliseconds(200))
    var sleeps = Sleeps()
    #expect(sleeps.patienceMilliseconds(slow) == 200)
    sleeps.note(.milliseconds(170), at: .zero)
    #expect(sleeps.patienceMilliseconds(slow) == 220)
    sleeps.note(.milliseconds(900), at: .zero)
    #expect(sleeps.patienceMilliseconds(slow) == 300)
    #expect(sleeps.patienceMilliseconds(Pace(advertInterval: .milliseconds(20))) == 60)
  }
}
