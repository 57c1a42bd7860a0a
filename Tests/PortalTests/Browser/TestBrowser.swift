import HTTP
import Linux

@testable import Portal

/// The pages of a ``TestPortal``, as one browser uses them: it keeps cookies and follows nothing.
final class TestBrowser {
  let portal: TestPortal
  let browser: Browser
  var cookies: [String: String] = [:]
  private let reactor: Reactor

  init(_ portal: TestPortal? = nil) throws {
    self.portal = try portal ?? TestPortal()
    reactor = try Reactor()
    browser = try Browser(self.portal.service, reactor)
  }

  /// One whose user is signed in.
  static func signedIn(_ role: Role = .superAdmin, _ portal: TestPortal? = nil) throws
    -> TestBrowser
  {
    let browser = try TestBrowser(portal)
    try browser.signIn(role)
    return browser
  }

  func signIn(_ role: Role) throws {
    let service = portal.service
    // Somebody must be able to sign in, else everything leads to set-up.
    if role != .superAdmin, try service.needsSetUp() { try add("root", .superAdmin) }
    let name = "user-\(role.rawValue)"
    if try service.accounts.find(name: name) == nil { try add(name, role) }
    _ = post("/login", ["name": name, "password": "correct horse battery"])
  }

  private func add(_ name: String, _ role: Role) throws {
    let made = try portal.service.createUser(name: name, role: role.rawValue, by: portal.admin)
    let token = String(made.link.split(separator: "#")[1])
    var failure: PortalError?
    portal.service.setUp(
      token: token, name: name, password: "correct horse battery", from: "192.0.2.1"
    ) { result in
      if case .failure(let error) = result { failure = error }
    }
    if let failure { throw failure }
  }

  // MARK: Requests

  func get(_ target: String, headers: [HTTPField] = []) -> TestAnswer {
    let parts = target.split(separator: "?", maxSplits: 1)
    return send(
      HTTPRequest(
        method: "GET", path: String(parts[0]),
        query: parts.count > 1 ? URLCoding.fields(parts[1]) : [], headers: headers))
  }

  /// Posts a form with the token that the page before held.
  func post(
    _ path: String, _ form: KeyValuePairs<String, String>, token: String? = nil,
    headers: [HTTPField] = []
  ) -> TestAnswer {
    let page = get(["/login", "/setup"].contains(path) ? path : "/settings")
    let csrf = token ?? page.between("name=\"csrf\" value=\"", "\"")
    let fields = [("csrf", csrf)] + form.map { ($0.key, $0.value) }
    let body = fields.map { URLCoding.encode($0.0) + "=" + URLCoding.encode($0.1) }
    return send(
      HTTPRequest(
        method: "POST", path: path,
        headers: [HTTPField("Content-Type", "application/x-www-form-urlencoded")] + headers,
        body: Array(body.joined(separator: "&").utf8)))
  }

  func send(_ request: HTTPRequest) -> TestAnswer {
    var request = request
    request.client = "192.0.2.1"
    let jar = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
    if !jar.isEmpty { request.headers.append(HTTPField("Cookie", jar)) }
    var answer: HTTPResponse?
    browser.answer(request) { answer = $0 }
    let given = TestAnswer(response: answer ?? HTTPResponse(599))
    for field in given.response.headers where field.name == "Set-Cookie" {
      let pair = field.value.split(separator: ";")[0].split(separator: "=", maxSplits: 1)
      cookies[String(pair[0])] = pair.count > 1 ? String(pair[1]) : nil
    }
    return given
  }
}

/// What a browser was answered.
struct TestAnswer {
  let response: HTTPResponse

  var status: Int { response.status }
  var text: String { String(decoding: response.body, as: UTF8.self) }
  var place: String { header("Location") }

  func header(_ name: String) -> String {
    response.headers.first { $0.name == name }?.value ?? ""
  }

  /// The text between two others, where they first stand.
  func between(_ start: String, _ end: String) -> String {
    guard let from = text.firstRange(of: start) else { return "" }
    let rest = text[from.upperBound...]
    guard let to = rest.firstRange(of: end) else { return "" }
    return String(rest[..<to.lowerBound])
  }
}
