import Activation
import PortalPages

extension Samples {
  // MARK: Software and backups

  var software: [(name: String, html: String)] {
    var pages = [
      ("software", list(.all, 2).html), ("software-viewer", list([], 2).html),
      ("software-full", list(.all, 3).html), ("software-empty", list(.all, 0).html),
      ("site-updating", updating(.all, isOpen: true).html),
      ("site-updated-viewer", updating([], isOpen: false).html), ("site-update", question().html),
      ("backup", backup(.all).html), ("backup-viewer", backup([]).html),
    ]
    var wrong = list(.all, 1)
    wrong.form = state([], [FormProblem("", "The bundle ends within its part root.")])
    pages.append(("software-wrong", wrong.html))
    return pages.map { (name: $0.0, html: $0.1) }
  }

  private func list(_ rights: Frame.Rights, _ count: Int) -> SoftwarePage {
    let rows = ["1.5.0", "1.4.1", "1.4.0"].prefix(count).enumerated().map { index, version in
      var row = SoftwarePage.Row(
        version: typed(version), size: 241_172_480, isVerified: index != 0,
        isDefault: index == 1, profiles: [typed("vm"), "zt400", "zt600", "zt800"],
        minimum: typed("1.2.0"), added: Samples.now - Int64(index * 900_000 + 4_000),
        user: typed("claire.martin"))
      if index == 1 { row.uses = [typed("paris-gw-01 runs it"), "paris-gw-02 runs it"] }
      return row
    }
    return SoftwarePage(frame: frame(rights), rows: rows, limit: 3, limitMiB: 512)
  }

  private func updating(_ rights: Frame.Rights, isOpen: Bool) -> SitePage {
    var page = SitePage(
      frame: frame(rights), heading: heading(), gateways: [gateway(1), gateway(2)])
    page.gateways[0].state = .active
    page.gateways[1].state = .standby
    var card = SoftwareCard()
    card.nodes = (1...2).map { number in
      var node = SoftwareCard.Node(name: typed("paris-gw-0\(number)"))
      node.version = typed("1.4.0")
      node.slot = typed("a")
      return node
    }
    card.canUpdate = true
    card.warnings = [typed("Less than 60 min from Lyon at 12:30.")]
    if isOpen {
      card.open = typed("1.5.0")
      card.summary = Frame.Notice(
        .info, typed("Update to 1.5.0 is under way: paris-gw-02 is installing."))
      card.nodes[1].update = .init(
        version: typed("1.5.0"), state: "writing", percent: 62, reason: "")
    } else {
      card.summary = Frame.Notice(
        .bad, typed("Update to 1.5.0 failed: the gateway went back to 1.4.0: no contact"))
      card.nodes[0].isTrial = true
      card.nodes[1].update = .init(
        version: typed("1.5.0"), state: "returned", percent: nil,
        reason: typed("the portal is not reached"))
    }
    page.software = card
    return page
  }

  private func question() -> UpdatePage {
    UpdatePage(
      frame: frame(), site: typed("4"), name: typed("Paris"),
      effects: [typed("The standby gateway is updated first and has to prove itself.")],
      versions: [(typed("1.5.0"), typed("1.5.0, signature not verified")), ("1.4.1", "1.4.1")],
      form: state(
        [("version", "1.4.1"), ("at", "25:00")],
        [FormProblem("at", "25:00 is no time of day; HH:MM, 00:00 to 23:59, UTC")]))
  }

  private func backup(_ rights: Frame.Rights) -> BackupPage {
    var page = BackupPage(frame: frame(rights), heading: heading())
    page.versions = [
      (typed("paris-gw-01"), 7, Samples.now - 4_000), ("paris-gw-02", 6, Samples.now - 90_000),
    ]
    if !rights.isEmpty {
      page.form = state([], [FormProblem("", "site.timeZone: is no time zone")])
    }
    return page
  }
}
