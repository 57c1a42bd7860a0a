import HTTP
import JSON
import Testing

@testable import Portal

/// The REST API of a portal in memory, without sockets.
private final class RESTPortal {
  let portal: TestPortal
  let server: RESTServer
  var cookie = ""
  var formToken = ""

  init() throws {
    portal = try TestPortal()
    server = RESTServer(portal.service)
    let link = try portal.service.makeSetUpLink()
    let token = String(link.split(separator: "#")[1])
    _ = send("POST", "setup", #"{"token":"\#(token)","name":"root","password":"correct horse"}"#)
    let answer = send("POST", "login", #"{"name":"root","password":"correct horse"}"#)
    let set = answer.headers["Set-Cookie"] ?? ""
    cookie = String(set.prefix { $0 != ";" })
    formToken = body(answer)["csrfToken"]?.string ?? ""
  }

  func send(
    _ method: String, _ path: String, _ body: String = "", headers: [HTTPField] = [],
    query: [HTTPField] = []
  ) -> HTTPResponse {
    var request = HTTPRequest(method: method, path: "/api/v3/\(path)", client: "192.0.2.1")
    request.query = query
    request.body = Array(body.utf8)
    request.headers = headers
    if !body.isEmpty, request.header("Content-Type") == nil {
      request.headers.append(HTTPField("Content-Type", "application/json"))
    }
    var response = HTTPResponse(0)
    server.respond(request) { response = $0 }
    return response
  }

  /// A request with cookie and form token.
  func call(_ method: String, _ path: String, _ body: String = "") -> HTTPResponse {
    send(
      method, path, body,
      headers: [HTTPField("Cookie", cookie), HTTPField("X-CSRF-Token", formToken)])
  }

  func body(_ response: HTTPResponse) -> JSONValue {
    (try? JSONParser.parse(response.body)) ?? .null
  }
}

@Suite("REST API")
struct RESTTests {
  private let site = """
    {"name": "Paris", "template": 2, "lanVirtualIP": "10.1.0.1", "wanVirtualIP": "203.0.113.1/24",
     "gateways": [{"lanAddress": "10.1.0.2/24"}, {"lanAddress": "10.1.0.3/24"}]}
    """

  @Test("the cookie is HttpOnly, Secure, SameSite=Strict and bound to the host")
  func cookie() throws {
    let rest = try RESTPortal()
    let answer = rest.send("POST", "login", #"{"name":"root","password":"correct horse"}"#)
    let set = answer.headers["Set-Cookie"] ?? ""
    for word in ["__Host-", "HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
      #expect(set.contains(word))
    }
    #expect(answer.headers["Cache-Control"] == "no-store")
  }

  @Test("a site is made, read, changed and deleted; codes and links come with it")
  func life() throws {
    let rest = try RESTPortal()
    let made = rest.call("POST", "sites", site)
    #expect(made.status == 201)
    let value = rest.body(made)
    let code = value["activations"]?["paris-gw-01"]?["code"]?.string
    #expect(code?.split(separator: "-").count == 4)
    #expect(rest.body(rest.call("GET", "sites/1"))["clusterId"]?.integer == 1)
    let changed = rest.call(
      "PUT", "sites/1", String(site.replacing("Paris", with: "Paris 2")))
    #expect(rest.body(changed)["name"]?.string == "Paris 2")
    #expect(rest.call("DELETE", "sites/1").status == 204)
    #expect(rest.call("GET", "sites/1").status == 404)
  }

  @Test("a site tells which addresses its gateways lend, where its template has them do it")
  func leases() throws {
    let rest = try RESTPortal()
    let without = rest.body(rest.call("POST", "sites", site))
    #expect(without["lanLeases"] == .null)
    var template = TemplateInput(try rest.portal.template())
    (template.name, template.dhcpService) = ("served", "server")
    let served = try rest.portal.service.createTemplate(template, by: rest.portal.admin)
    let text = site.replacing("Paris", with: "Lyon").replacing(
      "\"template\": 2", with: "\"template\": \(served.id)")
    let leases = rest.body(rest.call("POST", "sites", String(text)))["lanLeases"]
    #expect(leases?["from"]?.string == "10.1.0.128" && leases?["to"]?.string == "10.1.0.254")
  }

  @Test("errors name each field with its path")
  func problems() throws {
    let rest = try RESTPortal()
    let answer = rest.call(
      "POST", "sites",
      #"{"name": 7, "template": 2, "nmae": "x", "gateways": [{"lan": 1}, "x"]}"#)
    #expect(answer.status == 400)
    let problems = rest.body(answer)["problems"]?.array?.compactMap { $0["path"]?.string }
    #expect(problems == ["name", "gateways[1]", "gateways[0].lan", "nmae"])
    #expect(rest.body(answer)["error"]?.string == "invalid")
  }

  @Test(
    "hostile requests are refused with the right status",
    arguments: [
      ("GET", "sites/1' OR '1'='1", "", 404), ("GET", "sites/-1", "", 404),
      ("GET", "sites/99999999999999999999", "", 404), ("GET", "sites//", "", 404),
      ("GET", "sites/1/gateways/", "", 404), ("GET", "nothing", "", 404),
      ("DELETE", "sites", "", 405), ("PATCH", "sites/1", "{}", 405),
      ("TRACE", "templates", "", 405), ("GET", "activation/enroll", "", 405),
      ("POST", "sites", "{", 400), ("POST", "sites", "[]", 400), ("POST", "sites", "null", 400),
      ("POST", "sites", #"{"name":"a","name":"b"}"#, 400),
      ("POST", "sites", #"{"name":"\u0000"}"#, 400),
      ("POST", "sites", String(repeating: "[", count: 1_000), 400),
      ("POST", "templates", #"{"name":"'); DROP TABLE site; --"}"#, 400),
      ("PUT", "users/1", #"{"role":"god"}"#, 400), ("DELETE", "users/1", "", 409),
      ("POST", "activation/anchor", #"{"id":["ABCD"],"nonce":{}}"#, 400),
      ("POST", "activation/anchor", #"{"id":"ABCD","nonce":"AA"}"#, 400),
      ("POST", "activation/validateActivationCode", #"{"code":"x"}"#, 400),
      ("POST", "gateways/gw-0/replace", "", 404), ("POST", "cluster/7/drill", "", 404),
      ("GET", "events", "", 200),
    ])
  func hostile(method: String, path: String, body: String, status: Int) throws {
    let rest = try RESTPortal()
    #expect(rest.call(method, path, body).status == status)
    #expect(rest.call("GET", "templates").status == 200, "the portal still works")
  }

  @Test("octets that are no UTF-8, and other kinds of body, are refused")
  func bodies() throws {
    let rest = try RESTPortal()
    var request = HTTPRequest(method: "POST", path: "/api/v3/login", client: "192.0.2.1")
    request.headers = [HTTPField("Content-Type", "application/json")]
    request.body = [0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]
    var status = 0
    rest.server.respond(request) { status = $0.status }
    #expect(status == 400)
    request.headers = [HTTPField("Content-Type", "application/x-www-form-urlencoded")]
    rest.server.respond(request) { status = $0.status }
    #expect(status == 415)
  }

  @Test("without a session 401; with a cookie but no form token, or a wrong one, 403")
  func forgery() throws {
    let rest = try RESTPortal()
    let cookie = HTTPField("Cookie", rest.cookie)
    #expect(rest.send("GET", "sites").status == 401)
    #expect(rest.send("POST", "sites", site).status == 401)
    #expect(rest.send("GET", "sites", headers: [HTTPField("Cookie", "__Host-ztb=x")]).status == 401)
    #expect(
      rest.send("GET", "sites", headers: [HTTPField("Authorization", "Bearer x")]).status == 401)
    #expect(
      rest.send("GET", "sites", headers: [HTTPField("Authorization", "Basic eDp5")]).status == 401)
    #expect(rest.send("GET", "sites", headers: [cookie]).status == 200)
    #expect(rest.send("POST", "sites", site, headers: [cookie]).status == 403)
    #expect(
      rest.send(
        "POST", "sites", site, headers: [cookie, HTTPField("X-CSRF-Token", "x")]
      ).status == 403)
    #expect(rest.call("POST", "logout").status == 204)
    #expect(rest.send("GET", "sites", headers: [cookie]).status == 401, "replayed cookie")
  }

  @Test("of a body of mistakes, fifty are told")
  func manyProblems() throws {
    let rest = try RESTPortal()
    let members = (0..<500).map { "\"m\($0)\":1" }.joined(separator: ",")
    let answer = rest.send("POST", "login", "{\(members)}")
    #expect(answer.status == 400)
    #expect(rest.body(answer)["problems"]?.array?.count == 50)
  }

  @Test("an address that has to wait is told so before its body is read")
  func limitedBeforeBody() throws {
    let rest = try RESTPortal()
    for _ in 0..<30 {
      rest.portal.service.limiters.address.fail("192.0.2.1", at: rest.portal.clock.now)
      rest.portal.service.limiters.invitations.fail("192.0.2.1", at: rest.portal.clock.now)
    }
    #expect(rest.send("POST", "login", "{").status == 429)
    #expect(rest.send("POST", "setup", "{").status == 429)
  }

  @Test("an API token needs no form token, and has its user's role")
  func token() throws {
    let rest = try RESTPortal()
    let made = rest.body(rest.call("POST", "tokens", #"{"name":"script","days":3}"#))
    let secret = made["secret"]?.string ?? ""
    let bearer = [HTTPField("Authorization", "Bearer \(secret)")]
    #expect(rest.send("POST", "sites", site, headers: bearer).status == 201)
    #expect(
      rest.send("POST", "tokens", #"{"name":"another","days":3}"#, headers: bearer).status == 403)
    _ = rest.call("DELETE", "tokens/1")
    #expect(rest.send("GET", "sites", headers: bearer).status == 401)
  }

  @Test("the OpenAPI document names every route, and nothing else")
  func openAPI() throws {
    let rest = try RESTPortal()
    let answer = rest.send("GET", "openapi.json")
    #expect(answer.status == 200)
    let document = rest.body(answer)
    #expect(document["openapi"]?.string == "3.0.3")
    var described: Set<String> = []
    for path in document["paths"]?.members ?? [] {
      for operation in path.value.members ?? [] {
        described.insert("\(operation.key.uppercased()) \(path.key)")
      }
    }
    #expect(described == Set(RESTServer.routes.map { "\($0.method) /\($0.pattern)" }))
    for name in [
      "POST /templates/{id}/clone", "POST /templates/{id}/deploy_site",
      "GET /sites/{id}/gateways", "GET /sites/{id}/events",
      "POST /gateways/{id}/sendactivationlink", "POST /gateways/{id}/rotateactivationcode",
      "POST /gateways/{id}/replace", "POST /gateways/{id}/factoryreset",
      "POST /activation/anchor", "POST /activation/validateActivationCode",
      "POST /activation/enroll", "GET /vrrp/config/{cluster_id}",
      "POST /vrrp/config/{cluster_id}", "GET /vrrp/vrrpstatus/{cluster_id}",
      "PUT /vrrp/updateVirtualIP/{cluster_id}", "PUT /vrrp/updateVrrpState/{cluster_id}",
      "POST /cluster/{id}/initiateSwitchover", "POST /cluster/{id}/suspend",
      "POST /cluster/{id}/resume", "POST /cluster/{id}/drill", "GET /users", "GET /audit",
    ] {
      #expect(described.contains(name), "\(name) is contract")
    }
  }

  @Test("every body that the OpenAPI document describes is taken with exactly its members")
  func openAPIBodies() throws {
    for route in RESTServer.routes {
      guard let schema = OpenAPIBodies.schema(route) else { continue }
      let rest = try RESTPortal()
      let path = route.pattern.replacing("{id}", with: "1").replacing("{cluster_id}", with: "1")
      _ = rest.call("POST", "sites", site)
      // Members that are not known are complained about, so a complaint about ours is a lie.
      let members = (schema["properties"]?.members ?? []).map {
        JSONValue.Member($0.key, .null)
      }
      let text = String(decoding: JSONValue.object(members).canonical, as: UTF8.self)
      let answer = rest.call(route.method, path, text)
      let problems = rest.body(answer)["problems"]?.array ?? []
      for problem in problems {
        #expect(
          problem["message"]?.string?.contains("not known here") != true,
          "\(route.method) \(route.pattern): \(problem)")
      }
    }
  }
}
