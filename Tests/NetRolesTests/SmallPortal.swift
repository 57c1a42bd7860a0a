import Activation
import Crypto
import Glibc
import HTTP
import HTTPServer
import JSON
import Linux
import Wire

/// A portal with one gateway, on two free ports of this machine, in the test's own loop.
final class SmallPortal {
  static let now = WallClock.secondsSince1970()

  let authority: CertificateAuthority
  let code: ActivationCode
  private let reactor: Reactor
  private let identity: TLSIdentity
  private let agentIdentity: TLSIdentity
  private(set) var port: UInt16 = 0
  private(set) var agentPort: UInt16 = 0
  private var servers: [HTTPServer] = []

  /// Every request, as `METHOD path`.
  private(set) var log: [String] = []
  /// Bodies by the last part of the path.
  private(set) var bodies: [String: [JSONValue]] = [:]
  /// The next answer to a path, instead of the usual one.
  var overrides: [String: HTTPResponse] = [:]
  /// The public key that the code is bound to.
  private var boundKey: [UInt8]?
  private var waiting: HTTPExchange?
  /// What the next poll brings.
  private var news: [JSONValue.Member] = []

  init(_ reactor: Reactor, dates: Int64 = SmallPortal.now) throws {
    self.reactor = reactor
    authority = try CertificateAuthority.make(name: "Test CA", now: dates)
    code = ActivationCode(random: try randomOctets(ActivationCode.randomCount))
    let key = try P256Key.make()
    let certificate = try authority.serverCertificate(
      for: key, names: ["localhost", "127.0.0.1"], now: dates)
    identity = TLSIdentity(certificate: certificate, privateKey: key.pem)
    agentIdentity = TLSIdentity(
      certificate: certificate, privateKey: key.pem,
      clientAuthorities: authority.certificatePEM)
    try start()
  }

  var url: String { "https://localhost:\(port)" }
  var agentURL: String { "https://localhost:\(agentPort)" }

  /// Begins to answer; after ``stop()`` on the same ports.
  func start() throws {
    let listeners = [port, agentPort]
    for (index, tls) in [identity, agentIdentity].enumerated() {
      let listener = try TCPListener.listen(on: IPv4Address(127, 0, 0, 1), port: listeners[index])
      let number = try TCPListener.port(of: listener.rawValue)
      if index == 0 { port = number } else { agentPort = number }
      servers.append(
        try HTTPServer(reactor, listener: listener, tls: tls) { [unowned self] in
          answer($0, $1)
        })
    }
  }

  /// Closes everything at once.
  func stop() {
    waiting = nil
    for server in servers { server.stop() }
    servers = []
  }

  /// Something for the gateway: the waiting poll is answered, or the next one.
  func announce(_ members: JSONValue.Member...) {
    news += members
    guard let exchange = waiting else { return }
    waiting = nil
    exchange.answer(takeNews())
  }

  private func takeNews() -> HTTPResponse {
    defer { news = [] }
    return .json(JSONValue.object(news).canonical)
  }

  private func answer(_ request: HTTPRequest, _ exchange: HTTPExchange) {
    let name = String(request.path.split(separator: "/").last ?? "")
    log.append("\(request.method) \(request.path)")
    let body = try? JSONParser.parse(request.body)
    if let body { bodies[name, default: []].append(body) }
    if let override = overrides.removeValue(forKey: name) { return exchange.answer(override) }
    switch name {
    case "anchor": exchange.answer(anchor(body))
    case "validateActivationCode": exchange.answer(.json(Array(#"{"gateway":"gw-1"}"#.utf8)))
    case "enroll": exchange.answer(enroll(body))
    case "config":
      if news.isEmpty { waiting = exchange } else { exchange.answer(takeNews()) }
    case "status": exchange.answer(HTTPResponse(204))
    case "events":
      let last = body?["events"]?.array?.last?["number"] ?? .integer(0)
      exchange.answer(.json(JSONValue.object([.init("last", last)]).canonical))
    default: exchange.answer(.text("no", status: 404))
    }
  }

  private func anchor(_ body: JSONValue?) -> HTTPResponse {
    guard body?["id"]?.string == code.publicID,
      let nonce = body?["nonce"]?.string.flatMap({ Base64URL.decode($0) }),
      let key = try? scrypt(
        secret: Array(code.secret.utf8), salt: Array("ztb anchor 1\(code.publicID)".utf8)),
      let proof = try? hmacSHA256(key: key, message: nonce + authority.certificate.der)
    else { return .json(Array(#"{"error":"unknown"}"#.utf8), status: 404) }
    return .json(
      JSONValue.object([
        .init("ca", .string(authority.certificatePEM)),
        .init("proof", .string(Base64URL.encode(proof))),
      ]).canonical)
  }

  private func enroll(_ body: JSONValue?) -> HTTPResponse {
    guard let request = body?["csr"]?.string.flatMap({ try? CertificateRequest(pem: $0) }),
      boundKey == nil || boundKey == request.publicKeyDER,
      let certificate = try? authority.clientCertificate(
        for: request, commonName: "g1", now: Self.now)
    else {
      let text = #"{"error":"used","message":"This code was already used."}"#
      return .json(Array(text.utf8), status: 403)
    }
    boundKey = request.publicKeyDER
    return .json(
      JSONValue.object([
        .init("gatewayId", .string("g1")), .init("gateway", .string("gw-1")),
        .init("certificate", .string(certificate)), .init("agentUrl", .string(agentURL)),
      ]).canonical)
  }
}
