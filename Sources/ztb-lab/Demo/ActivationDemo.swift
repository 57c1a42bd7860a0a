import JSON
import Linux
import Wire

/// The way from two boxes out of the carton to an active pair, told as lines.
struct ActivationDemo {
  let stage: Stage
  let tell: (String) -> Void

  /// The pair at its end.
  func run() throws -> World {
    tell("two boxes out of the carton, a provider with DHCP, a portal, a laptop: nothing is set up")
    let place = try ActivationWorld(stage)
    let admin = try place.admin()
    let site = try admin.addSite(SiteShape("demo"))
    tell("the portal has a site with two gateways, both Disconnected, each with a code and a link")
    try byCode(place, admin, site)
    try byLink(place, site)
    try admin.waitForStates(site, ["Active", "Standby"])
    tell("the portal shows Active and Standby")
    return place.world
  }

  /// The first node, at its console.
  private func byCode(
    _ place: ActivationWorld, _ admin: PortalAdmin, _ site: PortalSite
  ) throws {
    let gateway = site.gateways[0]
    try place.boot(.a)
    let installer = place.installer(.a)
    try installer.showMenu()
    tell("gwA, console: 2, 1: the network by DHCP, DNS 1.1.1.1 and 8.8.8.8")
    try installer.configureNetwork()
    tell("gwA, console: 1, 1 and the code \(gateway.code)")
    try installer.activate(code: gateway.code, name: gateway.name)
    try admin.waitForState(site, 0, "Active", detail: "waiting for gateway 2")
    tell("gwA: Gateway \(gateway.name) is activated; the portal: Active, waiting for gateway 2")
  }

  /// The second node, with a laptop on its management port.
  private func byLink(_ place: ActivationWorld, _ site: PortalSite) throws {
    let gateway = site.gateways[1]
    try place.boot(.b)
    let seconds = try place.laptop.connect(to: .b)
    tell("gwB: a laptop on GE1 has its address after \(seconds.text(1)) s")
    if Programs.missing(Browser.programs).isEmpty {
      let browser = try place.laptop.browser()
      try browser.open(gateway.link)
      try browser.expect("Activate", seconds: 10)
      tell("gwB: Chromium on the laptop opens the link; somebody presses Activate")
      try browser.press("Activate")
      try browser.expect("Activation is completed", seconds: 90)
    } else {
      let (status, text) = try ActivationPage(place.laptop).post(gateway.link)
      guard (200..<400).contains(status) else { throw LabError.failed(text) }
      tell("gwB: the link is pasted into the page (Chromium is not installed)")
    }
    try place.box(.b).waitUntilActivated()
    tell("gwB: Activation is completed")
  }
}
