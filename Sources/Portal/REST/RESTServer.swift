import HTTP
import HTTPServer
import JSON

/// The REST API: finds the route of a request, who asks, and answers.
final class RESTServer {
  /// Every path begins with this.
  static let prefix = "/api/v3/"
  /// The cookie of a session; browsers keep such a name to this host, over TLS, for every path.
  static let cookie = "__Host-ztb"

  static let routes: [RESTRoute] =
    SessionRoutes.all + TemplateRoutes.all + SiteRoutes.all + ClusterRoutes.all
    + UserRoutes.all + ActivationRoutes.all + SoftwareRoutes.all + BackupRoutes.all

  private let service: PortalService
  private let description: [UInt8]

  init(_ service: PortalService) {
    self.service = service
    description = OpenAPI.document(Self.routes, url: service.places.url).canonical
  }

  /// Answers a request below `/api`.
  func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) {
    respond(request, exchange.upload) { exchange.answer($0) }
  }

  /// Finds the answer to a request, now or later.
  func respond(
    _ request: HTTPRequest, _ upload: (any HTTPUpload)? = nil,
    _ answer: @escaping (HTTPResponse) -> Void
  ) {
    let finish: RESTCompletion = { result in
      switch result {
      case .success(let response): answer(Self.secured(response))
      case .failure(let error): answer(Self.secured(.failure(error)))
      }
    }
    do throws(PortalError) {
      if request.path == Self.prefix + "openapi.json", request.method == "GET" {
        finish(.success(.json(description)))
        return
      }
      let (route, parameters) = try find(request)
      let session = try authenticate(request, route)
      let call = RESTCall(
        service: service, request: request, parameters: parameters, session: session,
        upload: upload)
      switch route.action {
      case .now(let action): finish(.success(try action(call)))
      case .later(let action): action(call, finish)
      }
    } catch { finish(.failure(error)) }
  }

  private func find(
    _ request: HTTPRequest
  ) throws(PortalError) -> (RESTRoute, [String: String]) {
    guard request.path.hasPrefix(Self.prefix) else {
      throw .notFound("resource \(request.path)")
    }
    let path = request.path.dropFirst(Self.prefix.count).split(
      separator: "/", omittingEmptySubsequences: false)
    var allowed: [String] = []
    for route in Self.routes {
      guard let parameters = route.match(path) else { continue }
      if route.method == request.method { return (route, parameters) }
      allowed.append(route.method)
    }
    if allowed.isEmpty { throw .notFound("resource \(request.path)") }
    throw PortalError(
      status: 405, word: "method",
      message: "\(request.method) is not possible here; \(allowed.joined(separator: ", ")) is.")
  }

  /// Who asks. A browser adds the cookie by itself, so what changes something must prove with the
  /// form token that a page of ours sent it.
  private func authenticate(
    _ request: HTTPRequest, _ route: RESTRoute
  ) throws(PortalError) -> Session? {
    let session = try Self.session(of: request, service)
    if route.access == .open { return session }
    guard let session else { throw .unauthenticated }
    if request.method != "GET" {
      guard session.accepts(formToken: request.header("X-CSRF-Token")) else {
        throw Self.missingToken
      }
    }
    return session
  }

  static let missingToken = PortalError(
    status: 403, word: "csrf", message: "The X-CSRF-Token of the session is missing.")

  /// The session of a request, by API token or cookie.
  static func session(
    of request: HTTPRequest, _ service: PortalService
  ) throws(PortalError) -> Session? {
    if let header = request.header("Authorization") {
      let parts = header.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "bearer",
        let session = try service.session(apiToken: String(parts[1]), from: request.client)
      else { throw .unauthenticated }
      return session
    }
    guard let token = request.cookie(Self.cookie) else { return nil }
    return try service.session(token: token, from: request.client)
  }

  /// The cookie that begins a session; an empty token ends it.
  static func setCookie(_ token: String) -> String {
    let age = token.isEmpty ? 0 : PortalService.SessionLimits.lifeSeconds
    return "\(cookie)=\(token); Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=\(age)"
  }

  private static func secured(_ response: HTTPResponse) -> HTTPResponse {
    response.with("Cache-Control", "no-store").with("X-Content-Type-Options", "nosniff")
      .with("Referrer-Policy", "no-referrer")
  }
}
