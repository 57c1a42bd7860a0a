import Configuration
import HTTP
import PortalPages
import Testing

@testable import Portal

@Suite("Pages of sites")
struct SitePagesTests {
  @Test("adding a site: the template decides whether there is a gateway 2, and codes appear")
  func addSite() throws {
    let browser = try TestBrowser.signedIn()
    let portal = browser.portal
    let pair = try portal.template()
    let alone = try portal.template("zt400-standalone-default")
    #expect(browser.get("/sites/new").text.contains("zt400-ha-default"))
    #expect(browser.get("/sites/new?template=\(pair.id)").text.contains("Gateway 2"))
    #expect(!browser.get("/sites/new?template=\(alone.id)").text.contains("Gateway 2"))
    let empty = browser.post("/sites", ["templateId": "\(pair.id)", "timeZone": "UTC"])
    #expect(empty.status == 400)
    #expect(empty.text.contains("Gateway 2, LAN address: is missing"))
    let added = browser.post(
      "/sites",
      [
        "templateId": "\(pair.id)", "name": "Paris", "timeZone": "Europe/Paris",
        "lanVirtualIP": "10.1.0.1", "wanVirtualIP": "203.0.113.10/24",
        "gateways[0].wan.mode": "dhcp", "gateways[0].lanAddress": "10.1.0.2/24",
        // Hidden behind DHCP, so it does not count.
        "gateways[0].wan.address": "198.51.100.7/24",
        "gateways[1].wan.mode": "dhcp", "gateways[1].lanAddress": "10.1.0.3/24",
      ])
    #expect(added.status == 303)
    let page = browser.get(added.place)
    #expect(page.text.contains("Paris is added."))
    #expect(page.text.contains("id=\"code-2\"") && page.text.contains("class=\"qr\""))
    #expect(!browser.get(added.place).text.contains("Paris is added."))
  }

  @Test("the list finds, orders, filters and pages")
  func list() throws {
    let portal = try TestPortal()
    for number in 1...60 {
      var input = try portal.input("Site \(number < 10 ? "0" : "")\(number)")
      for index in 0...1 { input.gateways[index].lanAddress = "10.\(number).0.\(index + 2)/24" }
      input.lanVirtualIP = "10.\(number).0.1"
      _ = try portal.service.createSite(input, by: portal.admin)
    }
    let browser = try TestBrowser.signedIn(.viewer, portal)
    let first = browser.get("/sites").text
    #expect(first.contains("1–50 of 60 sites") && !first.contains("Site 51"))
    #expect(browser.get("/sites?page=2").text.contains("51–60 of 60 sites"))
    #expect(browser.get("/sites?page=99").text.contains("51–60 of 60 sites"))
    #expect(browser.get("/sites?search=site-07-gw").text.contains("1–1 of 1 site"))
    let byAddress = browser.get("/sites?sort=lan&order=descending")
    #expect(byAddress.between("role=\"rowheader\">", "</a>").hasSuffix(">Site 60"))
    #expect(browser.get("/sites?sort=lan").text.contains("aria-sort=\"ascending\""))
    #expect(browser.get("/sites?state=Active").text.contains("No site matches"))
    let narrow = browser.get("/sites?column=name&column=wan").text
    #expect(narrow.contains("WAN address") && !narrow.contains("data-label=\"Template\""))
  }

  @Test("what hurts is done only when its name was typed")
  func typedConfirmation() throws {
    let browser = try TestBrowser.signedIn()
    let portal = browser.portal
    let site = try portal.addSite()
    let gateway = site.gateways[0]
    try portal.run(gateway, "active")
    let path = "/gateways/\(gateway.id)/replace"
    let question = browser.get(path)
    #expect(question.text.contains("Type paris-gw-01 to confirm"))
    #expect(browser.post(path, ["confirm": "paris"]).status == 400)
    #expect(try portal.service.gateways.find(gateway.id).isActivated)
    #expect(browser.post(path, ["confirm": "paris-gw-01"]).status == 303)
    #expect(try !portal.service.gateways.find(gateway.id).isActivated)
    let site1 = "/sites/\(site.site.id)"
    #expect(browser.post(site1 + "/delete", ["confirm": "DELETE"]).status == 400)
    #expect(browser.post(site1 + "/delete", ["confirm": "Paris"]).place == "/sites")
    #expect(browser.get(site1).status == 404)
    let made = browser.post(
      "/templates",
      [
        "name": "Mine", "deploymentType": "standalone", "platformType": "zt400",
        "primaryDns": "1.1.1.1", "dhcpService": "none",
      ])
    #expect(made.place == "/templates")
    let mine = try portal.template("Mine")
    #expect(browser.post("/templates/\(mine.id)/delete", ["confirm": "Mine"]).status == 400)
    #expect(browser.post("/templates/\(mine.id)/delete", ["confirm": "DELETE"]).status == 303)
  }

