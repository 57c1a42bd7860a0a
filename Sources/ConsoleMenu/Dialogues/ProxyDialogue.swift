import Messages
import Wire

/// `Configure Web Proxy`.
struct ProxyDialogue: Dialogue {
  private enum Step { case use, place, user, password, apply }

  private let present: ProxyParameters?
  private var step = Step.use
  private var wanted: ProxyParameters?

  init(_ overview: Overview) { present = overview.wan?.proxy }

  var question: Question {
    switch step {
    case .use: .yesOrNo("Use a web proxy?", present != nil)
    case .place:
      Question(
        "Proxy host:port", .takes(present.map { "\($0.host):\($0.port)" } ?? ""),
        help: "The proxy that leads to the portal, such as proxy.example:3128.")
    case .user:
      Question(
        "User, or none", .takes(present?.user ?? "none"),
        help: "The user that the proxy asks for, or none.")
    case .password:
      Question("Password", .isEmpty, isSecret: true, help: "The password that the proxy asks for.")
    case .apply: .yesOrNo("Apply?", true)
    }
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    switch step {
    case .use:
      let uses = try Check.yesOrNo(text)
      step = uses ? .place : .apply
      return .ask(saying: uses ? [] : [summary])
    case .place:
      let place = try Check.place(text)
      // There is no question for the exceptions: those that were set elsewhere stay.
      wanted = ProxyParameters(
        host: place.host, port: place.port, exceptions: present?.exceptions ?? [])
      step = .user
      return .ask()
    case .user:
      guard !Check.isNone(text) else { return askToApply() }
      guard !text.isEmpty, text.utf8.count <= 128 else {
        throw Reason("A user has 1 to 128 characters; none means that the proxy asks for no user.")
      }
      wanted?.user = text
      step = .password
      return .ask()
    case .password:
      guard !text.isEmpty else { throw Reason("A user of a proxy has a password.") }
      wanted?.password = text
      return askToApply()
    case .apply:
      guard try Check.yesOrNo(text) else { return .leave(["Nothing was changed."]) }
      var request = ControlRequest(.proxyConfigure)
      request.proxy = wanted
      return .become(
        ChangeDialogue(
          request, done: wanted == nil ? "No web proxy is used." : "Web proxy configured."),
        saying: ["Applying ..."])
    }
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn { .finish([answer.text]) }

  private mutating func askToApply() -> Turn {
    step = .apply
    return .ask(saying: [summary])
  }

  private var summary: String {
    guard let wanted else { return "No web proxy" }
    return "Web proxy: \(wanted.host):\(wanted.port), "
      + (wanted.user.map { "user \($0)" } ?? "no user")
  }
}
