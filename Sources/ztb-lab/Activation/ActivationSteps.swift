import JSON
import Linux

/// Steps that several scenarios share.
extension ActivationWorld {
  /// The administrator of a portal that was just set up.
  func admin(inBrowser: Bool = false) throws -> PortalAdmin {
    let portal = try portal()
    if inBrowser { try setUpInBrowser(portal) }
    return try PortalAdmin(portal, world, isSetUp: inBrowser)
  }

  /// Makes the administrator by the set-up link in the laptop's browser, and is signed in there.
  func setUpInBrowser(_ portal: Portal) throws {
    let browser = try laptop.browser()
    try browser.open(try portal.setUpLink())
    try browser.expect("Set up this portal", seconds: 10)
    try browser.photograph("portal-set-up")
    try browser.fill("[name=name]", PortalAdmin.user)
    try browser.fill("[name=password]", PortalAdmin.password)
    try browser.fill("[name=again]", PortalAdmin.password)
    try browser.press("Create administrator")
    try browser.expect("Sites", seconds: 10)
  }

  /// Opens a site's page in the laptop's browser.
  func openSite(_ site: PortalSite) throws {
    let browser = try laptop.browser()
    try browser.open("https://\(Plan.portalName):\(Plan.portalPort)/sites/\(site.id)")
    try browser.expect(site.name, seconds: 10)
  }

  /// The activation link of a gateway as the portal's page shows it.
  func readLink(_ site: PortalSite, _ index: Int) throws -> String {
    try openSite(site)
    let browser = try laptop.browser()
    try browser.photograph("portal-site-\(index + 1)-to-activate")
    guard let link = try browser.texts("#url-\(index + 1)").first, link.contains("#ZTB1.") else {
      throw LabError.failed("the page of \(site.name) shows no link: \(try browser.text())")
    }
    return link
  }

  /// Makes a booted box ready for a code: a network by DHCP that was set by somebody.
  func prepare(_ node: Node, _ wan: JSONValue = PaperBox.dhcp) throws {
    let box = box(node)
    let answer = try box.ask("network configure", ("wan", wan))
    guard answer["done"].bool == true else {
      throw LabError.failed("network: \(answer["text"].text ?? "")")
    }
    try box.waitForWAN()
  }

  /// Activates a booted box by code without a person at the console.
  func activate(_ node: Node, _ gateway: PortalGateway) throws {
    try prepare(node)
    let answer = try box(node).ask("activate", ("code", .string(gateway.code)))
    guard answer["done"].bool == true else {
      throw LabError.failed("activate: \(answer["text"].text ?? "")")
    }
    try box(node).waitUntilActivated()
  }

  /// Has a box forget everything.
  func reset(_ node: Node) throws {
    let box = box(node)
    _ = try box.ask("factory-reset")
    try world.wait("\(node.name) to have forgotten everything", seconds: 30) {
      do {
        return try box.activationState() == "unactivated"
          && box.overview()["controller"]["url"].text == nil
      } catch is SystemError { return false } catch LabError.failed { return false }
    }
  }

  /// The configuration document that a box runs.
  func document(_ node: Node) throws -> JSON {
    try JSON(parsing: try box(node).document())
  }
}
