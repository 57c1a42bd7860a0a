import Crypto
import HTTP
import HTTPServer
import Linux
import PortalPages

/// The portal for people: finds out who asks, and hands the request to the part that makes the
/// page. Whatever is changed is changed by a form that is posted, and answered with a redirect.
final class Browser {
  /// Bounds of what browsers send.
  enum Limits {
    /// Largest form, in octets.
    static let formBytes = 64 << 10
    /// Longest address to go on with after a log-in, in octets.
    static let nextBytes = 512
  }

  typealias Completion = (HTTPResponse) -> Void

  let service: PortalService
  let parcels = Parcels()
  let streams: LiveStreams
  private let assets: [String: Asset]

  /// Takes over ``PortalService/onChange``, so that open pages hear of changes.
  init(_ service: PortalService, _ reactor: Reactor) throws(SystemError) {
    self.service = service
    streams = try LiveStreams(service, reactor)
    assets = [
      Paths.style: Asset(Stylesheet.text, "text/css; charset=utf-8"),
      Paths.script: Asset(LiveScript.text, "text/javascript; charset=utf-8"),
    ]
    service.onChange = { [weak streams] change in streams?.tell(change) }
  }

  /// Answers a request for anything but the API.
  func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) {
    if request.path == Paths.events, request.method == "GET" {
      if let session = signedIn(request) {
        streams.open(exchange, session, token: request.cookie(RESTServer.cookie) ?? "")
      } else {
        exchange.answer(Self.secured(.text("Sign in first.\n", status: 401)))
      }
      return
    }
    answer(request, exchange.upload as? BundleUpload) { exchange.answer($0) }
  }

  /// Answers a request for a page; `completion` may be called later.
  ///
  /// - Parameter upload: what took the body of the request; nil: it is in the request.
  func answer(
    _ request: HTTPRequest, _ upload: BundleUpload? = nil, _ completion: @escaping Completion
  ) {
    // Forms with files that are small are read like the others.
    let request = upload == nil ? request.flattened() ?? request : request
    let finish: Completion = { completion(Self.secured($0)) }
    if let asset = assets[request.path] { return finish(asset.answer(request)) }
    let session = signedIn(request)
    do throws(PortalError) {
      try Self.requireFit(request, upload)
      if try SignIn(browser: self, request: request).answer(session, finish) { return }
      guard let session else { return finish(Self.signInFirst(request)) }
      try Self.requireOwn(request, session, upload)
      let visit = Visit(service: service, request: request, session: session, parcels: parcels)
      let way = request.path.split(separator: "/").map(String.init)
      if way.first == "settings",
        SettingsArea(visit: visit).changePassword(way.dropFirst(), finish)
      {
        return
      }
      if request.path == Paths.software {
        return finish(try SoftwareArea(visit: visit, upload: upload).answer([]))
      }
      finish(try page(visit, way))
    } catch { finish(failure(error, session, request)) }
  }

  private func page(_ visit: Visit, _ way: [String]) throws(PortalError) -> HTTPResponse {
    let rest = way.dropFirst()
    switch way.first {
    case nil: return .redirect(to: Paths.sites)
    case "sites": return try SitesArea(visit: visit).answer(rest)
    case "gateways": return try GatewaysArea(visit: visit).answer(rest)
    case "templates": return try TemplatesArea(visit: visit).answer(rest)
    case "users": return try UsersArea(visit: visit).answer(rest)
    case "audit" where rest.isEmpty: return try AuditArea(visit: visit).answer()
    case "settings" where rest.first == "software":
      return try SoftwareArea(visit: visit).answer(rest.dropFirst())
    case "settings": return try SettingsArea(visit: visit).answer(rest)
    default: throw Visit.noPage
    }
  }

  // MARK: Who asks

  /// The session of the cookie. API tokens do not open pages: they never expire by disuse.
  private func signedIn(_ request: HTTPRequest) -> Session? {
    guard let token = request.cookie(RESTServer.cookie) else { return nil }
    let isUse = request.header("X-Live") == nil && request.path != Paths.events
    do {
      return try service.session(token: token, from: request.client, isUse: isUse)
    } catch {
      Log.error("session \(error.message)")
      return nil
    }
  }

  private static func requireFit(
    _ request: HTTPRequest, _ upload: BundleUpload?
  ) throws(PortalError) {
    switch request.method {
    case "GET": return
    case "POST": break
    default:
      throw PortalError(
        status: 405, word: "method", message: "Pages are read and forms are posted, nothing else.")
    }
    guard request.body.count <= Limits.formBytes else {
      throw PortalError(status: 413, word: "too-large", message: "This form is too large.")
    }
    let kind = request.header("Content-Type") ?? ""
    guard upload != nil || kind.hasPrefix("application/x-www-form-urlencoded") else {
      throw PortalError(status: 415, word: "kind", message: "This is not a form of the portal.")
    }
    // Browsers say where a form comes from; what says nothing has to know the token all the same.
    // Our own pages ask for no referrer, and then the origin of a form is "null" (Fetch 3.2).
    if let place = request.header("Sec-Fetch-Site"), place != "same-origin" { throw foreign }
    if let origin = request.header("Origin"), origin != "null", let host = request.header("Host"),
      origin.lowercased() != "https://\(host.lowercased())"
    {
      throw foreign
    }
  }

  /// A form must carry the token of the session, which no other site can read.
  private static func requireOwn(
    _ request: HTTPRequest, _ session: Session, _ upload: BundleUpload?
  ) throws(PortalError) {
    guard request.method == "POST" else { return }
    if let upload {
      guard upload.isAccepted else { throw foreign }
      return
    }
    guard session.accepts(formToken: request.form["csrf"]) else { throw foreign }
  }

  static let foreign = PortalError(
    status: 403, word: "csrf", message: "This form is not from your session.")

  private static func signInFirst(_ request: HTTPRequest) -> HTTPResponse {
    guard request.method == "GET", request.path != "/" else {
      return .redirect(to: Paths.login, status: 303)
    }
    var next = request.path
    if !request.query.isEmpty {
      let pairs = request.query.map {
        URLCoding.encode($0.name) + "=" + URLCoding.encode($0.value)
      }
      next += "?" + pairs.joined(separator: "&")
    }
    guard next.utf8.count <= Limits.nextBytes else { return .redirect(to: Paths.login) }
    return .redirect(to: "\(Paths.login)?next=\(URLCoding.encode(next))")
  }

  // MARK: What goes out

  private func failure(
    _ error: PortalError, _ session: Session?, _ request: HTTPRequest
  ) -> HTTPResponse {
    let frame = session.map { Visit.frame($0, at: service.now()) }
    var response = HTTPResponse.html(
      error.page(signedIn: session != nil).html(frame), status: error.status)
    if error.status == 405 { response = response.with("Allow", "GET, HEAD, POST") }
    if let seconds = error.retryAfter { response = response.with("Retry-After", "\(seconds)") }
    return response
  }

  /// Nothing is kept by browsers or proxies, framed, or loaded from elsewhere.
  static func secured(_ response: HTTPResponse) -> HTTPResponse {
    let policy =
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
      + "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    var response = response
    if !response.headers.contains(where: { $0.name == "Cache-Control" }) {
      response = response.with("Cache-Control", "no-store")
    }
    return response.with("Content-Security-Policy", policy)
      .with("X-Content-Type-Options", "nosniff").with("Referrer-Policy", "no-referrer")
      .with("X-Frame-Options", "DENY").with("Cross-Origin-Opener-Policy", "same-origin")
  }
}

/// A text that every page loads. Browsers keep it, and ask whether it is still the same.
private struct Asset {
  let body: [UInt8]
  let kind: String
  let tag: String

  init(_ text: String, _ kind: String) {
    body = Array(text.utf8)
    self.kind = kind
    let digest = sha256(body).prefix(9)
    tag = "\"" + digest.map { String($0, radix: 36) }.joined() + "\""
  }

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    let headers = [
      HTTPField("Content-Type", kind), HTTPField("Cache-Control", "no-cache"),
      HTTPField("ETag", tag),
    ]
    if request.header("If-None-Match") == tag { return HTTPResponse(304, headers: headers) }
    return HTTPResponse(200, headers: headers, body: body)
  }
}
