import Activation
import Messages
import Wire

/// `Activate Airgap Gateway`: asks for the code.
struct CodeDialogue: Dialogue {
  private let overview: Overview

  init(_ overview: Overview) { self.overview = overview }

  var question: Question {
    Question(
      "Activation code",
      help: "16 characters from the portal's page of the site; CODE@host:port names its portal.")
  }

  mutating func begin() -> Turn {
    if overview.isActivated { return .leave(["This appliance is already activated."]) }
    if overview.isActivating { return .watch }
    if overview.wan?.isConfigured == false {
      let hint = overview.wan?.subinterface == nil ? "" : "; a subinterface is not enough"
      return .finish(["Configure the network first: 2, then 1" + hint])
    }
    return .ask()
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    do throws(ActivationCodeError) {
      _ = try TypedCode(parsing: text)
    } catch { throw Reason("\(error)") }
    var request = ControlRequest(.activate)
    request.code = text
    return .send(request)
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn {
    answer.done ? .watch : .finish([answer.text])
  }
}
