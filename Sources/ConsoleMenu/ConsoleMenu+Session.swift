import Messages
import Wire

/// Who is at the line: beginning, login, idle limit, log-out.
extension ConsoleMenu {
  /// When a person who does nothing is logged out.
  var idleDeadline: Instant { lastKey + idleLimit }

  mutating func connect() {
    lastKey = now
    askGateway(ControlRequest(.overview), Limits.beginPatience, .begin)
  }

  mutating func disconnect() {
    forgetKeys()
    state = .absent
  }

  /// Ends the session; Enter begins the next.
  mutating func logOut(_ lines: [String]) {
    say(lines)
    // Whoever is asked for no login has called the menu, and is back where they came from.
    print(asksForLogin ? "Logged out. Press Enter to go on. " : "Logged out.\n")
    forgetKeys()
    overview = Overview()
    state = .dormant
    tellLogOut()
  }

  /// Whether who comes now has to log in: after activation, where a password is set.
  private var needsLogin: Bool {
    asksForLogin && overview.isActivated && overview.appliance?.hasPassword == true
  }

  /// Takes the first overview of a session.
  mutating func begin(_ answer: ControlAnswer) {
    guard answer.done, answer.activation != nil, answer.appliance != nil else {
      // Without knowing whether there is a password nobody is let in.
      state = .pausing(until: now + Limits.beginPatience)
      return
    }
    overview = Overview(answer)
    needsLogin ? askForLogin() : drawMainMenu()
  }

  mutating func askForLogin() {
    say([""] + Screen.header(overview).prefix(1))
    ask(LoginDialogue(), from: nil)
  }

  /// After a wrong password: no key is taken for a while.
  mutating func pause(_ lines: [String]) {
    let doublings = min(wrongPasswords, 16)
    wrongPasswords += 1
    let pause = min(Limits.firstPause * (1 << doublings), Limits.longestPause)
    say(lines + ["Wait \(pause.nanoseconds / 1_000_000_000) s."])
    forgetKeys()
    state = .pausing(until: now + pause)
  }

  /// Does what is due.
  mutating func expire() {
    switch state {
    case .pausing(let until):
      if now >= until { connect() }
      return
    case .absent, .dormant: return
    case .awaiting(let awaiting) where now >= awaiting.until: missed(awaiting)
    case .asking(let asking):
      if let deadline = asking.dialogue.deadline, now >= deadline { expire(asking) }
    case .watching(let watch): expire(watch)
    case .awaiting, .atMenu: break
    }
    if now >= idleDeadline { idled() }
  }

  private mutating func idled() {
    switch state {
    case .absent, .dormant, .pausing: return
    case .awaiting, .atMenu, .asking, .watching:
      print("\n")
      logOut(["No key for \(idleLimit.nanoseconds / 60_000_000_000) minutes."])
    }
  }

  private mutating func expire(_ asking: Asking) {
    print("\n")
    var dialogue = asking.dialogue
    let turn = dialogue.expired()
    perform(turn, dialogue, from: asking.origin)
  }

  /// An answer did not come in time.
  private mutating func missed(_ awaiting: Awaiting) {
    switch awaiting.purpose {
    case .begin: askGateway(ControlRequest(.overview), Limits.beginPatience, .begin)
    case .mainMenu: drawMainMenu(isCurrent: false)
    case .open, .dialogue:
      finish(["The gateway did not answer in time; see 5, Status."])
    }
  }

  private mutating func forgetKeys() {
    pending = []
    kept = []
    editor.clear()
    prompt = ""
  }
}
