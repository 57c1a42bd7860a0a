import Testing
import VRRP
import Wire

private let start = Instant(nanoseconds: 1_000_000_000)

/// A check whose target answers after 5 ms, or not at all; one line for each change.
private func verdicts(
  _ configuration: PathCheck.Configuration = .init(), answers: [Bool]
) -> [String] {
  var check = PathCheck(configuration)
  var seen: [String] = []
  func note(_ actions: [PathCheck.Action], _ number: Int) -> UInt32? {
    var probe: UInt32?
    for action in actions {
      switch action {
      case .probe(let number): probe = number
      case .changed(let isUp): seen.append("\(number) \(isUp ? "up" : "down")")
      }
    }
    return probe
  }
  var now = start
  var probe = note(check.handle(.started, at: now), 0)
  for (index, answer) in answers.enumerated() {
    if answer, let number = probe {
      now = now + .milliseconds(5)
      probe = note(check.handle(.answered(probe: number), at: now), index + 1)
    }
    probe = nil
    while probe == nil, let deadline = check.deadline {
      now = deadline
      probe = note(check.handle(.deadlineReached, at: now), index + 1)
    }
  }
  return seen
}

@Suite struct PathCheckTests {
  @Test("Three failures in a row make it down, two answers in a row make it up")
  func hysteresis() {
    let answers = "+..+...+.+++".map { $0 == "+" }
    #expect(verdicts(answers: answers) == ["1 up", "7 down", "11 up"])
  }

  @Test("Every other probe lost changes nothing, whichever way it stood")
  func alternating() {
    #expect(verdicts(answers: (0..<40).map { $0 % 2 == 0 }) == ["1 up"])
    #expect(verdicts(answers: (0..<40).map { $0 % 2 == 1 }) == ["1 down"])
  }

  @Test("Before the first result it counts as down, and the first result decides")
  func first() {
    var check = PathCheck(.init(fall: 9, rise: 9))
    #expect(!check.isUp && !check.isDecided)
    #expect(check.handle(.started, at: start) == [.probe(1)])
    #expect(check.handle(.answered(probe: 1), at: start) == [.changed(isUp: true)])
    #expect(check.isUp)
  }

  @Test("An answer that is late, comes twice or belongs to another probe changes nothing")
  func strays() {
    var check = PathCheck(.init(fall: 1, rise: 1))
    _ = check.handle(.started, at: start)
    #expect(check.handle(.answered(probe: 7), at: start) == [])
    let late = start + .milliseconds(500)
    #expect(check.handle(.deadlineReached, at: late) == [.changed(isUp: false)])
    #expect(check.handle(.answered(probe: 1), at: late) == [])
    let next = start + .seconds(1)
    #expect(check.handle(.deadlineReached, at: next) == [.probe(2)])
    #expect(check.handle(.answered(probe: 2), at: next) == [.changed(isUp: true)])
    #expect(check.handle(.refused(probe: 2), at: next) == [])
  }

  @Test("Probes leave on absolute times; a sleep is not made up for with a burst")
  func cadence() {
    var check = PathCheck(.init(timeout: .seconds(1)))
    var sent = check.handle(.started, at: start).count
    for second in 1...60 {
      let now = start + .seconds(second) + .milliseconds(second % 7)
      for action in check.handle(.deadlineReached, at: now) {
        if case .probe = action { sent += 1 }
      }
    }
    #expect(sent == 61)
    let woken = start + .seconds(600)
    let burst = check.handle(.deadlineReached, at: woken)
    #expect(burst.count { if case .probe = $0 { true } else { false } } == 1)
    #expect(check.deadline.map { $0 > woken } ?? false)
  }
}
