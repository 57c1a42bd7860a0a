import HTTP
import Messages
import Wire

/// Everything that the management port answers: the activation page, and for every other name on
/// the cable the way to it.
///
/// It knows neither socket nor supervisor: a request comes in, `ask` carries requests to the
/// supervisor and its answers back, `respond` is called once.
final class ActivationSite {
  /// Asks the supervisor; nil when it does not answer in time.
  typealias Ask = (ControlRequest, @escaping (ControlAnswer?) -> Void) -> Void
  /// Takes the answer to a request.
  typealias Respond = (HTTPResponse) -> Void

  private enum Limits {
    /// How old a picture may be that decides about other people's names.
    static let pictureAge = Interval.seconds(2)
  }

  let address: String
  let gate: Gate
  let tokens: FormToken
  let ask: Ask
  let clock: () -> Instant
  var throttle = Throttle()
  private var picture: (overview: Overview, at: Instant)?

  /// - Parameter key: random, for form tokens.
  init(
    _ configuration: WebConfiguration, key: [UInt8], ask: @escaping Ask,
    clock: @escaping () -> Instant
  ) {
    address = configuration.address
    gate = Gate(address: configuration.address, hosts: configuration.hosts)
    tokens = FormToken(key: key)
    self.ask = ask
    self.clock = clock
  }

  /// Answers a request, now or when the supervisor has answered.
  func handle(_ request: HTTPRequest, _ respond: @escaping Respond) {
    let secured: Respond = { respond(SecurityHeaders.add(to: $0)) }
    switch gate.judge(request) {
    case .refuse(let status, let reason):
      let refusal = HTTPResponse.text(reason + "\n", status: status)
      secured(status == 405 ? refusal.with("Allow", "GET, HEAD, POST") : refusal)
    case .foreign: foreign(request, secured)
    case .serve where request.method == "POST": submitted(request, secured)
    case .serve: asked(request, secured)
    }
  }

  // MARK: Other people's names

  /// Until the activation is completed every name leads to the page, so that an operating system
  /// that looks for the Internet shows it by itself.
  private func foreign(_ request: HTTPRequest, _ respond: @escaping Respond) {
    if request.path == "/wpad.dat" { return respond(ActivationSite.proxyConfiguration) }
    overview(notOlderThan: Limits.pictureAge) { [address] overview in
      respond(
        overview?.activation.state == .activated
          ? .text("There is nothing here.\n", status: 404)
          : .redirect(to: "http://\(address)/"))
    }
  }

  /// Web proxy discovery (option 252): none.
  private static let proxyConfiguration = HTTPResponse(
    200, headers: [HTTPField("Content-Type", "application/x-ns-proxy-autoconfig")],
    body: Array("function FindProxyForURL(url, host) { return \"DIRECT\"; }\n".utf8))

  // MARK: Pages

  private func asked(_ request: HTTPRequest, _ respond: @escaping Respond) {
    switch request.path {
    case "/page.css": return respond(.asset(PageStyle.text, "text/css"))
    case "/page.js": return respond(.asset(PageScript.text, "text/javascript"))
    case "/wpad.dat": return respond(ActivationSite.proxyConfiguration)
    case let path where ProbePaths.all.contains(path): return foreign(request, respond)
    default: break
    }
    overview { [self] overview in
      guard let overview else { return respond(MessagePage.busy) }
      respond(page(request, overview))
    }
  }

  private func page(_ request: HTTPRequest, _ overview: Overview) -> HTTPResponse {
    let context = context(request, overview)
    let isActivated = overview.activation.state == .activated
    switch request.path {
    case "/", "/activate":
      return overview.activation.state == .unactivated
        ? LinkPage.page(context, overview) : ProgressPage.page(context, overview)
    case "/link":
      return overview.isRunning || isActivated
        ? ProgressPage.page(context, overview) : LinkPage.page(context, overview)
    case "/progress":
      return overview.hasSteps || isActivated
        ? ProgressPage.page(context, overview) : .redirect(to: "/")
    case "/settings":
      let saved = request.parameter("saved").flatMap { SettingsPage.Saved(rawValue: $0) }
      return SettingsPage.page(context, overview, saved: saved)
    default: return MessagePage.notFound(context)
    }
  }

  func context(_ request: HTTPRequest, _ overview: Overview) -> PageContext {
    PageContext(
      appliance: overview.appliance,
      token: tokens.make(client: request.client, at: clock()))
  }

  // MARK: The picture

  /// The picture of the appliance: a fresh one, or one of the given age.
  func overview(notOlderThan age: Interval? = nil, _ then: @escaping (Overview?) -> Void) {
    if let age, let picture, clock() - picture.at < age { return then(picture.overview) }
    ask(ControlRequest(.overview)) { [self] answer in
      let overview = answer.flatMap { Overview($0) }
      if let overview { picture = (overview, clock()) }
      then(overview)
    }
  }
}

/// What operating systems and browsers ask for to find out whether they are in the Internet.
enum ProbePaths {
  static let all: Set = [
    "/generate_204", "/gen_204", "/hotspot-detect.html", "/library/test/success.html",
    "/connecttest.txt", "/ncsi.txt", "/redirect", "/canonical.html", "/success.txt",
    "/check_network_status.txt", "/nm-check.txt",
  ]
}

/// What is said to browsers with every answer.
enum SecurityHeaders {
  /// Nothing is loaded from elsewhere, framed, cached or run in the page; and no address of ours is
  /// told to another site. Between our own pages it is told, because browsers leave out the Origin
  /// of forms where no referrer is allowed at all. No HSTS: the address is the same on every box.
  private static let fields = [
    HTTPField(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
    HTTPField("Referrer-Policy", "same-origin"), HTTPField("Cache-Control", "no-store"),
    HTTPField("X-Content-Type-Options", "nosniff"), HTTPField("X-Frame-Options", "DENY"),
  ]

  static func add(to response: HTTPResponse) -> HTTPResponse {
    var response = response
    response.headers += fields
    return response
  }
}

extension HTTPResponse {
  /// A file of the page.
  static func asset(_ text: String, _ type: String) -> HTTPResponse {
    HTTPResponse(
      200, headers: [HTTPField("Content-Type", type + "; charset=utf-8")], body: Array(text.utf8))
  }
}
