public import Messages
public import Wire

/// The numbered menu of a gateway on any terminal: serial line, screen, pseudo-terminal.
///
/// Lines of ASCII, no cursor movement, so that 115 200 baud and a log of the session read alike.
/// The terminal is raw: echo and line editing are done here. Keys that come while an answer is
/// awaited are kept and taken afterwards, so that a whole procedure can be pasted at once. There
/// is no way from here to a shell.
public struct ConsoleMenu {
  /// What happened.
  public enum Event {
    /// Somebody may be at the line.
    case connected
    /// The line is gone.
    case hungUp
    /// Octets from the terminal.
    case typed([UInt8])
    /// The supervisor's answer to ``Action/send(request:_:)``.
    case answered(request: UInt32, ControlAnswer)
    /// A deadline may have passed.
    case ticked
  }

  /// What is to be done, in order.
  public enum Action: Hashable {
    /// Print ASCII text; `\n` ends a line, `\u{7}` rings.
    case write(String)
    /// Ask the supervisor; the answer carries the same number.
    case send(request: UInt32, ControlRequest)
    /// The person is gone, or wants to go; a line that stays is woken by Enter.
    case logOut
  }

  /// Where the person is.
  enum State {
    /// Nobody is at the line.
    case absent
    /// Logged out; Enter begins anew.
    case dormant
    /// An answer is awaited; keys are kept.
    case awaiting(Awaiting)
    /// A password was wrong; keys are dropped until then.
    case pausing(until: Instant)
    /// A choice is expected.
    case atMenu(Menu)
    /// An answer is expected.
    case asking(Asking)
    /// The progress of an activation is shown.
    case watching(ActivationWatch)
  }

  /// An answer of the supervisor that is awaited.
  struct Awaiting {
    enum Purpose {
      case begin
      case mainMenu
      case open(Entry, from: Menu)
      case dialogue(any Dialogue, from: Menu?)
    }
    let request: UInt32
    let until: Instant
    let purpose: Purpose
  }

  /// A dialogue that expects an answer of the person.
  struct Asking {
    var dialogue: any Dialogue
    /// The menu that it was chosen from; nil: the login, which cannot be left.
    let origin: Menu?
    var wrongAnswers = 0
  }

  /// Time without a key after which the person is logged out.
  public var idleLimit: Interval
  /// Whether a password is asked for at all; not of someone who is user 0 already.
  let asksForLogin: Bool

  var state = State.absent
  var overview = Overview()
  var editor = LineEditor()
  /// Octets that have not been looked at.
  var pending: [UInt8] = []
  /// Lines typed while an activation was shown, for afterwards.
  var kept: [UInt8] = []
  /// The prompt that the cursor stands behind.
  var prompt = ""
  var nextRequest: UInt32 = 1
  var lastKey = Instant.zero
  /// Wrong passwords since the last right one.
  var wrongPasswords = 0
  /// The time of the event that is handled.
  var now = Instant.zero
  private var actions: [Action] = []

  /// A menu with nobody at it.
  public init(idleLimit: Interval, asksForLogin: Bool = true) {
    self.idleLimit = idleLimit
    self.asksForLogin = asksForLogin
  }

  /// Takes an event; what it came to.
  public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    self.now = now
    actions = []
    switch event {
    case .connected: connect()
    case .hungUp: disconnect()
    case .typed(let octets): take(octets)
    case .answered(let request, let answer): take(answer, to: request)
    case .ticked: break
    }
    expire()
    readKeys()
    return actions
  }

  /// When ``Event/ticked`` is due.
  public var deadline: Instant? {
    switch state {
    case .absent, .dormant: nil
    case .awaiting(let awaiting): min(awaiting.until, idleDeadline)
    case .pausing(let until): until
    case .atMenu: idleDeadline
    case .asking(let asking): min(asking.dialogue.deadline ?? idleDeadline, idleDeadline)
    case .watching(let watch): min(watch.deadline, idleDeadline)
    }
  }

  /// Whether something is under way that needs no key: an answer is awaited, or typed keys wait.
  public var isBusy: Bool {
    switch state {
    case .awaiting, .watching, .pausing: true
    case .absent, .dormant, .atMenu, .asking: !pending.isEmpty
    }
  }

  // MARK: Actions

  /// Prints text as it is.
  mutating func print(_ text: String) {
    if case .write(let before) = actions.last {
      actions[actions.count - 1] = .write(before + text)
    } else {
      actions.append(.write(text))
    }
  }

  /// Prints lines, broken where they do not fit.
  mutating func say(_ lines: [String]) {
    for line in lines.flatMap({ ConsoleText.wrapped($0) }) { print(line + "\n") }
  }

  /// Prints a prompt, and awaits a line.
  mutating func show(prompt text: String, isSecret: Bool = false) {
    prompt = ConsoleText.ascii(text)
    editor.clear()
    editor.isSecret = isSecret
    print(prompt)
  }

  /// Sends a request; its number.
  mutating func send(_ request: ControlRequest) -> UInt32 {
    let number = nextRequest
    nextRequest &+= 1
    actions.append(.send(request: number, request))
    return number
  }

  /// Sends a request, and awaits its answer.
  mutating func askGateway(
    _ request: ControlRequest, _ patience: Interval, _ purpose: Awaiting.Purpose
  ) {
    let number = send(request)
    state = .awaiting(Awaiting(request: number, until: now + patience, purpose: purpose))
  }

  mutating func tellLogOut() { actions.append(.logOut) }
}
