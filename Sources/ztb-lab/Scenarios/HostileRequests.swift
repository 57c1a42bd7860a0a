import Activation
import Crypto
import HTTP
import HTTPClient
import JSON
import Linux

/// One request that means harm, and how it has to be met.
struct HostileRequest: Sendable {
  let title: String
  /// Any of these is right.
  let expected: [Attacker.Outcome]
  let send: @Sendable (HostileScene) throws -> Attacker.Outcome

  init(
    _ title: String, _ expected: Int..., orClosed: Bool = false,
    send: @escaping @Sendable (HostileScene) throws -> Attacker.Outcome
  ) {
    self.title = title
    self.expected = expected.map { .status($0) } + (orClosed ? [.closed] : [])
    self.send = send
  }
}

extension HostileRequest {
  private static let anchor = "/api/v3/activation/anchor"
  private static let enroll = "/api/v3/activation/enroll"

  /// Requests by somebody whom the portal does not know.
  static let anonymous = [
    HostileRequest("wrong method: DELETE on an activation call", 405) {
      try $0.attacker.send("DELETE", anchor)
    },
    HostileRequest("wrong method: GET on enrolment", 405) { try $0.attacker.send("GET", enroll) },
    HostileRequest("wrong method: PUT on the login page", 405) {
      try $0.attacker.send("PUT", "/login", body: "x")
    },
    HostileRequest("wrong method: TRACE", 400, 404, 405, 501, orClosed: true) {
      try $0.attacker.send("TRACE", "/")
    },
    HostileRequest("wrong method: CONNECT to elsewhere", 400, 404, 405, 501, orClosed: true) {
      try $0.attacker.raw("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    },
    HostileRequest("wrong method: a word of their own", 400, 404, 405, 501, orClosed: true) {
      try $0.attacker.raw("FROB / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    },
    HostileRequest("traversal: dots", 400, 404) {
      try $0.attacker.raw(
        "GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    },
    HostileRequest("traversal: encoded dots", 400, 404) {
      try $0.attacker.raw(
        "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    },
    HostileRequest("traversal: from the style sheet to the database", 400, 404) {
      try $0.attacker.raw(
        "GET /style.css/..%2f..%2fportal.db HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    },
    HostileRequest("traversal: backslashes", 400, 404) {
      try $0.attacker.raw("GET /..\\..\\etc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    },
    HostileRequest("traversal: an octet of zero in the path", 400, 404) {
      try $0.attacker.raw("GET /login%00.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    },
    HostileRequest("oversized: a body of 900 kB", 413) {
      try $0.attacker.send("POST", anchor, json: String(repeating: "x", count: 900_000))
    },
    // Not read to its end any more: who still sends may not see the answer.
    HostileRequest("oversized: a body of 2 MB", 413, orClosed: true) {
      try $0.attacker.send("POST", anchor, json: String(repeating: "x", count: 2 << 20))
    },
    HostileRequest("oversized: a body said to have 10 GB", 413, 400, orClosed: true) {
      try $0.attacker.raw(
        "POST \(anchor) HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\nx", seconds: 4)
    },
    HostileRequest("oversized: a header of 200 kB", 400, 413, 431, orClosed: true) {
      try $0.attacker.raw(
        "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "y", count: 200_000))\r\n\r\n")
    },
    HostileRequest("oversized: an address of 200 kB", 400, 413, 414, 431, orClosed: true) {
      try $0.attacker.raw(
        "GET /\(String(repeating: "y", count: 200_000)) HTTP/1.1\r\nHost: x\r\n\r\n")
    },
    HostileRequest("oversized: 5 000 headers", 400, 413, 431, orClosed: true) {
      let headers = (0..<5_000).map { "X-\($0): y\r\n" }.joined()
      return try $0.attacker.raw("GET / HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
    },
    HostileRequest("malformed: a negative length", 400, orClosed: true) {
      try $0.attacker.raw("POST \(anchor) HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nx")
    },
    HostileRequest("smuggling: length and chunks at once", 400, orClosed: true) {
      try $0.attacker.raw(
        "POST \(anchor) HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /sites HTTP/1.1\r\nHost: x\r\n\r\n")
    },
    HostileRequest("malformed: a chunk size that is none", 400, orClosed: true) {
      try $0.attacker.raw(
        "POST \(anchor) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n")
    },
    HostileRequest("malformed: no HTTP at all", 400, orClosed: true) {
      try $0.attacker.raw("\u{16}\u{3}garbage garbage\r\n\r\n")
    },
    HostileRequest("malformed: no host", 400) {
      try $0.attacker.raw("GET /login HTTP/1.1\r\nConnection: close\r\n\r\n")
    },
    HostileRequest("no TLS on the port for TLS", 400, orClosed: true) {
      try $0.attacker.plain("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    },
    HostileRequest("injection: a quote in an identifier, unknown user", 401) {
      try $0.attacker.send("GET", "/api/v3/sites/1%27%20OR%20%271%27=%271")
    },
    HostileRequest("REST without a session: read", 401) {
      try $0.attacker.send("GET", "/api/v3/sites")
    },
    HostileRequest("REST without a session: write", 401) {
      try $0.attacker.send("POST", "/api/v3/sites", json: #"{"name":"evil"}"#)
    },
    HostileRequest("a page without a session goes to the login", 302, 303) {
      try $0.attacker.send("GET", "/sites")
    },
    HostileRequest("a posted form without a session", 302, 303, 401, 403) {
      try $0.attacker.send(
        "POST", "/sites", headers: [form], body: "name=evil")
    },
    HostileRequest("a session that was made up", 401) {
      try $0.attacker.send(
        "GET", "/api/v3/sites",
        headers: [
          HTTPField("Cookie", "session=\(String(repeating: "a", count: 43)); __Host-session=1"),
          HTTPField("Authorization", "Bearer \(String(repeating: "a", count: 43))"),
        ])
    },
    HostileRequest("the set-up page after the set-up", 302, 303, 403, 404, 410) {
      try $0.attacker.send(
        "POST", "/setup", headers: [form],
        body: "token=aaaa&name=evil&password=evilevilevil&again=evilevilevil")
    },
  ]

  /// Requests to the calls of the activation and to the port for gateways.
  static let activation = [
    HostileRequest("a body that is no JSON", 400) {
      try $0.attacker.send("POST", anchor, json: "id=ABCD")
    },
    HostileRequest("JSON nested a thousand times", 400) {
      try $0.attacker.send("POST", anchor, json: String(repeating: "[", count: 1_000))
    },
    HostileRequest("JSON of the wrong kind", 400, 422) {
      try $0.attacker.send("POST", anchor, json: #"{"id":["ABCD"],"nonce":{}}"#)
    },
    HostileRequest("octets that are no UTF-8", 400) {
      var request = PaperBox.post(Portal.url, anchor, .null)
      request.body = [0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]
      return try $0.attacker.outcome(request)
    },
    HostileRequest("a nonce of one octet", 400, 422) {
      try $0.attacker.send("POST", anchor, json: #"{"id":"ABCD","nonce":"AA"}"#)
    },
    HostileRequest("injection: SQL in the identifier of a code", 400, 404, 422) {
      let nonce = Base64URL.encode([UInt8](repeating: 7, count: 32))
      return try $0.attacker.send(
        "POST", anchor, json: #"{"id":"' OR 1=1 --","nonce":"\#(nonce)"}"#)
    },
    HostileRequest("a code that nobody was given", 403) {
      let box = try PaperBox(serial: "EVIL")
      return try $0.attacker.outcome(
        box.enroll(Portal.url, code: ActivationCode(random: try randomOctets(15)).text))
    },
    HostileRequest("a code with a wrong check character", 400, 403) {
      let box = try PaperBox(serial: "EVIL")
      return try $0.attacker.outcome(
        box.validate(Portal.url, code: "0000000000000001"))
    },
    HostileRequest("a request for a certificate that is none", 400, 422) {
      let code = $0.site.gateways[0].code.filter { $0 != "-" }
      let wan = String(decoding: PaperBox.dhcp.canonical, as: UTF8.self)
      return try $0.attacker.send(
        "POST", enroll,
        json: #"{"code":"\#(code)","serial":"E","profile":"zt400","version":"1","wan":\#(wan),"#
          + #""proxy":null,"linkDigest":null,"csr":"-----BEGIN CERTIFICATE REQUEST-----\nAAAA"}"#)
    },
    HostileRequest("a gateway without a certificate", 401, 403, orClosed: true) {
      try $0.attacker.send("GET", "/api/v3/agent/config?have=0", port: Plan.agentPort)
    },
    HostileRequest("a gateway with a certificate of its own", 401, 403, orClosed: true) { scene in
      try scene.attacker.send(
        "GET", "/api/v3/agent/config?have=0", port: Plan.agentPort,
        identity: try scene.selfSigned())
    },
    HostileRequest("a browser's page on the port for gateways", 400, 404, 401, orClosed: true) {
      try $0.attacker.send("GET", "/login", port: Plan.agentPort)
    },
    HostileRequest("a gateway's call on the port for browsers", 401, 403, 404) {
      try $0.attacker.send("GET", "/api/v3/agent/config?have=0")
    },
  ]

  private static let form = HTTPField("Content-Type", "application/x-www-form-urlencoded")
}
