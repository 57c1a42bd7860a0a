import Messages
import Wire

/// Sends a change of the network, and asks whether to keep it where the supervisor would take it
/// back by itself: after activation, because the change may cut off whoever made it.
struct ChangeDialogue: Dialogue {
  private enum Step { case change, look, keep, confirm, rollBack }

  private let change: ControlRequest?
  private let done: String
  private var step: Step
  private(set) var deadline: Instant?

  /// Sends `request`; `done` is said at the end.
  init(_ request: ControlRequest, done: String) {
    change = request
    self.done = done
    step = .change
  }

  /// Asks about a change that was made before, here or elsewhere.
  init(pending done: String) {
    change = nil
    self.done = done
    step = .look
  }

  var question: Question {
    Question(
      "Keep the change? (y/n)", .isEmpty,
      help: "y keeps it, n takes it back now; without an answer it is taken back in time.")
  }

  var abandoned: String { "The change is taken back unless it is confirmed in time." }

  mutating func begin() -> Turn {
    if let change { return .send(change) }
    return .send(ControlRequest(.overview))
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn {
    guard answer.done else { return .finish([answer.text]) }
    switch step {
    case .change:
      step = .look
      return .send(ControlRequest(.overview))
    case .look:
      guard let seconds = answer.appliance?.unconfirmedSecondsLeft else {
        return .finish([change == nil ? "There is nothing to confirm." : done])
      }
      step = .keep
      deadline = now + .seconds(seconds)
      return .ask(saying: ["The change reverts in \(seconds) s unless confirmed."])
    case .keep, .confirm: return .finish([done])
    case .rollBack: return .finish(["The change was taken back."])
    }
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    let keeps = try Check.yesOrNo(text)
    deadline = nil
    step = keeps ? .confirm : .rollBack
    return .send(ControlRequest(keeps ? .configConfirm : .configRollback))
  }

  mutating func expired() -> Turn {
    .finish(["Not confirmed in time: the change is taken back."])
  }
}
