import HTTP
import HTTPClient
import JSON
import Linux
import Wire

/// The administrator of the portal, over its REST interface.
final class PortalAdmin {
  static let user = "claire.martin"
  static let password = "correct horse battery staple"

  let portal: Portal
  let client: WebClient
  let world: World
  private(set) var headers: [HTTPField] = []
  private var templates: [String: Int] = [:]

  /// Logs in at a portal; unless it `isSetUp` already, opens its set-up link and makes the
  /// administrator first.
  init(_ portal: Portal, _ world: World, isSetUp: Bool = false) throws {
    self.portal = portal
    self.world = world
    client = try WebClient(portal.host) { try world.pause(milliseconds: 1) }
    if !isSetUp {
      let token = try portal.setUpLink().split(separator: "#").last ?? ""
      try call(
        "POST", "/api/v3/setup",
        .of(
          ("token", .string(String(token))), ("name", .string(PortalAdmin.user)),
          ("password", .string(PortalAdmin.password))))
    }
    headers = [HTTPField("Authorization", "Bearer \(try makeToken())")]
    for template in try call("GET", "/api/v3/templates")["templates"].array
    where template["isDefault"].bool == true {
      guard let id = template["id"].int, let type = template["deploymentType"].text,
        let platform = template["platformType"].text
      else { continue }
      templates["\(platform) \(type)"] = id
    }
  }

  /// A token that outlives the session it was made in.
  private func makeToken() throws -> String {
    let session = try logIn(PortalAdmin.user, PortalAdmin.password)
    var request = HTTPClient.Request.trusting(
      "POST", Portal.url + "/api/v3/tokens",
      headers: session.headers + [HTTPField("Content-Type", "application/json")])
    request.body = JSONValue.of(("name", .string("lab")), ("days", .integer(1))).canonical
    let answer = try client.send(request)
    guard answer.status == 201, let secret = try JSON(parsing: answer.text)["secret"].text else {
      throw LabError.failed("no token: \(answer.status) \(answer.text)")
    }
    return secret
  }

  /// A session as browsers have it.
  struct Session {
    /// `__Host-ztb=…`.
    let cookie: String
    /// What forms and scripts send along.
    let formToken: String

    var headers: [HTTPField] {
      [HTTPField("Cookie", cookie), HTTPField("X-CSRF-Token", formToken)]
    }
  }

  /// Begins a session.
  func logIn(_ name: String, _ password: String) throws -> Session {
    var request = HTTPClient.Request.trusting(
      "POST", Portal.url + "/api/v3/login",
      headers: [HTTPField("Content-Type", "application/json")])
    request.body =
      JSONValue.of(("name", .string(name)), ("password", .string(password))).canonical
    let answer = try client.send(request)
    guard answer.status == 200, let cookie = answer.header("Set-Cookie"),
      let token = try JSON(parsing: answer.text)["csrfToken"].text
    else { throw LabError.failed("log-in: \(answer.status) \(answer.text)") }
    return Session(cookie: String(cookie.prefix { $0 != ";" }), formToken: token)
  }

  /// Sends a request as this administrator; its answer, whatever the status.
  func answer(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> HTTPResponse {
    try client.send(request(method, path, body))
  }

  /// The same, not yet sent.
  func request(
    _ method: String, _ path: String, _ body: JSONValue? = nil
  ) -> HTTPClient.Request {
    .trusting(
      method, Portal.url + path,
      headers: headers + (body == nil ? [] : [HTTPField("Content-Type", "application/json")]),
      body: body?.canonical ?? [])
  }

  /// Sends a request that must be done; what it returns.
  @discardableResult
  func call(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> JSON {
    try PortalAdmin.value(try answer(method, path, body), "\(method) \(path)")
  }

  /// Adds a version of the software.
  func addSoftware(_ bundle: [UInt8]) throws {
    let request = HTTPClient.Request.trusting(
      "POST", Portal.url + "/api/v3/software",
      headers: headers + [HTTPField("Content-Type", "application/octet-stream")], body: bundle)
    _ = try PortalAdmin.value(try client.send(request), "POST software")
  }

  /// The value of an answer that must be a good one.
  static func value(_ answer: HTTPResponse, _ what: String) throws -> JSON {
    guard (200..<300).contains(answer.status) else {
      throw LabError.failed("portal: \(what): \(answer.status) \(answer.text.prefix(300))")
    }
    return answer.body.isEmpty ? JSON(nil) : try JSON(parsing: answer.text)
  }

  /// The number of a default template.
  func template(_ platform: String, isPair: Bool) throws -> Int {
    let key = "\(platform) \(isPair ? "standard_mode_ha" : "standalone")"
    guard let id = templates[key] else {
      throw LabError.failed("the portal has no default template for \(key)")
    }
    return id
  }
}
