import Crypto
import HTTP
import HTTPClient
import JSON
import Linux

/// What hostile requests are made with: an attacker's machine, two sessions, a gateway on paper.
final class HostileScene {
  let attacker: Attacker
  let admin: PortalAdmin
  let site: PortalSite
  /// Of a super admin.
  let session: PortalAdmin.Session
  /// Of somebody who may look, and nothing else.
  let viewer: PortalAdmin.Session
  /// Gateway 1 of the site.
  let gateway: PaperGateway

  init(_ attacker: Attacker, _ admin: PortalAdmin) throws {
    self.attacker = attacker
    self.admin = admin
    site = try admin.addSite(SiteShape("hostile"))
    session = try admin.logIn(PortalAdmin.user, PortalAdmin.password)
    let made = try admin.call(
      "POST", "/api/v3/users", .of(("name", .string("viewer")), ("role", .string("viewer"))))
    let token = made["link"].text?.split(separator: "#").last ?? ""
    try admin.call(
      "POST", "/api/v3/setup",
      .of(
        ("token", .string(String(token))), ("name", .string("viewer")),
        ("password", .string(PortalAdmin.password))))
    viewer = try admin.logIn("viewer", PortalAdmin.password)
    let box = try PaperBox(serial: "FIRST")
    gateway = try PaperGateway(
      box, try admin.client.send(try box.enroll(Portal.url, code: site.gateways[0].code)))
  }

  func asViewer(_ method: String, _ path: String, json: String = "") throws -> Attacker.Outcome {
    try send(method, path, json, viewer)
  }

  func asAdmin(_ method: String, _ path: String, json: String = "") throws -> Attacker.Outcome {
    try send(method, path, json, session)
  }

  private func send(
    _ method: String, _ path: String, _ json: String, _ session: PortalAdmin.Session
  ) throws -> Attacker.Outcome {
    json.isEmpty
      ? try attacker.send(method, path, headers: session.headers)
      : try attacker.send(method, path, json: json, headers: session.headers)
  }

  /// Posts a form with the administrator's cookie.
  func post(
    _ path: String, _ body: String, headers: [HTTPField] = []
  ) throws -> Attacker.Outcome {
    try attacker.send(
      "POST", path,
      headers: headers + [
        HTTPField("Cookie", session.cookie),
        HTTPField("Content-Type", "application/x-www-form-urlencoded"),
      ], body: body)
  }

  func logIn(_ name: String, _ password: String) throws -> Attacker.Outcome {
    try attacker.send(
      "POST", "/api/v3/login", json: #"{"name":"\#(name)","password":"\#(password)"}"#)
  }

  /// Posts as gateway 1.
  func asGateway(_ path: String, _ body: String) throws -> Attacker.Outcome {
    var request = gateway.status("active")
    request.url = gateway.url + path
    request.body = Array(body.utf8)
    return try attacker.outcome(request)
  }

  /// Asks for a certificate of gateway 2 with a request of the attacker's making.
  func enroll(csr: String) throws -> Attacker.Outcome {
    let wan = String(decoding: PaperBox.dhcp.canonical, as: UTF8.self)
    return try attacker.send(
      "POST", "/api/v3/activation/enroll",
      json: #"{"code":"\#(site.gateways[1].code)","serial":"E","profile":"zt400","version":"1","#
        + #""wan":\#(wan),"proxy":null,"linkDigest":null,"csr":"\#(csr)"}"#)
  }

  /// Where the log-in page leads a person who came with a `next`.
  func placeAfterLogIn(next: String) throws -> String {
    let page = try attacker.client.send(
      .trusting("GET", "\(Portal.url)/login?next=\(URLCoding.encode(next))"))
    let cookie = String((page.header("Set-Cookie") ?? "").prefix { $0 != ";" })
    var fields = ActivationPage.hiddenFields(page.text)
    fields += [("name", PortalAdmin.user), ("password", PortalAdmin.password)]
    let body = fields.map { "\($0.0)=\(URLCoding.encode($0.1))" }.joined(separator: "&")
    let answer = try attacker.client.send(
      .trusting(
        "POST", "\(Portal.url)/login",
        headers: [
          HTTPField("Cookie", cookie),
          HTTPField("Content-Type", "application/x-www-form-urlencoded"),
        ], body: Array(body.utf8)))
    return answer.status == 303 ? answer.header("Location") ?? "" : "status \(answer.status)"
  }

  /// A certificate for a gateway's name that the portal did not sign.
  func selfSigned() throws -> HTTPClient.Identity {
    let key = try P256Key.make()
    try attacker.host.write("/run/key.pem", key.pem)
    let certificate = try attacker.host.run([
      "openssl", "req", "-x509", "-key", "/run/key.pem", "-subj", "/CN=\(site.gateways[0].id)",
      "-days", "1",
    ])
    return .init(certificate: certificate + "\n", privateKey: key.pem)
  }

  /// A PEM text with one character near its end changed.
  static func damaged(_ pem: String) -> String {
    var lines = pem.split(separator: "\n").map(String.init)
    guard lines.count > 3 else { return pem }
    let line = lines.count - 2
    var characters = Array(lines[line])
    characters[2] = characters[2] == "A" ? "B" : "A"
    lines[line] = String(characters)
    return lines.joined(separator: "\n") + "\n"
  }
}
