import HTTP
import HTTPServer
import JSON

/// One request to the REST API on its way to the domain.
struct RESTCall {
  let service: PortalService
  let request: HTTPRequest
  /// What stands in the path for each `{name}`.
  let parameters: [String: String]
  /// Who asks; nil only on routes that are open.
  let session: Session?
  /// What took the body, where a route has large ones.
  var upload: (any HTTPUpload)?

  /// The acting user; throws without one.
  func user() throws(PortalError) -> User {
    guard let session else { throw .unauthenticated }
    return session.user
  }

  /// A number in the path.
  func number(_ name: String) throws(PortalError) -> Int64 {
    guard let text = parameters[name], let number = Int64(text), number > 0 else {
      throw .notFound("\(name) '\(parameters[name] ?? "")'")
    }
    return number
  }

  /// A text in the path.
  func text(_ name: String) -> String { parameters[name] ?? "" }

  /// A number of the query, or nil when it is not there.
  func query(_ name: String) throws(PortalError) -> Int64? {
    guard let text = request.parameter(name) else { return nil }
    guard let number = Int64(text), number >= 0 else {
      throw .invalid(name, "'\(text)' is not a number")
    }
    return number
  }

  /// The body.
  func fields() throws(PortalError) -> Fields { try Fields(request) }
}

/// An answer that comes later.
typealias RESTCompletion = (Result<HTTPResponse, PortalError>) -> Void

/// A method and a path, and what they do.
struct RESTRoute: Sendable {
  /// Who may call it at all.
  enum Access: Hashable, Sendable {
    /// Everybody.
    case open
    /// Users; what they may do, the domain decides.
    case user
  }

  /// What it does.
  enum Action: Sendable {
    case now(@Sendable (RESTCall) throws(PortalError) -> HTTPResponse)
    case later(@Sendable (RESTCall, @escaping RESTCompletion) -> Void)
  }

  let method: String
  /// Behind `/api/v3/`, with `{name}` for what differs.
  let pattern: String
  let access: Access
  /// One line for the OpenAPI document.
  let summary: String
  let action: Action
  private let segments: [Substring]

  init(
    _ method: String, _ pattern: String, _ summary: String, access: Access = .user,
    _ action: @escaping @Sendable (RESTCall) throws(PortalError) -> HTTPResponse
  ) {
    self.init(method, pattern, summary, access: access, action: .now(action))
  }

  init(
    later method: String, _ pattern: String, _ summary: String, access: Access = .user,
    _ action: @escaping @Sendable (RESTCall, @escaping RESTCompletion) -> Void
  ) {
    self.init(method, pattern, summary, access: access, action: .later(action))
  }

  private init(
    _ method: String, _ pattern: String, _ summary: String, access: Access, action: Action
  ) {
    self.method = method
    self.pattern = pattern
    self.summary = summary
    self.access = access
    self.action = action
    segments = pattern.split(separator: "/")
  }

  /// The parameters of a path that this route is for; nil: it is not.
  func match(_ path: [Substring]) -> [String: String]? {
    guard path.count == segments.count else { return nil }
    var parameters: [String: String] = [:]
    for (segment, given) in zip(segments, path) {
      if segment.first == "{" {
        parameters[String(segment.dropFirst().dropLast())] = String(given)
      } else if segment != given {
        return nil
      }
    }
    return parameters
  }

  /// The names in the path.
  var parameterNames: [String] {
    segments.filter { $0.first == "{" }.map { String($0.dropFirst().dropLast()) }
  }
}

extension HTTPResponse {
  /// A JSON value.
  static func value(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
    .json(value.canonical, status: status)
  }

  /// An error as the REST API tells it.
  static func failure(_ error: PortalError) -> HTTPResponse {
    let response = HTTPResponse.value(RESTForm.error(error), status: error.status)
    guard let seconds = error.retryAfter else { return response }
    return response.with("Retry-After", "\(seconds)")
  }

  /// Done, nothing to say.
  static let noContent = HTTPResponse(204)
}
