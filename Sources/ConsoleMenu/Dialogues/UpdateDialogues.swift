import Messages
import Wire

/// `Versions and progress`.
enum SoftwareScreen {
  static func dialogue() -> RequestDialogue {
    RequestDialogue(ControlRequest(.overview), saying: []) { answer in
      guard let software = answer.status?.software else { return ["Nothing is known yet."] }
      return SoftwareText.lines(software)
    }
  }
}

/// `Install from a URL`.
struct InstallDialogue: Dialogue {
  var abandoned: String { "Nothing was installed." }

  var question: Question {
    Question(
      "URL", help: "http:// or https:// and the file that ends in .ztb. Enter alone goes back.")
  }

  mutating func begin() -> Turn {
    .ask(saying: ["The software is fetched and checked; what runs goes on until the restart."])
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
      throw Reason("A URL begins with http:// or https://.")
    }
    var request = ControlRequest(.updateInstall)
    request.source = text
    return .send(request)
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn {
    .finish([answer.done ? "It is under way; 11, then 1 shows how far it is." : answer.text])
  }
}

/// `Delay the start`.
struct DelayDialogue: Dialogue {
  var abandoned: String { "Nothing was changed." }

  var question: Question {
    Question("Time of day, UTC", help: "HH:MM, within 24 hours, such as 02:30.")
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    var request = ControlRequest(.updateDelay)
    request.at = text
    return .send(request)
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn { .finish([answer.text]) }
}
