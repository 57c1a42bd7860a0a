import Activation
import Crypto
import Glibc
import HTTP
import HTTPClient
import JSON
import Linux
import Testing
import Wire

@testable import Portal

/// A portal that listens on loopback, with a client in the same loop.
final class Loopback {
  let portal: RunningPortal
  let client: HTTPClient
  let directory: String
  private(set) var headers: [HTTPField] = []

  init() throws {
    directory = "/tmp/ztb-portal-e2e-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    let options = try #require(
      try PortalOptions.parse(["serve", "--data", directory, "--listen", "127.0.0.1:0"]))
    portal = try RunningPortal(options)
    client = try HTTPClient(portal.reactor)
    let token = try portal.service.makeSetUpLink().split(separator: "#")[1]
    let password = #""password":"correct horse battery"}"#
    _ = try send("POST", "setup", #"{"token":"\#(token)","name":"root",\#(password)"#)
    let answer = try send("POST", "login", #"{"name":"root",\#(password)"#)
    let cookie = answer.headers["Set-Cookie"]?.prefix { $0 != ";" } ?? ""
    let form = try JSONParser.parse(answer.body)["csrfToken"]?.string ?? ""
    headers = [HTTPField("Cookie", String(cookie)), HTTPField("X-CSRF-Token", form)]
  }

  deinit {
    portal.stop()
    TemporaryFiles.remove(directory + "/portal.db")
    TemporaryFiles.removeFolder(directory + "/software")
    TemporaryFiles.remove(directory + "/lock")
    unsafe rmdir(directory)
  }

  func request(
    _ method: String, _ path: String, _ body: String = "", as identity: HTTPClient.Identity? = nil
  ) -> HTTPClient.Request {
    let base = identity == nil ? portal.places.url : portal.places.agentURL
    var request = HTTPClient.Request(method, "\(base)/api/v3/\(path)")
    request.body = Array(body.utf8)
    request.headers = headers
    if !body.isEmpty { request.headers.append(HTTPField("Content-Type", "application/json")) }
    request.trust = .authority(portal.service.identity.authority.certificatePEM)
    request.identity = identity
    // Each kind of client is somebody else.
    request.reuseConnection = false
    return request
  }

  /// Sends requests at the same time and waits for all answers.
  func sendAll(
    _ requests: [HTTPClient.Request]
  ) throws -> [Result<HTTPResponse, HTTPClientError>] {
    var results: [Int: Result<HTTPResponse, HTTPClientError>] = [:]
    for (index, request) in requests.enumerated() {
      client.send(request) { results[index] = $0 }
    }
    try turn { results.count == requests.count }
    return requests.indices.compactMap { results[$0] }
  }

  func send(
    _ method: String, _ path: String, _ body: String = "", as identity: HTTPClient.Identity? = nil
  ) throws -> HTTPResponse {
    try #require(try sendAll([request(method, path, body, as: identity)]).first).get()
  }

  func turn(until done: () -> Bool) throws {
    let end = MonotonicClock.now() + .seconds(20)
    while !done(), MonotonicClock.now() < end {
      try portal.reactor.turn(timeoutMilliseconds: 20)
    }
  }

  /// Makes a pair; the identifiers and codes of its gateways.
  func addSite(_ name: String, lan: Int) throws -> [(id: String, code: String)] {
    let template = try portal.service.templates.all().first { $0.name == "zt400-ha-default" }
    let answer = try send(
      "POST", "sites",
      """
      {"name": "\(name)", "template": \(try #require(template).id),
       "lanVirtualIP": "10.\(lan).0.1", "wanVirtualIP": "203.0.113.1/24",
       "gateways": [{"lanAddress": "10.\(lan).0.2/24"}, {"lanAddress": "10.\(lan).0.3/24"}]}
      """)
    let value = try JSONParser.parse(answer.body)
    return (value["gateways"]?.array ?? []).map { gateway in
      let code = value["activations"]?[gateway["name"]?.string ?? ""]?["code"]?.string
      return (gateway["id"]?.string ?? "", code?.replacing("-", with: "") ?? "")
    }
  }

  /// The body of validate and enroll.
  static func box(_ code: String, csr: String? = nil) -> String {
    let request: [JSONValue.Member] = csr.map { [.init("csr", .string($0))] } ?? []
    let value = JSONValue.object(
      [
        .init("code", .string(code)), .init("serial", .string("SN1")),
        .init("profile", .string("zt400")), .init("version", .string("0.1.0")),
        .init(
          "wan",
          .of([
            "mode": .string("dhcp"), "address": .null, "gateway": .null, "vlan": .null,
            "dns": .texts(["1.1.1.1", "8.8.8.8"]),
          ])), .init("proxy", .null), .init("linkDigest", .null),
      ] + request)
    return String(decoding: value.canonical, as: UTF8.self)
  }

  func enroll(_ code: String) throws -> HTTPClient.Identity {
    let key = try P256Key.make()
    let answer = try send(
      "POST", "activation/enroll",
      Self.box(code, csr: try key.certificateRequest(commonName: "box")))
    let certificate = try JSONParser.parse(answer.body)["certificate"]?.string
    return HTTPClient.Identity(
      certificate: try #require(certificate), privateKey: key.pem)
  }
}

@Suite("Portal over real TLS")
struct EndToEndTests {
  @Test("anchor, validate, enroll, configuration, status: from box to Standalone or Active")
  func activation() throws {
    let world = try Loopback()
    let gateways = try world.addSite("Paris", lan: 1)
    let code = try ActivationCode(parsing: gateways[0].code)
    let nonce = [UInt8](repeating: 9, count: 32)
    let anchor = try JSONParser.parse(
      try world.send(
        "POST", "activation/anchor",
        #"{"id":"\#(code.publicID)","nonce":"\#(Base64URL.encode(nonce))"}"#
      ).body)
    let authority = try Certificate(pem: try #require(anchor["ca"]?.string))
    let key = try scrypt(
      secret: Array(code.secret.utf8), salt: Array("ztb anchor 1\(code.publicID)".utf8))
    #expect(
      anchor["proof"]?.string
        == Base64URL.encode(try hmacSHA256(key: key, message: nonce + authority.der)))
    let name = try world.send(
      "POST", "activation/validateActivationCode", Loopback.box(code.text))
    #expect(try JSONParser.parse(name.body)["gateway"]?.string == "paris-gw-01")
    let identity = try world.enroll(code.text)
    let configuration = try world.send("GET", "agent/config?have=0", as: identity)
    let value = try JSONParser.parse(configuration.body)
    #expect(value["version"]?.integer == 1)
    #expect(value["document"]?["gateway"]?["name"]?.string == "paris-gw-01")
    for body in [
      #"{"applied":{"version":1,"outcome":"verified","reason":""}}"#,
      #"{"status":{"state":"active","sync":{"ready":true}}}"#,
    ] {
      #expect(try world.send("POST", "agent/status", body, as: identity).status == 204)
    }
    let site = try JSONParser.parse(try world.send("GET", "sites/1").body)
    let shown = site["gateways"]?.array?.first
    #expect(shown?["state"]?.string == "Active")
    #expect(shown?["detail"]?.string == "waiting for gateway 2")
    #expect(site["primary"]?.string == "paris-gw-01")
  }

  @Test("a session has at most eight open pages that listen")
  func liveStreams() throws {
    let world = try Loopback()
    let requests = (0..<9).map { _ in
      var request = world.request("GET", "session")
      request.url = "\(world.portal.places.url)/events"
      request.timeout = .seconds(2)
      return request
    }
    // Streams have no end; what is answered whole was refused.
    let statuses = try world.sendAll(requests).compactMap { result in
      if case .success(let response) = result { response.status } else { nil }
    }
    #expect(statuses == [503])
  }

  @Test("a poll waits until there is work, and is refused when the certificate ends")
  func poll() throws {
    let world = try Loopback()
    let gateways = try world.addSite("Paris", lan: 1)
    let identity = try world.enroll(gateways[0].code)
    _ = try world.send("GET", "agent/config?have=0", as: identity)
    var answers: [HTTPResponse] = []
    let poll = world.request("GET", "agent/config?have=1", as: identity)
    world.client.send(poll) { if case .success(let answer) = $0 { answers.append(answer) } }
    let restart = try world.send("POST", "gateways/\(gateways[0].id)/restart")
    #expect(restart.status == 202)
    try world.turn { !answers.isEmpty }
    let value = try JSONParser.parse(try #require(answers.first).body)
    #expect(value["commands"]?.array?.first?["verb"]?.string == "restart")
    #expect(value["document"] == nil)
    world.client.send(poll) { if case .success(let answer) = $0 { answers.append(answer) } }
    _ = try world.send("GET", "sites")
    _ = try world.send("POST", "gateways/\(gateways[0].id)/replace")
    try world.turn { answers.count == 2 }
    #expect(answers.last?.status == 410)
    #expect(try world.send("GET", "agent/config?have=1", as: identity).status == 410)
  }

  @Test("the port for gateways lets in nobody without a certificate of the portal")
  func strangers() throws {
    let world = try Loopback()
    let gateways = try world.addSite("Paris", lan: 1)
    var request = world.request("GET", "agent/config?have=0")
    request.url = world.portal.places.agentURL + "/api/v3/agent/config?have=0"
    #expect(throws: (any Error).self) {
      try #require(try world.sendAll([request]).first).get()
    }
    let stranger = try CertificateAuthority.make(
      name: "ZT Branch portal", now: WallClock.secondsSince1970())
    let key = try P256Key.make()
    let forged = try stranger.clientCertificate(
      for: CertificateRequest(pem: key.certificateRequest(commonName: "x")),
      commonName: gateways[0].id, now: WallClock.secondsSince1970())
    request.identity = .init(certificate: forged, privateKey: key.pem)
    #expect(throws: (any Error).self) {
      try #require(try world.sendAll([request]).first).get()
    }
    let server = HTTPClient.Identity(
      certificate: world.portal.service.identity.serverCertificate,
      privateKey: world.portal.service.identity.serverKey)
    #expect(
      try world.send("GET", "agent/config?have=0", as: server).status == 410,
      "a certificate of the portal's own is no gateway's")
  }

