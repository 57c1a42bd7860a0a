import JSON
import Linux
import Wire

extension Scenario {
  /// From two boxes out of the carton to an active pair.
  static let activation = [
    Scenario(
      name: "activate-by-code",
      summary:
        "both nodes by code at the console, key by key as documented, through a proxy only; a host "
        + "of the LAN gets its address as the template says, and keeps it through a power cut"
    ) { stage in
      let place = try ActivationWorld(stage)
      let admin = try place.admin()
      let proxy = "\(Plan.documentProxyName):\(Internet.openProxyPort)"
      try Programs.require(["dnsmasq", "udhcpc"])
      var shape = SiteShape("paris", proxy: proxy)
      shape.template = try admin.call(
        "POST", "/api/v3/templates",
        .of(
          ("name", .string("served")), ("deploymentType", .string("standard_mode_ha")),
          ("platformType", .string(shape.platform)), ("primaryDns", .string("1.1.1.1")),
          ("secondaryDns", .string("8.8.8.8")),
          ("dhcpService", .string("server")))
      )["id"].int
      let site = try admin.addSite(shape)
      try place.world.fabric.allowOnlyProxyToPortal(true)
      for (node, gateway) in zip(Node.allCases, site.gateways) {
        try place.boot(node)
        let installer = place.installer(node)
        try installer.showMenu()
        try installer.configureNetwork()
        try installer.configureProxy(proxy)
        let began = MonotonicClock.now()
        try installer.activate(code: gateway.code, name: gateway.name)
        stage.tell(
          "\(node.name): \(gateway.name) is activated \(seconds(since: began)) s after its code")
        if node == .a {
          try admin.waitForState(site, 0, "Active", detail: "waiting for gateway 2")
        }
      }
      try admin.waitForStates(site, ["Active", "Standby"])
      try stage.expectOrder(admin, site)
      let tunnels = place.internet.proxyLog.split(separator: "\n").filter {
        $0.contains("CONNECT \(Plan.portalName):")
      }
      stage.tell("the proxy opened \(tunnels.count) tunnels; nothing else reaches the portal")
      for port in [Plan.portalPort, Plan.agentPort] {
        try stage.expect(
          tunnels.contains { $0.contains(":\(port)") }, "no tunnel to port \(port) was opened")
      }
      let host = try LANHost("pc", place.world)
      let lease = try host.start()
      stage.tell("a host of the LAN was lent \(lease.address)")
      try stage.expect(
        IPv4Address(lease.address).map { $0 >= IPv4Address(10, 1, 0, 128) } ?? false
          && lease.router == "\(Plan.lanVirtual)", "the host was told \(lease)")
      try host.host.run(["ping", "-c", "2", "-i", "0.2", "-W", "2", "\(Plan.server)"])
      try failOver(stage, place, admin, site)
      try stage.expect(
        try host.renew().address == lease.address, "the host has another address")
      try host.host.run(["ping", "-c", "2", "-i", "0.2", "-W", "2", "\(Plan.server)"])
    },
    Scenario(
      name: "activate-by-url",
      summary: "both nodes by the link of the portal's page, opened in Chromium on a leased laptop"
    ) { stage in
      try Programs.require(Browser.programs)
      let place = try ActivationWorld(stage)
      let admin = try place.admin(inBrowser: true)
      let site = try admin.addSite(SiteShape("lyon"))
      let browser = try place.laptop.browser()
      for (index, node) in Node.allCases.enumerated() {
        try place.boot(node)
        let link = try place.readLink(site, index)
        let wait = try place.laptop.connect(to: node)
        stage.tell("\(node.name): the laptop has its lease after \(wait.text(2)) s")
        try stage.expect(wait < 5, "the laptop waited \(wait.text(1)) s for its lease")
        try follow(link, browser, stage, node)
        try stage.expect(
          try browser.text().contains(site.gateways[index].name), "the page names no gateway")
        try stage.expectNoTrace(of: site.gateways[index], link, browser)
      }
      try admin.waitForStates(site, ["Active", "Standby"])
      try stage.expectOrder(admin, site)
      let pair = try place.world.waitForPair(active: .a)
      stage.tell("\(pair.name) is active, \(pair.peer.name) is standby")
      stage.photographSite(place, site, "site-active-standby")
    },
    Scenario(
      name: "activate-differences",
      summary: "a WAN setting that differs from the site's is named, and the code is not consumed"
    ) { stage in
      let place = try ActivationWorld(stage)
      let admin = try place.admin()
      let site = try admin.addSite(
        SiteShape("nice", isPair: false, addresses: ["\(Node.a.wanAddress)/24"]))
      try place.boot(.a)
      let installer = place.installer(.a)
      try installer.showMenu()
      try installer.configureNetwork()
      try installer.enter(code: site.gateways[0].code)
      let reasons = try place.box(.a).waitUntilFailed()
      stage.tell("refused: \(reasons.joined(separator: "; "))")
      try stage.expect(
        reasons.contains { $0.contains("wan.mode: box dhcp, site static") },
        "the difference is not named: \(reasons)")
      try installer.terminal.expect("wan.mode: box dhcp, site static", seconds: 5)
      try admin.waitForState(site, 0, "Disconnected")
      try installer.showMenu()
      try installer.configureNetwork(
        .fixed(address: "\(Node.a.wanAddress)/24", gateway: "\(Plan.isp)"))
      // Without DHCP nobody has told the box where its portal is.
      let code = "\(site.gateways[0].code)@\(Plan.portalName):\(Plan.portalPort)"
      let began = MonotonicClock.now()
      try installer.activate(code: code, name: site.gateways[0].name)
      stage.tell("corrected: activated \(seconds(since: began)) s after the code")
      try admin.waitForState(site, 0, "Standalone")
      stage.tell("the same code works, the portal shows Standalone")
    },
  ]

