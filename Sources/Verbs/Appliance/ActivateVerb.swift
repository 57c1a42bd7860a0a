import Activation
import Linux
import Messages
import Wire

/// `activate`.
enum ActivateVerb {
  /// How often progress is asked for.
  private static let period = Interval.milliseconds(500)

  static let activate = Verb(
    words: ["activate"], synopsis: "CODE|LINK|- [--wait] [--timeout SECONDS]",
    summary: "activate with a code or a link of the portal",
    details: """
        -                  read the code or the link from standard input: a command
                           line can be seen by others
        --wait             follow the nine steps to the end
        --timeout SECONDS  1…3600, exit status 1 when it passes (300)

      CODE is 16 characters, or CODE@HOST:PORT for another portal than the default.
      LINK is the whole link, or what follows its #. Activation needs the network, on
      the WAN port itself: a subinterface is not enough.
      """,
    options: ["--timeout"], flags: ["--wait"], operands: 1...1
  ) { invocation in
    let seconds = try invocation.number("--timeout", in: 1...3_600, default: 300)
    let operand = invocation.operands[0]
    let request = try request(
      operand == "-" ? try SecretInput.line(prompt: "Code or link: ") : operand)
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let answer = try client.ask(request)
    guard invocation.flags.contains("--wait") else {
      if invocation.isJSON { return try printJSON(answer) }
      return print(answer.text.isEmpty ? "activation begun; see ztb status" : answer.text)
    }
    let end = MonotonicClock.now() + .seconds(seconds)
    try follow(client, until: end, isJSON: invocation.isJSON)
  }

  /// A code is checked before anything is asked; a link is the supervisor's to read.
  static func request(_ text: String) throws -> ControlRequest {
    var request = ControlRequest(.activate)
    if text.contains("ZTB1.") {
      request.link = text
      return request
    }
    do throws(ActivationCodeError) {
      _ = try TypedCode(parsing: text)
    } catch { throw Refusal.failed("\(error)") }
    request.code = text
    return request
  }

  private static func follow(_ client: ControlClient, until end: Instant, isJSON: Bool) throws {
    let timer = try Reactor()
    var shown: [Int: ActivationStepStatus.State] = [:]
    while true {
      let activation = try client.ask(ControlRequest(.overview)).activation
      guard let activation else {
        throw Refusal.failed("the supervisor says nothing of its activation; restart it")
      }
      if !isJSON { news(of: activation, &shown).forEach { print($0) } }
      if activation.state == .activated {
        return isJSON
          ? try printJSON(activation) : print("Gateway \(activation.gateway) is activated.")
      }
      let isRunning = activation.steps.contains { $0.state == .running }
      if !activation.failure.isEmpty && !isRunning {
        if isJSON { try printJSON(activation) }
        throw Refusal.failed((activation.failure + [activation.remedy]).joined(separator: "\n"))
      }
      guard MonotonicClock.now() < end else {
        throw Refusal.failed("activate: not in time; it goes on, see ztb status")
      }
      // An empty loop sleeps.
      try timer.turn(timeoutMilliseconds: Int32(period.milliseconds))
    }
  }

  /// One line for each step whose state is another.
  static func news(
    of activation: ActivationStatus, _ shown: inout [Int: ActivationStepStatus.State]
  ) -> [String] {
    activation.steps.filter { $0.state != .waiting && shown[$0.number] != $0.state }.map { step in
      shown[step.number] = step.state
      let cause = step.cause.isEmpty ? "" : ": \(step.cause)"
      let total = activation.steps.count
      return "\(step.number)/\(total) \(padded(step.name, 22)) \(step.state.rawValue)\(cause)"
    }
  }
}
