import Messages
import Wire

/// `Change Administrator Password`: old, new, again; then everybody logs in anew.
struct PasswordDialogue: Dialogue {
  private enum Step { case old, new, again }

  private var step: Step
  private var old: String?
  private var new = ""

  init(_ overview: Overview) { step = overview.appliance?.hasPassword == true ? .old : .new }

  var question: Question {
    let help =
      "At least \(Limits.passwordCharacters) characters; nothing is shown. Enter goes back."
    return switch step {
    case .old: Question("Old password", isSecret: true, help: help)
    case .new: Question("New password", isSecret: true, help: help)
    case .again: Question("New password again", isSecret: true, help: help)
    }
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    switch step {
    case .old:
      old = text
      step = .new
    case .new:
      new = try Check.password(text)
      guard new != old else { throw Reason("This is the old password; choose another.") }
      step = .again
    case .again:
      guard text == new else {
        step = .new
        throw Reason("The two are not the same; type the new password once more.")
      }
      var request = ControlRequest(.setPassword)
      request.oldPassword = old
      request.password = new
      return .send(request)
    }
    return .ask()
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn {
    answer.done ? .logOut(["Password changed."]) : .finish([answer.text])
  }
}

/// The login after activation: user and password, and a pause after each wrong one.
struct LoginDialogue: Dialogue {
  private var user: String?

  /// The only user of the console.
  private static let administrator = "admin"
  private static let refusal = "The user or the password is wrong."

  var question: Question {
    user == nil
      ? Question("login", .isEmpty, help: "The user is \(Self.administrator).")
      : Question("Password", .isEmpty, isSecret: true, help: "")
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    guard let user else {
      if !text.isEmpty { user = text }
      return .ask()
    }
    guard user == Self.administrator else {
      self.user = nil
      return .pause([Self.refusal])
    }
    var request = ControlRequest(.login)
    request.password = text
    return .send(request)
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn {
    user = nil
    return answer.done ? .logIn : .pause([Self.refusal])
  }
}