  @Test("a second portal on the same directory is refused")
  func locked() throws {
    let world = try Loopback()
    let options = try #require(
      try PortalOptions.parse([
        "serve", "--data", world.directory, "--listen", "127.0.0.1:0",
      ]))
    #expect(throws: SystemError.self) { _ = try RunningPortal(options) }
  }

  @Test("both gateways of a pair at the same time: exactly one primary, 25 times")
  func race() throws {
    let world = try Loopback()
    for number in 1...25 {
      let gateways = try world.addSite("site \(number)", lan: number)
      let requests = try gateways.map { gateway in
        world.request(
          "POST", "activation/enroll",
          Loopback.box(
            gateway.code, csr: try P256Key.make().certificateRequest(commonName: "x")))
      }
      let answers = try world.sendAll(number.isMultiple(of: 2) ? requests : requests.reversed())
      #expect(try answers.allSatisfy { try $0.get().status == 200 })
      let documents = try gateways.map { try world.portal.service.gateways.document($0.id) }
      #expect(documents.count { $0.contains(#""node":"primary""#) } == 1)
      #expect(documents.count { $0.contains(#""node":"secondary""#) } == 1)
    }
  }
}

@Suite("Work of the second thread")
struct ScryptThreadTests {
  @Test("a hundred secrets at once are all derived, in order, and rightly")
  func many() throws {
    let reactor = try Reactor()
    let thread = try ScryptThread(reactor)
    var results: [[UInt8]?] = []
    for number in 0..<100 {
      thread.derive(secret: [UInt8(number)], salt: [1], cost: 16) { results.append($0) }
    }
    #expect(thread.waitingCount == 100)
    let end = MonotonicClock.now() + .seconds(10)
    while results.count < 100, MonotonicClock.now() < end {
      try reactor.turn(timeoutMilliseconds: 20)
    }
    let expected = try (0..<100).map { try scrypt(secret: [UInt8($0)], salt: [1], cost: 16) }
    #expect(results == expected)
    #expect(thread.waitingCount == 0)
  }