  /// Through a proxy that asks who one is.
  static let closedProxy = [
    Scenario(
      name: "activate-proxy-password",
      summary: "a proxy with user and password: a wrong one is named, the right one does"
    ) { stage in
      let place = try ActivationWorld(stage)
      let admin = try place.admin()
      let proxy = "\(Plan.proxyName):\(Internet.closedProxyPort)"
      var shape = SiteShape("metz", isPair: false, proxy: proxy)
      shape.proxyAccount = (Internet.user, Internet.password)
      let site = try admin.addSite(shape)
      try place.world.fabric.allowOnlyProxyToPortal(true)
      try place.boot(.a)
      let installer = place.installer(.a)
      try installer.showMenu()
      try installer.configureNetwork()
      try installer.configureProxy(proxy, user: Internet.user, password: "guessed")
      try installer.enter(code: site.gateways[0].code)
      let reasons = try place.box(.a).waitUntilFailed()
      stage.tell("with a wrong password: \(reasons.joined(separator: "; "))")
      try stage.expect(
        reasons.contains { $0.contains("\(proxy) does not take the user") },
        "the proxy is not named: \(reasons)")
      try installer.showMenu()
      try installer.configureProxy(proxy, user: Internet.user, password: Internet.password)
      try installer.activate(code: site.gateways[0].code, name: site.gateways[0].name)
      try admin.waitForState(site, 0, "Standalone")
      stage.tell("with the right one: activated, the portal shows Standalone")
      for name in ["ztbd-gwA", "portal"] {
        try stage.expect(
          !stage.workspace.logText(name).contains(Internet.password), "\(name) tells the password")
      }
    }
  ]

  /// Opens an activation link and presses the button, with a picture at each step.
  private static func follow(
    _ link: String, _ browser: Browser, _ stage: Stage, _ node: Node
  ) throws {
    try browser.open(link)
    try browser.expect("Activate", seconds: 10)
    try browser.photograph("activate-\(node.rawValue)-1-summary")
    let address = try browser.address()
    try stage.expect(!address.contains("ZTB1"), "the address line shows the token: \(address)")
    try browser.press("Activate")
    var shown = ""
    var pictures = 1
    let end = MonotonicClock.now() + .seconds(90)
    while true {
      let text = try browser.text()
      if text != shown {
        shown = text
        pictures += 1
        try browser.photograph("activate-\(node.rawValue)-\(pictures)-steps")
      }
      if text.contains("Activation is completed") { break }
      guard MonotonicClock.now() < end else {
        throw LabError.timeout("the page to say that activation is completed; it shows:\n\(text)")
      }
    }
    stage.tell("\(node.name): Activation is completed, \(pictures) different pictures of the page")
  }

  /// Cuts the power of the active under live sessions.
  private static func failOver(
    _ stage: Stage, _ place: ActivationWorld, _ admin: PortalAdmin, _ site: PortalSite
  ) throws {
    let world = place.world
    let active = try world.waitForPair(active: .a)
    let fleet = try stage.makeFleet(world, Fleet.Selection())
    let survival = try powerCut(world, fleet)
    stage.tell("power cut of \(active.name): \(survival.summary)")
    if !survival.isWhole { stage.tell(survival) }
    try stage.expectWhole(survival)
    try admin.waitForState(site, 1, "Active")
    try world.restorePower(active)
    try world.waitForPair(active: active.peer, seconds: 60)
    try admin.waitForStates(site, ["Standby", "Active"], seconds: 60)
    stage.tell("the portal shows Standby and Active after the power is back")
  }

  static func seconds(since began: Instant) -> String {
    ((MonotonicClock.now() - began).milliseconds / 1000).text(1)
  }
}

extension Stage {
  /// Each gateway was Initializing before it was Post-update, and that before its final state.
  func expectOrder(_ admin: PortalAdmin, _ site: PortalSite) throws {
    for gateway in site.gateways {
      let states = try admin.history(site, gateway)
      tell("\(gateway.name): \(states.joined(separator: " → "))")
      guard let first = states.firstIndex(of: "Initializing"),
        let second = states.firstIndex(of: "Post-update"),
        let last = states.firstIndex(where: { ["Standalone", "Active", "Standby"].contains($0) })
      else { throw LabError.failed("\(gateway.name): states are missing from \(states)") }
      try expect(first < second && second < last, "\(gateway.name): the order is \(states)")
    }
  }

  /// The secret of a code is in no log, no address and no history.
  func expectNoTrace(of gateway: PortalGateway, _ link: String, _ browser: Browser) throws {
    let secret = String(gateway.code.filter { $0 != "-" }.dropFirst(4).prefix(11))
    let token = String(link.split(separator: "#").last?.dropFirst(5).prefix(40) ?? "")
    for name in Directory.names(workspace.path + "/log") {
      let text = workspace.logText(name)
      try expect(!text.contains(secret) && !text.contains(token), "\(name) holds the secret")
    }
    let history = try browser.develop("Page.getNavigationHistory")["entries"].array
    let places = history.compactMap { $0["url"].text }
    try expect(
      !places.contains { $0.contains("ZTB1.") }, "the browser's history holds the token: \(places)")
  }

  /// A picture of a site's page in the portal, for the book.
  func photographSite(_ place: ActivationWorld, _ site: PortalSite, _ name: String) {
    do {
      try place.openSite(site)
      try place.laptop.browser().photograph(name)
    } catch { tell("no picture of the site: \(error)") }
  }
}
