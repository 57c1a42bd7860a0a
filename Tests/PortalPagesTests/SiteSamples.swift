import Activation
import HTTP
import PortalPages

extension Samples {
  // MARK: Sites

  var siteRows: [SitesPage.Row] {
    let names = ["Amsterdam", "Berlin Mitte", "Dublin", "Paris", "Lyon", "Zürich HB"]
    let states: [[(GatewayState, GatewayState?)]] = [
      [(.active, nil), (.standby, nil)], [(.active, nil), (.disconnected, .standby)],
      [(.standalone, nil)], [(.postUpdate, nil), (.disconnected, nil)],
      [(.fault, nil), (.active, nil)], [(.suspended, nil), (.active, nil)],
    ]
    return names.indices.map { index in
      let name = typed(names[index])
      var row = SitesPage.Row(id: typed("\(index + 1)"), name: name)
      row.gateways = states[index].enumerated().map { number, state in
        SitesPage.Gateway(
          name: name.split(separator: " ")[0].lowercased() + "-gw-0\(number + 1)",
          state: state.0, lastState: state.1, isActivated: true)
      }
      row.template = typed(row.gateways.count > 1 ? "zt400-ha-default" : "zt800-standalone-default")
      row.deployment = row.gateways.count > 1 ? "standard_mode_ha" : "standalone"
      row.platform = "zt400"
      row.lan = typed("10.\(index + 1).0.1")
      row.wan = "203.0.113.\(index + 10)"
      row.contact = index == 3 ? nil : Samples.now - Int64(index * index * 4)
      row.created = Samples.now - Int64(index * 90_000)
      return row
    }
  }

  var siteList: [(name: String, html: String)] {
    var page = SitesPage(
      frame: frame(), query: SiteQuery(), rows: siteRows, matching: 212, total: 212, pageSize: 6)
    page.counts = [
      (.active, 197), (.standby, 195), (.standalone, 9), (.initializing, 1), (.postUpdate, 1),
      (.disconnected, 4), (.fault, 1), (.suspended, 1),
    ]
    var searching = page
    searching.query.search = typed("atlantis")
    searching.query.columns = SiteQuery.Column.allCases
    var wide = searching
    searching.rows = []
    searching.matching = 0
    wide.query.isDescending = true
    wide.query.state = .active
    let empty = SitesPage(
      frame: frame(), query: SiteQuery(), rows: [], matching: 0, total: 0, pageSize: 50)
    return [
      ("sites", page.html), ("sites-nothing", searching.html), ("sites-wide", wide.html),
      ("sites-empty", empty.html),
    ]
  }

  func heading() -> SiteHeading {
    SiteHeading(
      id: typed("4"), name: typed("Paris"), template: typed("zt400-ha-default"),
      deployment: "standard_mode_ha")
  }

  func gateway(_ number: Int) -> GatewayCard {
    GatewayCard(
      id: typed("\(number)"), number: number, name: typed("paris-gw-0\(number)"),
      platform: "zt400")
  }

  func activation(_ number: Int) -> ActivationPanel {
    let payload =
      "ZTB1.eyJjYSI6IlB1eHJ6U2ZyN3VlT3pXR2c1Mk9BZ2tTbWJQbmRtM2JYTjRBYWhGYyIsImNvZGUiOiI3SzNN"
      + "UTlYMFRCV0o1RDJQIiwiZG5zIjpbIjEuMS4xLjEiLCI4LjguOC44Il0sImV4cCI6MTc4NTg1MjEyOSwiZ3ciO"
      + "iJwYXJpcy1ndy0wMSIsImlhdCI6MTc4NDY0MjUyOSwia2V5IjoiN3JaQnVsTm0yYkhKUWdUdTh5cVNmRTNuV3"
      + "FmZ2ZKV1c5b1pZQ3ZHSSIsInBsYXQiOiJ6dDQwMCIsInBvcnRhbCI6Imh0dHBzOi8vcG9ydGFsLmV4YW1wbGU"
      + "6ODQ0MyIsInByb3h5IjpudWxsLCJ2IjoxfQ.q3Zl2R0sYp8fJmXwVt5uN1bKcE7hGdLaOi6eSxTzUQk"
    // Not a real code: finder patterns, and noise between them.
    let size = 89
    var modules = (0..<size).map { y in
      (0..<size).map { x in (x * x * 7 + y * y * 13 + x * y * number) % 5 < 2 }
    }
    for (left, top) in [(0, 0), (size - 8, 0), (0, size - 8)] {
      for y in 0..<8 {
        for x in 0..<8 {
          let (u, v) = (left == 0 ? x : x - 1, top == 0 ? y : y - 1)
          let inside = (0..<7).contains(u) && (0..<7).contains(v)
          let ring = max(abs(u - 3), abs(v - 3))
          modules[top + y][left + x] = inside && ring != 2
        }
      }
    }
    return ActivationPanel(
      code: typed(number == 1 ? "7K3M-Q9X0-TBWJ-5D2P" : "Z1VN-40RC-8HGE-QM6T"),
      url: typed("http://192.168.0.1/activate#\(payload)"), qr: modules,
      expiresAt: Samples.now + 13 * 86_400 + 7_000)
  }

  var site: [(name: String, html: String)] {
    var pages = [("site-new", fresh().html), ("site-activating", activating().html)]
    pages += [("site-pair", pair().html), ("site-viewer", viewer().html)]
    pages += [("links", links(canMail: true)), ("links-copy", links(canMail: false))]
    pages += [("vrrp", vrrp(.all)), ("vrrp-viewer", vrrp([])), ("events", events().html)]
    var none = EventsPage(frame: frame(), heading: heading(), rows: [])
    none.older = nil
    pages.append(("events-empty", none.html))
    return pages.map { (name: $0.0, html: $0.1) }
  }

