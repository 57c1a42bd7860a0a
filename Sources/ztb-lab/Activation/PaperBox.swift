import Activation
import Crypto
import HTTP
import HTTPClient
import JSON
import Linux
import Wire

/// A gateway that exists on paper only: it has a key and speaks with the portal as the wire contract
/// says, without a box around it. For races, crowds and requests that no box would send.
struct PaperBox {
  let key: P256Key
  var serial: String
  var profile = "zt400"
  /// What the box says of its WAN.
  var wan: JSONValue = PaperBox.dhcp
  /// What it says of its web proxy, as `host:port`.
  var proxy: String?

  static let dhcp = JSONValue.of(
    ("mode", .string("dhcp")), ("address", .null), ("gateway", .null), ("vlan", .null),
    ("dns", .array(Plan.publicResolvers.map { .string("\($0)") })))

  init(serial: String) throws {
    key = try P256Key.make()
    self.serial = serial
  }

  /// Asks the portal to prove that it knows the secret of a code.
  static func anchor(_ portal: String, id: String, nonce: [UInt8]) -> HTTPClient.Request {
    post(
      portal, "/api/v3/activation/anchor",
      .of(("id", .string(id)), ("nonce", .string(Base64URL.encode(nonce)))))
  }

  /// Asks whether a code would be taken; nothing is consumed.
  func validate(_ portal: String, code: String, linkDigest: [UInt8]? = nil) -> HTTPClient.Request {
    PaperBox.post(
      portal, "/api/v3/activation/validateActivationCode", body(code, linkDigest, []))
  }

  /// Asks for a certificate.
  func enroll(
    _ portal: String, code: String, linkDigest: [UInt8]? = nil
  ) throws -> HTTPClient.Request {
    let request = try key.certificateRequest(commonName: serial)
    return PaperBox.post(
      portal, "/api/v3/activation/enroll",
      body(code, linkDigest, [.init("csr", .string(request))]))
  }

  private func body(
    _ code: String, _ linkDigest: [UInt8]?, _ more: [JSONValue.Member]
  ) -> JSONValue {
    .object(
      [
        .init("code", .string(code)), .init("serial", .string(serial)),
        .init("profile", .string(profile)), .init("version", .string("0.1.0")),
        .init("wan", wan), .init("proxy", .text(proxy)),
        .init("linkDigest", .text(linkDigest.map { Base64URL.encode($0) })),
      ] + more)
  }

  static func post(_ portal: String, _ path: String, _ body: JSONValue) -> HTTPClient.Request {
    .trusting(
      "POST", portal + path, headers: [HTTPField("Content-Type", "application/json")],
      body: body.canonical)
  }
}

/// A gateway on paper that the portal has taken in.
struct PaperGateway {
  let id: String
  let name: String
  /// `https://HOST:PORT` for gateways.
  let url: String
  let identity: HTTPClient.Identity

  /// Reads the portal's answer to ``PaperBox/enroll(_:code:linkDigest:)``.
  init(_ box: PaperBox, _ answer: HTTPResponse) throws {
    let value = try JSON(parsing: answer.text)
    guard answer.status == 200, let id = value["gatewayId"].text, let name = value["gateway"].text,
      let certificate = value["certificate"].text, let url = value["agentUrl"].text
    else { throw LabError.failed("not enrolled: \(answer.status) \(answer.text)") }
    self.id = id
    self.name = name
    self.url = url.replacing(Plan.portalName, with: "\(Plan.portal)")
    identity = .init(certificate: certificate, privateKey: box.key.pem)
  }

  /// Reads what ``line`` wrote.
  init(line: String) throws {
    let value = try JSON(parsing: line)
    guard let id = value["id"].text, let name = value["name"].text, let url = value["url"].text,
      let certificate = value["certificate"].text, let key = value["key"].text
    else { throw LabError.failed("no gateway in \(line.prefix(80))") }
    self.id = id
    self.name = name
    self.url = url
    identity = .init(certificate: certificate, privateKey: key)
  }

  /// Everything about it on one line, for a process of its own.
  var line: String {
    let value = JSONValue.of(
      ("id", .string(id)), ("name", .string(name)), ("url", .string(url)),
      ("certificate", .string(identity.certificate)), ("key", .string(identity.privateKey)))
    return String(decoding: value.canonical, as: UTF8.self)
  }

  /// Waits for a configuration that is newer than `version`.
  func configuration(have version: Int) -> HTTPClient.Request {
    request("GET", "/api/v3/agent/config?have=\(version)")
  }

  /// Tells the portal a state, and what became of a configuration.
  func status(_ state: String, applied: (Int, String)? = nil) -> HTTPClient.Request {
    let outcome = applied.map { version, outcome in
      JSONValue.of(
        ("version", .integer(version)), ("outcome", .string(outcome)), ("reason", .string("")))
    }
    let document = JSONValue.of(
      ("gateway", .string(name)), ("activation", .string("activated")), ("state", .string(state)),
      ("since", .string(WallClock.timestamp())), ("roles", .array([])), ("alarms", .array([])),
      ("sync", .of(("ready", .bool(true)))))
    return request(
      "POST", "/api/v3/agent/status",
      .of(
        ("status", document), ("applied", outcome ?? .null), ("commandResults", .array([]))))
  }

  private func request(
    _ method: String, _ path: String, _ body: JSONValue? = nil
  ) -> HTTPClient.Request {
    var request = HTTPClient.Request.trusting(
      method, url + path, headers: [HTTPField("Content-Type", "application/json")],
      body: body?.canonical ?? [], seconds: 70)
    request.identity = identity
    return request
  }
}
