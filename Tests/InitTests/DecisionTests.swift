import Testing
import Wire

@testable import Init

/// Seconds after an arbitrary start.
private func at(_ seconds: Int) -> Instant { .zero + .seconds(1_000 + seconds) }

@Suite struct RestartLimitTests {
  /// Which of the ends in these seconds were once too often.
  private static func judge(_ limit: inout RestartLimit, _ seconds: [Int]) -> [Bool] {
    var answers: [Bool] = []
    for second in seconds { answers.append(limit.ended(at: at(second))) }
    return answers
  }

  @Test("the fifth end within two minutes is one too many")
  func fifth() {
    var limit = RestartLimit()
    let answers = Self.judge(&limit, [0, 2, 4, 6, 120])
    #expect(answers == [false, false, false, false, true])
  }

  @Test("ends that lie further apart go on for ever")
  func rare() {
    var limit = RestartLimit()
    let answers = Self.judge(&limit, (0..<50).map { $0 * 31 })
    #expect(!answers.contains(true))
  }

  @Test("what was before the software worked does not count")
  func ready() {
    var limit = RestartLimit()
    let before = Self.judge(&limit, [0, 1, 2, 3])
    limit.becameReady()
    let after = Self.judge(&limit, [4, 5, 6, 7, 8])
    #expect(before == [false, false, false, false])
    #expect(after == [false, false, false, false, true])
  }
}

@Suite struct WatchdogFeederTests {
  @Test("a new supervisor has a minute for its first word")
  func start() {
    let feeder = WatchdogFeeder(at: at(0))
    #expect(feeder.isFed(at: at(59)))
    #expect(!feeder.isFed(at: at(60)))
  }

  @Test("a word counts for fifteen seconds, the first one too")
  func silence() {
    var feeder = WatchdogFeeder(at: at(0))
    feeder.supervisorStarted(at: at(1))
    feeder.supervisorSpoke(at: at(2))
    #expect(feeder.isFed(at: at(16)))
    #expect(!feeder.isFed(at: at(17)))
    feeder.supervisorSpoke(at: at(20))
    #expect(feeder.isFed(at: at(34)))
  }

  @Test("after a supervisor that has spoken the next one has its minute again")
  func again() {
    var feeder = WatchdogFeeder(at: at(0))
    feeder.supervisorSpoke(at: at(100))
    feeder.supervisorStarted(at: at(110))
    #expect(feeder.isFed(at: at(169)))
    #expect(!feeder.isFed(at: at(170)))
  }

  @Test("supervisors that never speak share one minute")
  func mute() {
    var feeder = WatchdogFeeder(at: at(0))
    for second in stride(from: 0, to: 60, by: 5) { feeder.supervisorStarted(at: at(second)) }
    #expect(!feeder.isFed(at: at(60)))
  }
}

@Suite struct MachineFileTests {
  @Test("memory in use is what dropping caches does not give back")
  func memory() {
    let use = MemoryUse(
      "MemTotal:         491520 kB\nMemFree:           12345 kB\nMemAvailable:     432128 kB\n")
    #expect(use.totalMebibytes == 480)
    #expect(use.usedMebibytes == 58)
    #expect(MemoryUse("").usedMebibytes == 0)
  }

  @Test("a partition holds ext4 only with its magic number in its place")
  func magic() {
    var start = [UInt8](repeating: 0, count: 2_048)
    #expect(!Disk.holdsExt4(start))
    start[1_080] = 0x53
    start[1_081] = 0xef
    #expect(Disk.holdsExt4(start))
    #expect(!Disk.holdsExt4(Array(start.prefix(1_081))))
    #expect(!Disk.holdsExt4([]))
  }
}