  @Test("more than may wait is refused at once")
  func bounded() throws {
    let thread = try ScryptThread(try Reactor())
    var refused = 0
    for _ in 0..<500 {
      thread.derive(secret: [1], salt: [1], cost: 16) { if $0 == nil { refused += 1 } }
    }
    #expect(refused == 100)
  }
}

@Suite("Command line of the portal")
struct PortalOptionTests {
  @Test("a whole command line is read")
  func whole() throws {
    let options = try #require(
      try PortalOptions.parse([
        "serve", "--data", "d", "--listen", "192.0.2.1:9443", "--agent-listen", "192.0.2.2",
        "--name", "portal.example", "--name", "192.0.2.1", "--smtp", "smtp://m", "--smtp-from",
        "a@b",
      ]))
    #expect(options.listen.port == 9443 && options.agentListen?.port == 8444)
    #expect(options.names == ["portal.example", "192.0.2.1"])
    #expect(options.smtp == "smtp://m" && options.smtpFrom == "a@b" && !options.recovers)
  }

  @Test(
    "what cannot be understood is refused",
    arguments: [
      ["server"], ["serve"], ["serve", "--data"], ["serve", "--data", "d", "--listen", "x:1"],
      ["serve", "--data", "d", "--listen", "0.0.0.0:70000"],
      ["serve", "--data", "d", "--what", "x"],
      ["serve", "--data", "d", "--smtp", "smtp://m"], ["serve", "--data", "d", "--name", "a,b"],
      ["serve", "--data", "d", "--smtp", "http://m", "--smtp-from", "a@b"],
    ])
  func wrong(arguments: [String]) {
    #expect(throws: PortalOptions.Problem.self) { try PortalOptions.parse(arguments) }
  }

  @Test("help fits one screen")
  func help() throws {
    #expect(try PortalOptions.parse(["--help"]) == nil)
    #expect(PortalOptions.help.split(separator: "\n", omittingEmptySubsequences: false).count <= 28)
  }
}
