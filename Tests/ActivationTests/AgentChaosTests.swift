import Activation
import Messages
import Testing
import Wire

/// A generator that gives the same numbers for the same seed.
private struct Dice {
  var state: UInt64

  mutating func roll(_ sides: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % sides
  }

  mutating func pick<T>(_ list: [T]) -> T { list[roll(list.count)] }
}

@Suite("The agent under everything at once")
struct AgentChaosTests {
  private static let bodies = [
    "", "{}", "[]", "<html>", AgentStory.anchor, AgentStory.enrolled, #"{"gateway":"g"}"#,
    #"{"error":"used"}"#, #"{"error":"unknown"}"#, #"{"error":"differences","differences":["a"]}"#,
    #"{"version":9,"document":{},"commands":[{"id":"1","verb":"restart"}],"time":1}"#,
    #"{"last":12}"#, #"{"last":-1}"#, #"{"ca":"CA","proof":"Ag"}"#,
  ]

  @Test("10 000 random steps: one request of a kind, no secret before the proof, no circle")
  func chaos() {
    for seed in 1...100 as ClosedRange<UInt64> {
      var dice = Dice(state: seed)
      var story = AgentStory()
      var isProven = false
      for _ in 1...100 {
        // The story traps when two requests of a kind are under way, or time turns in a circle.
        let called = Self.step(&story, &dice)
        if called == .anchor { isProven = isProven || story.inFlight[.validate] != nil }
        for (call, request) in story.inFlight where call == .anchor || !isProven {
          let text = String(decoding: request.body, as: UTF8.self)
          #expect(!text.contains("EFGHJKMNPQR"), "seed \(seed)")
        }
        for request in story.inFlight.values where request.trust == .anything {
          #expect(request.call == .anchor, "seed \(seed)")
        }
      }
      #expect(!story.takeLog().joined().contains("EFGHJKMNPQR"), "seed \(seed)")
    }
  }

  /// One random thing happens; the call that it ended, if any.
  private static func step(_ story: inout AgentStory, _ dice: inout Dice) -> PortalCall? {
    let waiting = story.inFlight.keys.sorted { $0.rawValue < $1.rawValue }
    switch dice.roll(10) {
    case 0: configure(&story, &dice)
    case 1: command(&story, &dice)
    case 2: story.pass(.milliseconds(dice.roll(60_000)))
    case 3:
      story.handle(.ended(dice.pick(PortalCall.allCases), .failed(.init(place: .name, reason: ""))))
    case 4: story.handle(.progressed(dice.pick(PortalCall.allCases), .resolved))
    default:
      guard !waiting.isEmpty else {
        story.pass(.seconds(40))
        return nil
      }
      let call = dice.pick(waiting)
      if dice.roll(4) == 0 {
        story.fail(call, dice.pick([.name, .proxy, .portal]))
      } else {
        story.answer(
          call, dice.pick([200, 200, 200, 204, 400, 403, 404, 409, 410, 429, 500]),
          dice.pick(bodies), retryAfter: dice.pick([nil, 0, 7, -7, .max]),
          clockIsSet: dice.roll(2) == 0)
      }
      return call
    }
    return nil
  }

  private static func configure(_ story: inout AgentStory, _ dice: inout Dice) {
    let key = dice.pick(["", "KEY-1", "KEY-2", "broken"])
    let tasks: [AgentTask] = [
      .rest, .serve(AgentStory.identity),
      .enroll(AgentStory.enrollment { $0.privateKey = key }),
      .enroll(AgentStory.enrollment { $0.privateKey = key }),
    ]
    story.configure(dice.pick(tasks), proxy: dice.pick([nil, AgentStory.proxy]))
  }

  private static func command(_ story: inout AgentStory, _ dice: inout Dice) {
    let commands: [AgentCommand] = [
      .status(document: Array("\(dice.roll(3))".utf8)), .status(document: [0xff]),
      .events(list: Array(#"[{"number":11},{"number":12},{}]"#.utf8), last: 12),
      .events(list: [], last: 0), .commandDone(id: "1", done: true, text: ""),
      .applied(version: 9, outcome: .failed, reason: "no"),
    ]
    story.handle(.commanded(dice.pick(commands)))
  }
}
