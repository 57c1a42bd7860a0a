import ConsoleMenu
import Messages
import Wire

/// A story at the console: what is typed, what the gateway does, and what the screen then shows.
///
///     connect | hangup              the line comes and goes
///     type TEXT                     TEXT and Enter
///     keys TEXT                     with ^C, ^D, ^H, ^U, ^W, ^[, \r, \n
///     wait SECONDS                  time passes
///     gateway silent | answers | activated NAME | password TEXT | configured | no-link
///     gateway step N | retries N | reverts | forgets | refuses VERB: WORDS | fails LINE / LINE / REMEDY
///     | text                        what the screen shows
///     => request                    what is asked of the gateway
///     # text                        a remark
struct Transcript {
  private var menu = ConsoleMenu(idleLimit: .seconds(600))
  private var gateway = FakeGateway()
  private var now = Instant.zero + .seconds(1_000)
  private var waiting: [(UInt32, ControlRequest)] = []
  private var result: [String] = []
  /// The line of the screen that is not yet ended.
  private var line = ""
  private(set) var widest = 0
  private(set) var problems: [String] = []

  /// Plays the commands of `text`; the whole transcript as it should be.
  static func play(_ text: String) -> Transcript {
    var transcript = Transcript()
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("|") || line.hasPrefix("=>") { continue }
      if line.hasPrefix("#") || line.isEmpty {
        transcript.result.append(String(line))
      } else {
        transcript.perform(String(line))
      }
    }
    while transcript.result.last == "" { transcript.result.removeLast() }
    transcript.abbreviate()
    return transcript
  }

  /// The main menu is written out once.
  private mutating func abbreviate() {
    guard let first = result.firstIndex(of: "|  1 Activate Gateway") else { return }
    let menu = Array(result[first...].prefix(12))
    var index = first + 1
    while index + menu.count <= result.count {
      if Array(result[index..<index + menu.count]) == menu {
        result.replaceSubrange(index..<index + menu.count, with: ["| (the main menu)"])
      }
      index += 1
    }
  }

  var text: String { result.joined(separator: "\n") + "\n" }

  private mutating func perform(_ command: String) {
    result.append(command)
    let parts = command.split(separator: " ", maxSplits: 1)
    let rest = parts.count > 1 ? String(parts[1]) : ""
    switch parts[0] {
    case "connect": handle(.connected)
    case "hangup": handle(.hungUp)
    case "type": handle(.typed(Array((rest + "\r").utf8)))
    case "keys": handle(.typed(Self.keys(rest)))
    case "wait": pass(Double(rest) ?? 0)
    case "gateway": change(rest)
    default: problems.append("no such command: \(command)")
    }
    if !line.isEmpty { result.append("| " + line) }
    line = ""
  }

  private mutating func pass(_ seconds: Double) {
    let end = now + .milliseconds(Int(seconds * 1_000))
    var turns = 0
    while let deadline = menu.deadline, deadline <= end, turns < 10_000 {
      now = max(now, deadline)
      turns += 1
      handle(.ticked)
    }
    if turns == 10_000 { problems.append("the clock does not go on") }
    now = end
    handle(.ticked)
  }

  private mutating func change(_ words: String) {
    let parts = words.split(separator: " ", maxSplits: 1)
    let rest = parts.count > 1 ? String(parts[1]) : ""
    switch parts[0] {
    case "appliance":
      gateway.appliance.hasEmergencyShell = true
      gateway.status.software = SoftwareStatus(
        version: "1.0.0", slot: "a", isTrial: false, update: nil)
    case "silent": gateway.isSilent = true
    case "answers":
      gateway.isSilent = false
      let late = waiting
      waiting = []
      for (number, request) in late { respond(number, request) }
    case "activated": gateway.complete(rest)
    case "password":
      gateway.password = rest
      gateway.appliance.hasPassword = true
    case "configured":
      gateway.wan.isConfigured = true
      gateway.wan.address = "203.0.113.17/24"
      gateway.wan.gateway = "203.0.113.1"
    case "no-link": gateway.wan.carrier = false
    case "step": gateway.advance(to: Int(rest) ?? 0)
    case "reverts": gateway.revert()
    case "retries": gateway.retry(from: Int(rest) ?? 0)
    case "forgets": gateway.activation = ActivationStatus(state: .unactivated)
    case "fails":
      var lines = rest.split(separator: " / ").map { String($0) }
      let remedy = lines.removeLast()
      gateway.fail(lines, remedy: remedy)
    case "refuses":
      let halves = rest.split(separator: ": ", maxSplits: 1)
      guard let verb = ControlRequest.Verb(rawValue: String(halves[0])) else {
        return problems.append("no such verb: \(rest)")
      }
      gateway.refusals[verb] = halves.count > 1 ? String(halves[1]) : nil
    default: problems.append("no such word: gateway \(words)")
    }
  }

  private mutating func handle(_ event: ConsoleMenu.Event) {
    for action in menu.handle(event, at: now) {
      switch action {
      case .write(let text): show(text)
      case .logOut: note("=> (logged out)")
      case .send(let number, let request):
        // Pictures of the gateway are taken all the time, and say nothing.
        if request.verb != .overview { note("=> " + FakeGateway.words(request)) }
        respond(number, request)
      }
    }
  }

  private mutating func respond(_ number: UInt32, _ request: ControlRequest) {
    if let answer = gateway.answer(request) {
      handle(.answered(request: number, answer))
    } else {
      waiting.append((number, request))
    }
  }

  private mutating func show(_ text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n":
        widest = max(widest, line.unicodeScalars.count)
        result.append(line.isEmpty ? "|" : "| " + line)
        line = ""
      case "\u{7}": line += "<bell>"
      case "\u{8}": line += "<"
      case " "..."~": line.unicodeScalars.append(scalar)
      default: problems.append("the screen got U+\(String(scalar.value, radix: 16))")
      }
    }
  }

  private mutating func note(_ text: String) {
    if !line.isEmpty { result.append("| " + line) }
    line = ""
    result.append(text)
  }

  /// `^C` and so on as octets.
  private static func keys(_ text: String) -> [UInt8] {
    var octets: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let octet = rest.popFirst() {
      switch (octet, rest.first) {
      case (UInt8(ascii: "^"), let next?):
        octets.append(next & 0x1f)
        rest = rest.dropFirst()
      case (UInt8(ascii: "\\"), UInt8(ascii: "r")), (UInt8(ascii: "\\"), UInt8(ascii: "n")):
        octets.append(rest.first == UInt8(ascii: "r") ? 0x0d : 0x0a)
        rest = rest.dropFirst()
      default: octets.append(octet)
      }
    }
    return octets
  }
}
