import Messages
import Wire

/// One request without questions, and its answer in lines.
struct RequestDialogue: Dialogue {
  private let request: ControlRequest
  private let saying: [String]
  private let lines: (ControlAnswer) -> [String]

  /// `lines` words an answer that was not refused.
  init(_ request: ControlRequest, saying: [String], lines: @escaping (ControlAnswer) -> [String]) {
    self.request = request
    self.saying = saying
    self.lines = lines
  }

  mutating func begin() -> Turn { .send(request, saying: saying) }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn {
    .finish(answer.done ? lines(answer) : [answer.text])
  }
}

/// `Try again`: the last code or link once more.
struct RetryDialogue: Dialogue {
  mutating func begin() -> Turn { .send(ControlRequest(.activateRetry)) }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn {
    answer.done ? .watch : .leave([answer.text])
  }
}

/// Ping and DNS: asks what to try, then tries.
struct TargetDialogue: Dialogue {
  private let diagnosis: ControlRequest.Diagnosis
  private let label: String
  private let preset: String

  init(_ diagnosis: ControlRequest.Diagnosis, _ label: String, preset: String) {
    self.diagnosis = diagnosis
    self.label = label
    self.preset = preset
  }

  var question: Question {
    Question(label, .takes(preset), help: "A name such as portal.example, or an address.")
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    if text.isEmpty { throw Reason("A name or an address is needed.") }
    return .become(DiagnosisDialogue(diagnosis, target: try Check.host(text)))
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn { .finish([answer.text]) }
}

/// A diagnosis that runs.
struct DiagnosisDialogue: Dialogue {
  private var request = ControlRequest(.diagnose)

  init(_ diagnosis: ControlRequest.Diagnosis, target: String? = nil) {
    request.diagnosis = diagnosis
    request.target = target
  }

  mutating func begin() -> Turn { .send(request, saying: ["Running, at most 20 s ..."]) }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn {
    let lines = answer.lines ?? []
    return .finish(lines.isEmpty ? [answer.text] : lines)
  }
}

/// A yes-or-no question before a request.
struct SureDialogue: Dialogue {
  private let label: String
  private let request: ControlRequest

  init(_ label: String, _ verb: ControlRequest.Verb) {
    self.label = label
    request = ControlRequest(verb)
  }

  var question: Question { .yesOrNo(label, false) }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    try Check.yesOrNo(text) ? .send(request) : .leave([])
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn { .finish([answer.text]) }
}

/// `Factory reset`: the gateway's name, or its serial number, must be typed.
struct FactoryResetDialogue: Dialogue {
  private let accepted: [String]

  init(_ overview: Overview) {
    accepted = [overview.name, overview.appliance?.serial ?? ""].filter { !$0.isEmpty }
  }

  var question: Question {
    Question(
      "Type \(accepted.joined(separator: " or ")) to erase everything",
      help: "Enter alone goes back to the main menu; nothing is erased.")
  }

  mutating func begin() -> Turn {
    guard !accepted.isEmpty else { return .leave(["The serial number is not known yet."]) }
    return .ask(saying: [
      "Everything but the serial number is erased: configuration, certificate, password, log.",
      "The portal must then give a new code.",
    ])
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    guard accepted.contains(where: { $0.lowercased() == text.lowercased() }) else {
      throw Reason("That is not \(accepted[0]); nothing was erased.")
    }
    return .send(ControlRequest(.factoryReset))
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn { .finish([answer.text]) }
}
