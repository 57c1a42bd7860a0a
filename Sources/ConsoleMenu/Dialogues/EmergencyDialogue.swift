import Messages
import Wire

/// `Emergency shell`: a token that support signed for this gateway.
struct EmergencyDialogue: Dialogue {
  private let serial: String

  init(_ overview: Overview) { serial = overview.appliance?.serial ?? "" }

  var abandoned: String { "No shell was opened." }

  var question: Question {
    Question(
      "Token",
      help: "Support makes one for the serial number; it begins with ZTE1. Enter alone goes back.")
  }

  mutating func begin() -> Turn {
    .ask(saying: [
      "A shell with every right, until it is left or the token expires. It is noted and reported.",
      "Support needs the serial number: \(serial)",
    ])
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    guard text.hasPrefix("ZTE1.") else { throw Reason("A token begins with ZTE1.") }
    var request = ControlRequest(.emergencyShell)
    request.token = text
    return .send(request, saying: ["Checking ..."])
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn {
    answer.done ? .logOut([answer.text]) : .finish([answer.text])
  }
}
