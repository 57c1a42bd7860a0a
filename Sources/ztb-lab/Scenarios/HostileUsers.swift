import Activation
import Crypto
import HTTP
import HTTPClient
import JSON
import Linux

extension HostileRequest {
  /// Requests by somebody whom the portal knows, and who wants more than is allowed.
  static let users = [
    HostileRequest("a viewer makes a site", 403) { scene in
      try scene.asViewer("POST", "/api/v3/sites", json: #"{"name":"evil","template":1}"#)
    },
    HostileRequest("a viewer reads a code", 403) { scene in
      try scene.asViewer("GET", "/api/v3/gateways/\(scene.site.gateways[0].id)/activation")
    },
    HostileRequest("a viewer reads the audit log", 403) {
      try $0.asViewer("GET", "/api/v3/audit")
    },
    HostileRequest("a viewer makes itself super admin", 403) {
      try $0.asViewer("PUT", "/api/v3/users/2", json: #"{"role":"super-admin"}"#)
    },
    HostileRequest("a script without the session's token", 403) { scene in
      try scene.attacker.send(
        "POST", "/api/v3/sites", json: #"{"name":"evil","template":1}"#,
        headers: [HTTPField("Cookie", scene.session.cookie)])
    },
    HostileRequest("a script with another session's token", 403) { scene in
      try scene.attacker.send(
        "POST", "/api/v3/sites", json: #"{"name":"evil","template":1}"#,
        headers: [
          HTTPField("Cookie", scene.session.cookie),
          HTTPField("X-CSRF-Token", scene.viewer.formToken),
        ])
    },
    HostileRequest("a form without the session's token", 403) { scene in
      try scene.post("/sites", "name=evil&template=1")
    },
    HostileRequest("a form that another site posts", 403) { scene in
      try scene.post(
        "/sites", "csrf=\(scene.session.formToken)&name=evil",
        headers: [HTTPField("Origin", "https://evil.example")])
    },
    HostileRequest("a form that the browser calls cross-site", 403) { scene in
      try scene.post(
        "/sites", "csrf=\(scene.session.formToken)&name=evil",
        headers: [HTTPField("Sec-Fetch-Site", "cross-site")])
    },
    HostileRequest("a cookie after its session was ended", 401) { scene in
      let old = try scene.admin.logIn(PortalAdmin.user, PortalAdmin.password)
      _ = try scene.attacker.send("POST", "/api/v3/logout", headers: old.headers)
      return try scene.attacker.send("GET", "/api/v3/sites", headers: old.headers)
    },
    HostileRequest("a form of 100 kB", 413) { scene in
      try scene.post(
        "/sites", "csrf=\(scene.session.formToken)&name=\(String(repeating: "n", count: 100_000))")
    },
    HostileRequest("injection: SQL in an identifier", 404) {
      try $0.asAdmin("GET", "/api/v3/sites/1%27%20OR%20%271%27=%271")
    },
    HostileRequest("injection: SQL in a search finds nothing", 200) { scene in
      let found = try scene.admin.call("GET", "/api/v3/sites?search=%27%20OR%201%3D1%20--")
      return .status(found["sites"].array.isEmpty ? 200 : 599)
    },
    HostileRequest("injection: markup as a name is shown as text", 201) { scene in
      var shape = SiteShape("<img src=x onerror=alert(1)>", isPair: false)
      shape.name = "<img src=x onerror=alert(1)>"
      let body = shape.body(template: try scene.admin.template("zt400", isPair: false))
      let made = try scene.admin.answer("POST", "/api/v3/sites", body)
      var page = HTTPClient.Request.trusting("GET", Portal.url + "/sites")
      page.headers = [HTTPField("Cookie", scene.session.cookie)]
      let text = try scene.attacker.client.send(page).text
      return .status(text.contains("<img src=x") || !text.contains("&lt;img") ? 599 : made.status)
    },
    HostileRequest("injection: a line break in a name", 400, 422) {
      try $0.asAdmin("POST", "/api/v3/sites", json: #"{"name":"a\r\nSet-Cookie: x","template":1}"#)
    },
    HostileRequest("injection: a line break in a mail address", 400, 409, 422) { scene in
      let id = scene.site.gateways[0].id
      return try scene.asAdmin(
        "POST", "/api/v3/gateways/\(id)/sendactivationlink",
        json: #"{"to":"a@b.example\r\nBcc: c@d.example"}"#)
    },
    HostileRequest("a name of 10 kB", 400, 422) {
      try $0.asAdmin(
        "POST", "/api/v3/sites",
        json: #"{"name":"\#(String(repeating: "n", count: 10_000))","template":1}"#)
    },
    HostileRequest("a member that nobody knows", 400, 422) {
      try $0.asAdmin("POST", "/api/v3/users", json: #"{"name":"x","role":"viewer","admin":true}"#)
    },
    HostileRequest("a member given twice", 400, 422) {
      try $0.asAdmin(
        "POST", "/api/v3/users", json: #"{"name":"x","role":"viewer","role":"super-admin"}"#)
    },
    HostileRequest("a body of another kind", 415) { scene in
      try scene.attacker.send(
        "POST", "/api/v3/sites", headers: scene.session.headers + [form], body: "name=x")
    },
    HostileRequest("the last administrator deletes itself", 409) {
      try $0.asAdmin("DELETE", "/api/v3/users/1")
    },
    HostileRequest("after log-in to another site", 303) { scene in
      let target = try scene.placeAfterLogIn(next: "//evil.example/")
      return .status(target.hasPrefix("/") && !target.hasPrefix("//") ? 303 : 599)
    },
    HostileRequest("a log-in with the wrong password", 401) {
      try $0.logIn(PortalAdmin.user, "wrong password again")
    },
    HostileRequest("guessing passwords", 429) { scene in
      var last = Attacker.Outcome.closed
      for number in 0..<8 { last = try scene.logIn("guessed", "guess number \(number)") }
      return last
    },
  ]

  /// Requests by somebody with a code or a certificate of the portal.
  static let gateways = [
    HostileRequest("a code that another box has used", 403) { scene in
      let second = try PaperBox(serial: "SECOND")
      return try scene.attacker.outcome(
        second.enroll(Portal.url, code: scene.site.gateways[0].code))
    },
    HostileRequest("a request with an RSA key", 400, 422) { scene in
      try scene.enroll(
        csr: try scene.attacker.host.run([
          "openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "/run/rsa.pem",
          "-subj", "/CN=evil", "-out", "-",
        ]).replacing("\n", with: "\\n"))
    },
    HostileRequest("a request whose signature does not fit", 400, 422) { scene in
      let good = try PaperBox(serial: "BROKEN").key.certificateRequest(commonName: "x")
      return try scene.enroll(csr: HostileScene.damaged(good).replacing("\n", with: "\\n"))
    },
    HostileRequest("a status of 2 MB", 413) { scene in
      try scene.asGateway("/api/v3/agent/status", String(repeating: "x", count: 2 << 20))
    },
    HostileRequest("a status that is no object", 400, 422) {
      try $0.asGateway("/api/v3/agent/status", #"{"status":[1,2,3],"applied":"yes"}"#)
    },
    HostileRequest("events with numbers that are none", 400, 422) {
      try $0.asGateway(
        "/api/v3/agent/events",
        #"{"events":[{"number":"1 OR 1=1","time":7,"kind":null,"text":[],"cause":{}}]}"#)
    },
    HostileRequest("a version beyond every number", 400, 422) { scene in
      var request = scene.gateway.configuration(have: 0)
      request.url = request.url.replacing("have=0", with: "have=99999999999999999999")
      return try scene.attacker.outcome(request)
    },
    HostileRequest("a gateway that was replaced", 410, 403, 401) { scene in
      _ = try scene.admin.call(
        "POST", "/api/v3/gateways/\(scene.site.gateways[0].id)/replace")
      return try scene.attacker.outcome(scene.gateway.configuration(have: 0))
    },
    HostileRequest("guessing codes", 429) { scene in
      let nonce = Base64URL.encode([UInt8](repeating: 1, count: 32))
      var last = Attacker.Outcome.closed
      for number in 0..<40 {
        last = try scene.attacker.send(
          "POST", "/api/v3/activation/anchor",
          json: #"{"id":"\#(String(number + 1_000, radix: 10))","nonce":"\#(nonce)"}"#)
      }
      return last
    },
  ]

  private static let form = HTTPField("Content-Type", "application/x-www-form-urlencoded")
}
