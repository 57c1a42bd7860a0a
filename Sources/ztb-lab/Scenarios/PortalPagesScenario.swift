import HTTPClient
import JSON
import Linux
import Wire

extension Scenario {
  /// Every page of the portal, looked at.
  static let portalPages = [
    Scenario(
      name: "portal-pages",
      summary: "every page of the portal at 1280 and 400 pixels: pictures and an inspection"
    ) { stage in
      try Programs.require(Browser.programs)
      let place = try ActivationWorld(stage)
      let portal = try place.portal()
      let browser = try place.laptop.browser()
      let inspector = Inspector(browser, stage)
      try browser.open(try portal.setUpLink())
      try browser.expect("Set up this portal", seconds: 10)
      try inspector.look("portal-01-set-up")
      let admin = try place.admin(inBrowser: true)
      try browser.expect("Sites", seconds: 10)
      try inspector.look("portal-02-no-sites")
      let tour = try PortalTour(admin, browser, inspector)
      try tour.walk()
      try tour.makeMistakes()
      try browser.open("\(PortalTour.base)/settings")
      try browser.evaluate("document.querySelector(\"form[action='/logout']\").requestSubmit()")
      try browser.expect("Sign in", seconds: 10)
      try inspector.look("portal-90-sign-in")
      try browser.fill("[name=name]", "nobody")
      try browser.fill("[name=password]", "nothing")
      try browser.press("Sign in")
      try browser.expect("wrong", seconds: 10)
      try inspector.look("portal-91-sign-in-refused")
      try inspector.finish()
    }
  ]
}

/// A walk through the pages of a portal that has something to show.
private struct PortalTour {
  static let base = "https://\(Plan.portalName):\(Plan.portalPort)"

  let browser: Browser
  let inspector: Inspector
  /// Activated: Active and Standby.
  let pair: PortalSite
  /// Not activated.
  let fresh: PortalSite
  /// One gateway, whose activation has just begun.
  let alone: PortalSite
  let user: Int
  let template: Int

  init(_ admin: PortalAdmin, _ browser: Browser, _ inspector: Inspector) throws {
    self.browser = browser
    self.inspector = inspector
    pair = try admin.addSite(SiteShape("Paris", proxy: "\(Plan.proxyName):3128"))
    fresh = try admin.addSite(SiteShape("Nantes Île Gloriette"))
    alone = try admin.addSite(SiteShape("Brest", isPair: false))
    for (gateway, state) in zip(pair.gateways, ["active", "standby"]) {
      let taken = try PortalTour.enroll(gateway, admin)
      for status in [taken.status("post-update", applied: (1, "verified")), taken.status(state)] {
        _ = try admin.client.send(status)
      }
    }
    _ = try PortalTour.enroll(alone.gateways[0], admin)
    let made = try admin.call(
      "POST", "/api/v3/users", .of(("name", .string("paul")), ("role", .string("viewer"))))
    user = made["user"]["id"].int ?? 0
    template = try admin.template("zt400", isPair: true)
    try admin.waitForStates(pair, ["Active", "Standby"])
  }

  private static func enroll(
    _ gateway: PortalGateway, _ admin: PortalAdmin
  ) throws -> PaperGateway {
    var box = try PaperBox(serial: "ZT4-2600-\(gateway.name.suffix(4))")
    if gateway.name.hasPrefix("paris") { box.proxy = "\(Plan.proxyName):3128" }
    return try PaperGateway(
      box, try admin.client.send(try box.enroll(Portal.url, code: gateway.code)))
  }

  /// Opens every page that has an address.
  func walk() throws {
    let first = fresh.gateways[0].id
    let pages = [
      ("10-sites", "/sites"), ("11-sites-searched", "/sites?search=paris"),
      ("12-sites-nothing-found", "/sites?search=atlantis"), ("13-site-new", "/sites/new"),
      ("14-site-new-pair", "/sites/new?template=\(template)"),
      ("15-site-active", "/sites/\(pair.id)"), ("16-site-to-activate", "/sites/\(fresh.id)"),
      ("17-site-activating", "/sites/\(alone.id)"), ("18-site-edit", "/sites/\(pair.id)/edit"),
      ("19-site-links", "/sites/\(fresh.id)/links"), ("20-site-vrrp", "/sites/\(pair.id)/vrrp"),
      ("21-site-events", "/sites/\(pair.id)/events"),
      ("22-site-switchover", "/sites/\(pair.id)/switchover"),
      ("23-site-delete", "/sites/\(fresh.id)/delete"),
      ("30-code-rotate", "/gateways/\(first)/rotate"),
      ("31-gateway-suspend", "/gateways/\(pair.gateways[0].id)/suspend"),
      ("32-gateway-replace", "/gateways/\(pair.gateways[0].id)/replace"),
      ("33-gateway-factory-reset", "/gateways/\(pair.gateways[0].id)/factory-reset"),
      ("40-templates", "/templates"), ("41-template-new", "/templates/new"),
      ("42-template", "/templates/\(template)"),
      ("43-template-clone", "/templates/\(template)/clone"),
      ("50-users", "/users"), ("51-user-role", "/users/\(user)/role"),
      ("52-user-delete", "/users/\(user)/delete"), ("60-audit", "/audit"),
      ("70-settings", "/settings"), ("80-no-page", "/nowhere"),
    ]
    for (name, path) in pages {
      try browser.open(PortalTour.base + path)
      try browser.expect("ZT Branch", seconds: 10)
      try inspector.look("portal-\(name)")
    }
  }

  /// Forms that come back with what is wrong.
  func makeMistakes() throws {
    try browser.open("\(PortalTour.base)/sites/new?template=\(template)")
    try browser.click("main form button.primary")
    try inspector.look("portal-81-site-new-mistakes")
    try browser.open("\(PortalTour.base)/templates/new")
    try browser.click("main form button.primary")
    try inspector.look("portal-82-template-new-mistakes")
  }
}