  @Test("a default template is shown and cloned, never changed")
  func defaultTemplate() throws {
    let browser = try TestBrowser.signedIn()
    let preset = try browser.portal.template()
    let page = browser.get("/templates/\(preset.id)")
    #expect(page.text.contains("Clone") && !page.text.contains("<input type=\"radio\""))
    let refused = browser.post("/templates/\(preset.id)", ["name": "x"])
    #expect(refused.status == 409 && refused.text.contains("cannot be changed; clone it"))
    #expect(try browser.portal.template().name == "zt400-ha-default")
    #expect(browser.get("/templates/\(preset.id)/clone").text.contains("standard_mode_ha"))
  }

  @Test("the site page tells progress, waiting, the tick and both final states")
  func activation() throws {
    let browser = try TestBrowser.signedIn()
    let portal = browser.portal
    let site = try portal.addSite()
    let path = "/sites/\(site.site.id)"
    #expect(browser.get(path).text.contains("Both gateways wait for activation"))
    try portal.enroll(site.gateways[1])
    #expect(browser.get(path).text.contains("Activation 7/9"))
    try portal.service.report(
      site.gateways[1].id, status: nil,
      applied: .init(version: 1, outcome: "verified", reason: ""), results: [])
    #expect(browser.get(path).text.contains("Activation 8/9"))
    try portal.report(site.gateways[1], "active")
    let waiting = browser.get(path).text
    #expect(waiting.contains("Waiting for gateway 1."))
    #expect(waiting.contains("title=\"Activated\"") && waiting.contains("Gateway 2 · primary"))
    try portal.run(site.gateways[0], "standby")
    let done = browser.get(path).text
    #expect(done.contains("paris-gw-01 is Standby") && done.contains("paris-gw-02 is Active"))
    #expect(!done.contains("ZTB1.") && done.contains("Switch over"))
    let events = browser.get(path + "/events").text
    #expect(events.contains("from Initializing") && events.contains("from Post-update"))
  }

  @Test("rotating gives another code; sending needs a mail server")
  func codes() throws {
    let browser = try TestBrowser.signedIn()
    let portal = browser.portal
    let gateway = try portal.addSite().gateways[0]
    let before = try portal.code(gateway)
    let site = "/sites/\(gateway.siteID)"
    #expect(browser.post("/gateways/\(gateway.id)/rotate", [:]).place == site)
    #expect(try portal.code(gateway) != before)
    #expect(browser.get(site + "/links").text.contains("Copy the link or code below"))
    let sent = browser.post(site + "/links", ["to": "b@example.com", "gateway": gateway.id])
    #expect(sent.status == 409 && sent.text.contains("Mail is not configured"))
  }

  @Test("with a mail server the links of the chosen gateways are mailed to a checked address")
  func mail() throws {
    let browser = try TestBrowser.signedIn()
    let mailer = CollectingMailer()
    browser.portal.service.mailer = mailer
    let gateways = try browser.portal.addSite().gateways
    let path = "/sites/\(gateways[0].siteID)/links"
    #expect(browser.get(path).text.contains("Send to"))
    let chosen = gateways[1].id
    let wrong = browser.post(path, ["to": "a@b\r\nBcc: x@y", "gateway": chosen])
    #expect(wrong.status == 400 && wrong.text.contains("is not a mail address"))
    #expect(browser.post(path, ["to": "a@example.com"]).text.contains("choose at least one"))
    #expect(mailer.texts == [:])
    #expect(browser.post(path, ["to": "a@example.com", "gateway": chosen]).status == 303)
    #expect(mailer.texts["a@example.com"]?.contains("#ZTB1.") == true)
  }