  private func fresh() -> SitePage {
    let cards = (1...2).map { number -> GatewayCard in
      var card = gateway(number)
      card.activation = activation(number)
      card.wan = typed("DHCP on GE3")
      card.lan = "10.1.0.\(number + 1)/24"
      return card
    }
    let notice = Frame.Notice(
      .good, typed("Site added. Keep the codes and links, or send them to the branch."))
    var page = SitePage(frame: frame(notice: notice), heading: heading(), gateways: cards)
    page.facts = [
      ("LAN virtual IP", "10.1.0.1/24"), ("WAN virtual IP", ""), ("Time zone", "Europe/Paris"),
      ("Web proxy", typed("hub3.example:1883")),
    ]
    return page
  }

  private func activating() -> SitePage {
    var (first, second) = (gateway(1), gateway(2))
    first.state = .active
    first.isActivated = true
    first.reason = typed("Waiting for gateway 2.")
    first.role = "primary"
    first.serial = typed("ZT4-0042-7731")
    first.contact = Samples.now - 2
    second.progress = ActivationProgress(done: 4, step: typed("Portal reached"))
    second.progress?.failure = (
      typed("The proxy refused the password (407)."),
      typed("Correct the user and password of the web proxy at the console: 2, then 3.")
    )
    second.activation = activation(2)
    second.state = .initializing
    var page = SitePage(frame: frame(), heading: heading(), gateways: [first, second])
    page.summary = Frame.Notice(.warn, typed("One gateway works alone until the other is active."))
    return page
  }

  private func pair() -> SitePage {
    var heading = heading()
    heading.canSwitch = true
    let cards = (1...2).map { number -> GatewayCard in
      var card = gateway(number)
      card.state = number == 1 ? .active : .standby
      card.role = number == 1 ? "primary" : "secondary"
      card.isActivated = true
      card.serial = typed("ZT4-0042-773\(number)")
      card.version = "1.4.0"
      card.wan = "203.0.113.\(number + 1)/24 (DHCP)"
      card.lan = "10.1.0.\(number + 1)/24"
      card.configuration = "7, applied"
      card.contact = Samples.now - Int64(number * 7)
      card.activatedAt = Samples.now - 700_000
      card.canSuspend = true
      return card
    }
    var page = SitePage(frame: frame(), heading: heading, gateways: cards)
    page.pair = [
      .init("HA link", "Up, GE4", .good), .init("Session sync", "Ready", .good),
      .init("Sessions", "12 408"), .init("Last change of role", typed("3 days ago, by a person")),
      .init("Configuration", "7 on both", .good),
    ]
    page.facts = [
      ("LAN virtual IP", "10.1.0.1/24"), ("WAN virtual IP", "203.0.113.10"),
      ("Time zone", "Europe/Paris"), ("Web proxy", typed("hub3.example:1883")),
    ]
    return page
  }

  private func viewer() -> SitePage {
    var page = pair()
    page.frame = frame([])
    page.gateways[1].state = .disconnected
    page.gateways[1].lastState = .standby
    page.gateways[1].reason = typed("No contact for 4 min; the last state was Standby.")
    return page
  }

  private func links(canMail: Bool) -> String {
    var page = LinksPage(
      frame: frame(), heading: heading(),
      gateways: [
        .init(
          id: typed("1"), name: typed("paris-gw-01"), activation: activation(1),
          isActivated: false),
        .init(id: "2", name: "paris-gw-02", activation: nil, isActivated: true),
      ], canMail: canMail)
    page.form = state([("to", "branch@example.com"), ("gateway", "1")])
    return page.html
  }

  private func vrrp(_ rights: Frame.Rights) -> String {
    var form = state(
      [
        ("virtual_router_id", "71"), ("version", "3"), ("advert_int", "0.02"),
        ("priority", "200"), ("vip", "10.1.0.1"),
      ], rights.isEmpty ? [] : [FormProblem("advert_int", "Version 2 takes whole seconds: 1.")])
    form.values.append(.init("track_interface.paris-gw-01", "GE2"))
    form.values += [
      .init("checks[0].name", typed("isp")), .init("checks[0].kind", "icmp"),
      .init("checks[0].target", typed("203.0.113.254")), .init("checks[0].weight", "90"),
      .init("track_weight.ge2", "20"), .init("track_weight.ge3", "60"),
      .init("preempt_delay", "30"), .init("accept_mode", "yes"),
    ]
    var page = VRRPPage(
      frame: frame(rights), heading: heading(),
      gateways: (1...2).map {
        .init(name: typed("paris-gw-0\($0)"), ports: ["GE2"], tracked: ["GE2", "GE3"])
      }, form: form)
    page.hasPassword = true
    page.weighted = ["ge2", "ge3"]
    page.checkRows = 2
    page.subnet = "10.1.0.0/24"
    page.status = [
      .init("paris-gw-01", "Active, priority 200", .good),
      .init("paris-gw-02", "Standby, priority 100", .good),
      .init("Adverts with a wrong password", typed("0")),
    ]
    return page.html
  }

  private func events() -> EventsPage {
    let texts: [(String, String, GatewayState?)] = [
      ("", "Session sync is ready", .standby), ("", "Configuration 7 was applied", .postUpdate),
      ("", "Configuration 7 was verified", .initializing),
      ("was activated with its code", "serial ZT4-0042-7732", nil),
    ]
    let rows = texts.enumerated().map { index, text in
      EventsPage.Row(
        time: Samples.now - Int64(index * 41), gateway: typed("paris-gw-02"), text: typed(text.0),
        cause: typed(text.1), state: text.2)
    }
    var page = EventsPage(frame: frame(), heading: heading(), rows: rows)
    page.older = typed("/sites/4/events?before=17")
    return page
  }
}
