import Messages
import Testing
import Wire

@testable import ConsoleMenu

/// A small generator, so that a failure can be repeated by its seed.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}

@Suite("Console menu")
struct MenuTests {
  @Test("whatever is typed, answered and waited for, the screen gets ASCII and nothing traps")
  func anything() {
    let words = [
      "1\r", "2\r", "3\r", "4\r", "5\r", "6\r", "7\r", "8\r", "10\r", "0\r", "c\r", "y\r", "n\r",
      "\r",
      "q\r", "\n", "\u{3}", "\u{4}", "\u{1b}[A", "10.0.0.2/24\r", "10.0.0.1\r", "proxy:3128\r",
      "admin\r", "a password of words\r", "AB12-CD34-EF56-GH7M\r", "caf\u{e9}", "\u{7f}", "\u{15}",
    ]
    for seed in 0..<300 as Range<UInt64> {
      var generator = SeededGenerator(state: seed)
      var menu = ConsoleMenu(idleLimit: .seconds(600))
      var gateway = FakeGateway()
      var now = Instant.zero
      var sent: [(UInt32, ControlRequest)] = []
      func take(_ actions: [ConsoleMenu.Action]) {
        for action in actions {
          if case .write(let text) = action {
            let isPlain = text.unicodeScalars.allSatisfy {
              (" "..."~").contains($0) || ["\n", "\u{7}", "\u{8}"].contains($0)
            }
            #expect(isPlain, "seed \(seed): \(text.debugDescription)")
          }
          if case .send(let number, let request) = action { sent.append((number, request)) }
        }
      }
      take(menu.handle(.connected, at: now))
      for _ in 0..<200 {
        now = now + .milliseconds(Int.random(in: 0..<3_000, using: &generator))
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: gateway.advance(to: Int.random(in: 1...9, using: &generator))
        case 1: gateway.fail(["caf\u{e9} \u{1b}[2J \u{2026}"], remedy: "none")
        case 2: gateway.complete("g\u{f6}teborg-gw-01")
        case 3: gateway.isSilent.toggle()
        case 4: take(menu.handle(.hungUp, at: now) + menu.handle(.connected, at: now))
        case 5: take(menu.handle(.answered(request: 9_999, ControlAnswer(done: true, "")), at: now))
        case 6...8: now = now + .seconds(Int.random(in: 0..<700, using: &generator))
        default:
          let word = words.randomElement(using: &generator) ?? ""
          take(menu.handle(.typed(Array(word.utf8)), at: now))
        }
        take(menu.handle(.ticked, at: now))
        while !sent.isEmpty {
          let (number, request) = sent.removeFirst()
          guard let answer = gateway.answer(request) else { continue }
          take(menu.handle(.answered(request: number, answer), at: now))
        }
      }
    }
  }

  @Test("after a deadline has been served it lies in the future")
  func clock() {
    var menu = ConsoleMenu(idleLimit: .seconds(600))
    var now = Instant.zero
    _ = menu.handle(.connected, at: now)
    // Nobody answers: it asks again and again, but never in a tight loop.
    for _ in 0..<100 {
      guard let deadline = menu.deadline else { break }
      #expect(deadline > now)
      now = max(now, deadline)
      _ = menu.handle(.ticked, at: now)
    }
    #expect(now > Instant.zero + .seconds(200))
  }

  @Test("a gateway that does not say whether it has a password lets nobody in")
  func unknownPassword() {
    var menu = ConsoleMenu(idleLimit: .seconds(600))
    let actions = menu.handle(.connected, at: .zero)
    guard case .send(let number, _)? = actions.first else {
      Issue.record("nothing was asked")
      return
    }
    let answer = menu.handle(.answered(request: number, ControlAnswer(done: true, "")), at: .zero)
    #expect(answer.isEmpty)
    #expect(menu.handle(.typed(Array("5\r".utf8)), at: .zero).isEmpty)
  }

  @Test("who is user 0 already is asked for no password")
  func noLogin() {
    var menu = ConsoleMenu(idleLimit: .seconds(600), asksForLogin: false)
    var gateway = FakeGateway()
    gateway.complete("paris-gw-01")
    gateway.appliance.hasPassword = true
    guard case .send(let number, let request)? = menu.handle(.connected, at: .zero).first,
      let answer = gateway.answer(request),
      case .write(let text)? = menu.handle(.answered(request: number, answer), at: .zero).first
    else {
      Issue.record("no screen")
      return
    }
    #expect(text.contains("Activation: Activated") && !text.contains("login"))
  }

  @Test("what is typed ahead is bounded")
  func typeAheadLimit() {
    var menu = ConsoleMenu(idleLimit: .seconds(600))
    _ = menu.handle(.connected, at: .zero)
    let octets = [UInt8](repeating: 0x20, count: Limits.typedAheadOctets + 1)
    #expect(menu.handle(.typed(octets), at: .zero) == [.write("\u{7}")])
    #expect(menu.pending.count == Limits.typedAheadOctets)
  }
}

@Suite("Console words")
struct WordTests {
  @Test("long lines are broken between words, further lines stand under the first one's text")
  func wrapping() {
    let words = String(repeating: "word ", count: 30)
    let lines = ConsoleText.wrapped("Portal      " + words)
    #expect(lines.allSatisfy { $0.utf8.count < 80 } && lines.count == 3)
    #expect(lines[1].hasPrefix("            word"))
    let long = ConsoleText.wrapped(String(repeating: "x", count: 200))
    #expect(long.allSatisfy { $0.utf8.count < 80 } && long.joined().count == 200)
  }

  @Test("control sequences of others never reach the terminal")
  func ascii() {
    #expect(ConsoleText.ascii("a\u{1b}[2J\u{9b}b\u{2026}\u{e9}\n") == "a [2J b...? ")
  }

  @Test(
    "addresses, routers, places and passwords that will not do are refused with a sentence",
    arguments: [
      "10.0.0.1/0", "10.0.0.1/32", "0.0.0.0/8", "127.0.0.1/8", "224.0.0.1/4", "10.0.0.255/24",
      "10.0.0.0/24", "10.0.0.1", "", "255.255.255.255/1",
    ])
  func prefixes(text: String) {
    #expect(throws: Reason.self) { try Check.prefix(text) }
  }

  @Test("point-to-point networks of two addresses are allowed")
  func pointToPoint() throws {
    let prefix = try Check.prefix("192.0.2.0/31")
    #expect(try Check.router("192.0.2.1", on: prefix) == IPv4Address(192, 0, 2, 1))
  }

  @Test(
    "host:port is checked", arguments: ["", "host", "host:", ":80", "a b:80", "host:0", "1.2.3:80"])
  func places(text: String) {
    #expect(throws: Reason.self) { try Check.place(text) }
  }
}