  @Test("the VRRP panel tells all that is wrong at once, and stores what is right")
  func vrrp() throws {
    let browser = try TestBrowser.signedIn()
    let site = try browser.portal.addSite()
    let path = "/sites/\(site.site.id)/vrrp"
    #expect(browser.get(path).text.contains("value=\"0.02\""))
    let wrong = browser.post(
      path,
      [
        "virtual_router_id": "300", "advert_int": "abc", "priority": "x", "vip": "10.1.0.1",
        "authentication_password": "muchtoolong",
      ])
    #expect(wrong.status == 400 && wrong.text.contains("4 things to correct"))
    let saved = browser.post(
      path,
      [
        "virtual_router_id": "71", "advert_int": "0.05", "priority": "180", "vip": "10.1.0.1",
        "authentication_password": "secret8", "vrrp_interface.paris-gw-01": "ge2",
        "vrrp_interface.paris-gw-02": "ge2", "track_interface.paris-gw-01": "ge3",
        "track_interface.paris-gw-02": "ge3",
      ])
    #expect(saved.place == path)
    let panel = try #require(try browser.portal.service.sites.find(site.site.id).vrrp)
    #expect(panel.groupID == 71 && panel.advertIntervalMs == 50 && panel.track == ["ge3"])
    #expect(panel.password == "secret8")
    let page = browser.get(path).text
    #expect(page.contains("One is set") && !page.contains("secret8"))
    #expect(page.contains("name=\"track_weight.ge3\"") && page.contains("checks[0].name"))
    _ = browser.post(
      path,
      [
        "virtual_router_id": "71", "advert_int": "0.05", "priority": "180", "vip": "10.1.0.1",
        "passwordRemove": "yes",
      ])
    #expect(try browser.portal.service.sites.find(site.site.id).vrrp?.password == "")
  }

  @Test("path checks and weights are typed row by row; an emptied name removes one")
  func checks() throws {
    let browser = try TestBrowser.signedIn()
    let site = try browser.portal.addSite()
    let path = "/sites/\(site.site.id)/vrrp"
    func post(name: String, weight: String) -> TestAnswer {
      browser.post(
        path,
        [
          "virtual_router_id": "71", "version": "3", "advert_int": "0.02", "priority": "200",
          "vip": "10.1.0.1", "preempt_delay": "10", "accept_mode_shown": "yes",
          "checksum": "rfc5798", "auth_mode": "enforce", "track_interface.paris-gw-01": "ge3",
          "track_interface.paris-gw-02": "ge3", "track_weight.ge3": "70",
          "checks[0].name": name, "checks[0].kind": "icmp", "checks[0].target": "203.0.113.254",
          "checks[0].weight": weight,
        ])
    }
    let wrong = post(name: "isp", weight: "x")
    #expect(wrong.status == 400 && wrong.text.contains("is not a whole number"))
    #expect(post(name: "isp", weight: "90").place == path)
    let panel = try #require(try browser.portal.service.sites.find(site.site.id).vrrp)
    #expect(panel.checks.map(\.weight) == [90] && panel.weights == ["ge3": 70])
    #expect(!panel.acceptMode && panel.checksum.rawValue == "rfc5798")
    #expect(panel.preemptDelaySeconds == 10)
    let page = browser.get(path).text
    #expect(page.contains("value=\"203.0.113.254\"") && page.contains("checks[1].name"))
    #expect(post(name: "", weight: "").place == path)
    #expect(try browser.portal.service.sites.find(site.site.id).vrrp?.checks == [])
  }

  @Test("a gateway of a site that stands alone has no VRRP tab")
  func standalone() throws {
    let browser = try TestBrowser.signedIn()
    let site = try browser.portal.addSite("Lyon", isPair: false)
    let path = "/sites/\(site.site.id)"
    #expect(!browser.get(path).text.contains("VRRP"))
    #expect(browser.get(path + "/vrrp").status == 409)
  }
}

/// Keeps mails instead of sending them.
private final class CollectingMailer: Mailer {
  var texts: [String: String] = [:]

  func send(
    to address: String, subject: String, text: String, _ completion: @escaping (String?) -> Void
  ) {
    texts[address] = text
    completion(nil)
  }
}
