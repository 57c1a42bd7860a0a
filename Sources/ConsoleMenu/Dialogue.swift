import Messages
import Wire

/// A sequence of questions that ends in a request to the supervisor, or in words.
///
/// A dialogue knows nothing of keys and of the screen: it is given whole answers, and says what is
/// to come next.
protocol Dialogue {
  /// What is asked now; looked at only after ``Turn/ask(saying:)``.
  var question: Question { get }
  /// When ``expired()`` is due; nil: never.
  var deadline: Instant? { get }
  /// What is said when it is left before its end.
  var abandoned: String { get }
  /// The first turn.
  mutating func begin() -> Turn
  /// Takes an answer of the person; throws why it will not do, and then it is asked again.
  mutating func take(_ text: String) throws(Reason) -> Turn
  /// Takes the supervisor's answer to ``Turn/send(_:saying:)``.
  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn
  /// The deadline has passed.
  mutating func expired() -> Turn
}

extension Dialogue {
  var question: Question { Question("Continue") }
  var deadline: Instant? { nil }
  var abandoned: String { "Nothing was changed." }
  mutating func begin() -> Turn { .ask() }
  mutating func take(_ text: String) throws(Reason) -> Turn { .finish([]) }
  mutating func expired() -> Turn { .finish([]) }
}

/// What a dialogue wants next.
enum Turn {
  /// Ask ``Dialogue/question``, after these lines.
  case ask(saying: [String] = [])
  /// Send a request, say these lines, and wait for the answer.
  case send(ControlRequest, saying: [String] = [])
  /// Say these lines; Enter shows the main menu.
  case finish([String])
  /// Say these lines and show the menu that the dialogue was chosen from.
  case leave([String])
  /// Say these lines and go on with another dialogue.
  case become(any Dialogue, saying: [String] = [])
  /// Follow the activation.
  case watch
  /// The person is who they say.
  case logIn
  /// Say these lines and log out.
  case logOut([String])
  /// Say these lines and take no key for a while; each time longer.
  case pause([String])
}

/// A question.
struct Question {
  /// What Enter alone does.
  enum Enter: Equatable {
    /// Takes this, which is shown in brackets.
    case takes(String)
    /// Is an empty answer, for the dialogue to judge.
    case isEmpty
    /// Shows the main menu.
    case leaves
  }

  /// What is asked, without the colon.
  let label: String
  /// What Enter alone does.
  let enter: Enter
  /// Whether the answer is not shown.
  let isSecret: Bool
  /// What `?` says.
  let help: String

  init(
    _ label: String, _ enter: Enter = .leaves, isSecret: Bool = false,
    help: String = "Enter takes what stands in brackets; q goes back."
  ) {
    self.label = label
    self.enter = enter
    self.isSecret = isSecret
    self.help = help
  }

  /// `Label [default]: `.
  var prompt: String {
    if case .takes(let preset) = enter { return "\(label) [\(preset)]: " }
    return "\(label): "
  }

  /// `Label (y/n) [y]: `.
  static func yesOrNo(_ label: String, _ preset: Bool) -> Question {
    Question(
      "\(label) (y/n)", .takes(preset ? "y" : "n"), help: "y for yes, n for no; q goes back.")
  }
}

/// Why an answer will not do, with what would.
struct Reason: Error {
  /// One sentence.
  let text: String
  init(_ text: String) { self.text = text }
}
