import Messages
import Wire

/// Menus and dialogues: what is drawn and asked, and what the supervisor answers.
extension ConsoleMenu {
  static let choicePrompt = "Choice: "
  private static let returnPrompt = "Press Enter to return to the main menu. "

  // MARK: Menus

  /// Shows a menu; the main one with a fresh picture of the gateway.
  mutating func drawMenu(_ menu: Menu) {
    if case .main = menu {
      askGateway(ControlRequest(.overview), Limits.overviewPatience, .mainMenu)
    } else {
      draw(menu)
    }
  }

  /// Shows a menu with what is known.
  mutating func draw(_ menu: Menu) {
    if case .main = menu { return drawMenu(.main) }
    say([""] + Screen.items(menu, overview))
    state = .atMenu(menu)
    show(prompt: Self.choicePrompt)
  }

  /// Shows the main menu, of which the picture may be old.
  mutating func drawMainMenu(isCurrent: Bool = true) {
    say([""] + Screen.header(overview))
    if !isCurrent { say(["The gateway does not answer; this is what was known last."]) }
    say([""] + Screen.items(.main, overview))
    state = .atMenu(.main)
    show(prompt: Self.choicePrompt)
  }

  // MARK: Dialogues

  /// Begins a dialogue.
  mutating func begin(_ dialogue: any Dialogue, from origin: Menu?) {
    var dialogue = dialogue
    let turn = dialogue.begin()
    perform(turn, dialogue, from: origin)
  }

  /// Asks a dialogue's question for the first time.
  mutating func ask(_ dialogue: any Dialogue, from origin: Menu?) {
    ask(again: Asking(dialogue: dialogue, origin: origin))
  }

  /// Asks a dialogue's question once more.
  mutating func ask(again asking: Asking) {
    let question = asking.dialogue.question
    state = .asking(asking)
    show(prompt: question.prompt, isSecret: question.isSecret)
  }

  /// Says lines; Enter shows the main menu, and a choice is taken too.
  mutating func finish(_ lines: [String]) {
    let all = lines.filter { !$0.isEmpty }.flatMap { ConsoleText.wrapped($0) }
    let last = all.count == 1 && all[0].hasSuffix(".") ? all[0] : ""
    state = .atMenu(.main)
    if !last.isEmpty, last.utf8.count + Self.returnPrompt.utf8.count + 1 < Limits.columns {
      show(prompt: "\(last) \(Self.returnPrompt)")
    } else {
      say(all)
      show(prompt: Self.returnPrompt)
    }
  }

  /// Does what a dialogue wants next.
  mutating func perform(_ turn: Turn, _ dialogue: any Dialogue, from origin: Menu?) {
    switch turn {
    case .ask(let lines):
      say(lines)
      ask(dialogue, from: origin)
    case .send(let request, let lines):
      say(lines)
      askGateway(request, Limits.requestPatience, .dialogue(dialogue, from: origin))
    case .finish(let lines): finish(lines)
    case .leave(let lines):
      say(lines)
      draw(origin ?? .main)
    case .become(let next, let lines):
      say(lines)
      begin(next, from: origin)
    case .watch: watch()
    case .logIn:
      wrongPasswords = 0
      drawMenu(.main)
    case .logOut(let lines): logOut(lines)
    case .pause(let lines): pause(lines)
    }
  }

  // MARK: Answers

  /// Takes an answer of the supervisor; one that nobody awaits any more is dropped.
  mutating func take(_ answer: ControlAnswer, to request: UInt32) {
    switch state {
    case .awaiting(let awaiting) where awaiting.request == request:
      take(answer, awaiting.purpose)
    case .watching(let watch) where watch.request == request: take(answer, watch)
    case .absent, .dormant, .awaiting, .pausing, .atMenu, .asking, .watching: break
    }
  }

  private mutating func take(_ answer: ControlAnswer, _ purpose: Awaiting.Purpose) {
    switch purpose {
    case .begin: begin(answer)
    case .mainMenu:
      if answer.done { overview = Overview(answer) }
      drawMainMenu(isCurrent: answer.done)
    case .open(let entry, let menu):
      guard answer.done else { return finish([answer.text]) }
      overview = Overview(answer)
      begin(entry.dialogue(overview), from: menu)
    case .dialogue(var dialogue, let origin):
      let turn = dialogue.take(answer, at: now)
      perform(turn, dialogue, from: origin)
    }
  }
}
