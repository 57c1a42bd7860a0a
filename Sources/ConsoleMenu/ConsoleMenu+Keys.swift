import Messages
import Wire

/// Keys: kept until somebody asks, then taken one by one.
extension ConsoleMenu {
  private static let interrupt: UInt8 = 0x03

  /// Octets from the terminal.
  mutating func take(_ octets: [UInt8]) {
    lastKey = now
    switch state {
    case .absent, .pausing: return
    case .dormant:
      if octets.contains(where: { $0 == 0x0d || $0 == 0x0a }) { wake() }
      return
    case .awaiting, .atMenu, .asking, .watching: break
    }
    var rest = octets[...]
    if let last = octets.lastIndex(of: Self.interrupt) {
      // As a terminal does: what was typed before Ctrl-C is not wanted any more.
      rest = octets[(last + 1)...]
      pending = []
      kept = []
      interrupted()
    }
    let room = Limits.typedAheadOctets - pending.count
    if rest.count > room { print("\u{7}") }
    if case .watching(var watch) = state {
      watch.notice(rest, isFirst: pending.isEmpty, at: now)
      state = .watching(watch)
    }
    pending += rest.prefix(room)
  }

  private mutating func wake() {
    print("\n")
    connect()
  }

  /// Takes keys as long as somebody asks for them.
  mutating func readKeys() {
    var taken = 0
    while taken < pending.count, isListening {
      var echo = ""
      let outcome = editor.take(pending[taken], echo: &echo)
      taken += 1
      if !echo.isEmpty { print(echo) }
      // What is behind is needed by whoever looks at the keys that wait.
      if outcome != .more {
        pending.removeFirst(taken)
        taken = 0
        act(outcome)
      }
    }
    pending.removeFirst(min(taken, pending.count))
  }

  private var isListening: Bool {
    switch state {
    case .absent, .dormant, .awaiting, .pausing: false
    case .atMenu, .asking: true
    case .watching(let watch): watch.isListening
    }
  }

  private mutating func act(_ outcome: LineEditor.Outcome) {
    switch (outcome, state) {
    case (.line(let line), .atMenu(let menu)): choose(line, in: menu)
    case (.line(let line), .asking(let asking)): answer(line, asking)
    case (.line(let line), .watching(let watch)): choose(line, in: watch)
    case (.up, _):
      print("\n")
      goUp()
    case (.more, _), (.line, _): break
    }
  }

  /// Ctrl-C: the prompt is cancelled, or the wait.
  private mutating func interrupted() {
    switch state {
    case .asking(let asking):
      print("^C\n")
      leave(asking, saying: "Cancelled. \(asking.dialogue.abandoned)")
    case .awaiting(let awaiting):
      guard case .dialogue(_, let origin?) = awaiting.purpose else { return }
      print("^C\n")
      say(["Not waited for; what was asked of the gateway goes on."])
      draw(origin)
    case .atMenu:
      print("^C\n")
      show(prompt: prompt)
    case .watching:
      print("^C\n")
      stopWatching()
    case .absent, .dormant, .pausing: break
    }
  }

  /// `q` and Ctrl-D.
  private mutating func goUp() {
    switch state {
    case .atMenu(.main): logOut([])
    case .atMenu: drawMenu(.main)
    case .asking(let asking): leave(asking, saying: nil)
    case .watching: stopWatching()
    case .absent, .dormant, .awaiting, .pausing: break
    }
  }

  private mutating func leave(_ asking: Asking, saying line: String?) {
    guard let origin = asking.origin else { return askForLogin() }
    if let line { say([line]) }
    draw(origin)
  }

  // MARK: Lines

  private mutating func choose(_ line: String, in menu: Menu) {
    let word = line.trimmed.lowercased()
    switch word {
    case "": return drawMenu(.main)
    case "q": return goUp()
    case "?":
      say(["Type a number and Enter; Enter alone shows the main menu, q goes back."])
      return show(prompt: Self.choicePrompt)
    default: break
    }
    let items = menu.items(overview)
    guard let item = items.first(where: { $0.key == word }) else {
      let keys = items.map(\.key).joined(separator: " ")
      say(["There is no '\(word.prefix(20))' here; choose one of \(keys)."])
      return show(prompt: Self.choicePrompt)
    }
    switch item.choice {
    case .menu(let next): drawMenu(next)
    case .logOut: logOut([])
    case .entry(let entry):
      askGateway(ControlRequest(.overview), Limits.overviewPatience, .open(entry, from: menu))
    }
  }

  private mutating func answer(_ line: String, _ asking: Asking) {
    let question = asking.dialogue.question
    let text = question.isSecret ? line : line.trimmed
    if text == "?" && !question.isSecret {
      say([question.help])
      return ask(again: asking)
    }
    if text.lowercased() == "q" && !question.isSecret { return leave(asking, saying: nil) }
    guard text.isEmpty else { return offer(text, asking) }
    switch question.enter {
    case .takes(let preset): offer(preset, asking)
    case .isEmpty: offer("", asking)
    case .leaves: asking.origin == nil ? askForLogin() : drawMenu(.main)
    }
  }

  private mutating func offer(_ text: String, _ asking: Asking) {
    var asking = asking
    do throws(Reason) {
      let turn = try asking.dialogue.take(text)
      perform(turn, asking.dialogue, from: asking.origin)
    } catch {
      say([error.text])
      asking.wrongAnswers += 1
      guard asking.wrongAnswers < Limits.wrongAnswers else {
        let words = "\(Limits.wrongAnswers) wrong answers. \(asking.dialogue.abandoned)"
        return leave(asking, saying: words)
      }
      ask(again: asking)
    }
  }
}

extension String {
  /// Without the spaces around it.
  fileprivate var trimmed: String {
    var rest = Substring(self).drop { $0 == " " }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
