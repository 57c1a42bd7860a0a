import HTTP
import PortalPages
import Testing

@testable import Portal

@Suite("Pages over the service")
struct BrowserTests {
  @Test("every answer forbids inline code, framing, sniffing, referrers and caching")
  func securityHeaders() throws {
    let browser = try TestBrowser.signedIn()
    let answers = [
      browser.get("/sites"), browser.get("/nothing"), browser.get("/sites/99"),
      browser.post("/templates", [:]), try TestBrowser().get("/sites"),
    ]
    for answer in answers {
      #expect(answer.header("Content-Security-Policy").hasPrefix("default-src 'none'; "))
      #expect(answer.header("Content-Security-Policy").contains("frame-ancestors 'none'"))
      #expect(answer.header("X-Content-Type-Options") == "nosniff")
      #expect(answer.header("Referrer-Policy") == "no-referrer")
      #expect(answer.header("Cache-Control") == "no-store")
    }
  }

  @Test("style sheet and script are the same for everybody, and asked for again cheaply")
  func assets() throws {
    let browser = try TestBrowser()
    for path in [Paths.style, Paths.script] {
      let first = browser.get(path)
      #expect(first.status == 200 && !first.text.isEmpty)
      let tag = first.header("ETag")
      #expect(browser.get(path, headers: [HTTPField("If-None-Match", tag)]).status == 304)
    }
  }

  @Test("nothing is changed without the session's token, or from another place")
  func forgedPosts() throws {
    let browser = try TestBrowser.signedIn()
    let form: KeyValuePairs = [
      "name": "Forged", "deploymentType": "standalone", "platformType": "zt400",
      "primaryDns": "1.1.1.1", "dhcpService": "none",
    ]
    #expect(browser.post("/templates", form, token: "").status == 403)
    #expect(browser.post("/templates", form, token: "guess").status == 403)
    for (name, value) in [
      ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"),
      ("Sec-Fetch-Site", "same-site"),
    ] {
      let headers = [HTTPField(name, value), HTTPField("Host", "portal.example:8443")]
      #expect(browser.post("/templates", form, headers: headers).status == 403)
    }
    #expect(!browser.get("/templates").text.contains("Forged"))
    let own = [
      HTTPField("Origin", "null"), HTTPField("Sec-Fetch-Site", "same-origin"),
      HTTPField("Host", "portal.example:8443"),
    ]
    #expect(browser.post("/templates", form, headers: own).place == "/templates")
    #expect(browser.get("/templates").text.contains("Forged"))
  }

  @Test("other methods, other bodies and large forms are refused")
  func unfitRequests() throws {
    let browser = try TestBrowser.signedIn()
    let delete = browser.send(HTTPRequest(method: "DELETE", path: "/sites/1"))
    #expect(delete.status == 405 && delete.header("Allow") == "GET, HEAD, POST")
    let json = HTTPRequest(
      method: "POST", path: "/sites", headers: [HTTPField("Content-Type", "application/json")],
      body: Array("{}".utf8))
    #expect(browser.send(json).status == 415)
    let large: KeyValuePairs = ["name": String(repeating: "a", count: 70_000)]
    #expect(browser.post("/sites", large).status == 413)
  }

  @Test("a viewer sees sites but no code, no button and no administration")
  func viewer() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    let code = try portal.code(site.gateways[0])
    let browser = try TestBrowser.signedIn(.viewer, portal)
    let page = browser.get("/sites/\(site.site.id)")
    #expect(page.status == 200 && page.text.contains("paris-gw-01"))
    for page in [page, browser.get("/sites/\(site.site.id)/links")] {
      #expect(!page.text.contains(code.prefix(4)) && !page.text.contains("ZTB1."))
    }
    #expect(!page.text.contains("/gateways/"))
    let gateway = site.gateways[0].id
    for path in [
      "/users", "/audit", "/sites/new", "/templates/new", "/gateways/\(gateway)/rotate",
      "/sites/\(site.site.id)/edit", "/sites/\(site.site.id)/delete",
    ] { #expect(browser.get(path).status == 403, "\(path)") }
    #expect(browser.post("/gateways/\(gateway)/replace", ["confirm": "paris-gw-01"]).status == 403)
    #expect(browser.post("/sites/\(site.site.id)/vrrp", [:]).status == 403)
  }

  @Test("a name full of markup stays text on every page that shows it")
  func hostileName() throws {
    let portal = try TestPortal()
    let name = "<img src=x onerror=alert(1)>\"'&"
    var input = try portal.input(name)
    input.gateways[0].name = "gw-one"
    input.gateways[1].name = "gw-two"
    let site = try portal.service.createSite(input, by: portal.admin)
    let browser = try TestBrowser.signedIn(.superAdmin, portal)
    let base = "/sites/\(site.site.id)"
    for path in [
      "/sites", "/sites?search=%3Cimg", base, base + "/links", base + "/vrrp", base + "/events",
      base + "/edit", base + "/delete", "/audit", "/audit?search=%3Cimg",
    ] {
      let page = browser.get(path)
      #expect(page.status == 200, "\(path)")
      #expect(!page.text.contains("<img"), "\(path)")
    }
    #expect(browser.get("/sites").text.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;"))
  }

  @Test("a secret is never in an address, and one that is made is shown once")
  func secretsAreShownOnce() throws {
    let browser = try TestBrowser.signedIn()
    let made = browser.post("/settings/tokens", ["name": "inventory", "days": "30"])
    #expect(made.place == "/settings")
    let refreshed = browser.get("/settings", headers: [HTTPField("X-Live", "1")])
    #expect(!refreshed.text.contains("ztb_"))
    #expect(browser.get("/settings").text.contains("ztb_"))
    #expect(!browser.get("/settings").text.contains("ztb_"))

    let invited = browser.post("/users", ["name": "new.user", "role": "viewer"])
    #expect(invited.place == "/users")
    #expect(browser.get("/users").text.contains("/setup#"))
    #expect(!browser.get("/users").text.contains("/setup#"))
  }
}
