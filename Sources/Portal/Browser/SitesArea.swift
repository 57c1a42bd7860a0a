import Activation
import HTTP
import PortalPages

/// Deployments › Sites, and everything about one site.
struct SitesArea {
  let visit: Visit

  private var service: PortalService { visit.service }

  func answer(_ way: ArraySlice<String>) throws(PortalError) -> HTTPResponse {
    let verb = way.dropFirst().first
    guard way.count <= 2 else { throw Visit.noPage }
    switch (way.first, verb) {
    case (nil, _): return visit.isPost ? try SiteForms(visit: visit).create() : try list()
    case ("new", nil): return try SiteForms(visit: visit).begin()
    case (let id?, let verb): return try one(try Visit.number(id), verb)
    }
  }

  private func list() throws(PortalError) -> HTTPResponse {
    let all = try service.listSites(by: visit.user)
    let query = SiteQuery(visit.request.query)
    let selection = SiteSelection(all, query)
    var page = SitesPage(
      frame: visit.frame(), query: selection.query, rows: selection.rows,
      matching: selection.matching, total: all.count, pageSize: SiteSelection.pageSize)
    page.counts = selection.counts
    return .html(page.html)
  }

  private func one(_ id: Int64, _ verb: String?) throws(PortalError) -> HTTPResponse {
    let detail = try service.site(id, by: visit.user)
    switch verb {
    case nil: return .html(try SiteView(visit: visit, detail: detail).page().html)
    case "edit": return try SiteForms(visit: visit).edit(detail)
    case "links": return try LinksArea(visit: visit, detail: detail).answer()
    case "vrrp": return try VRRPArea(visit: visit, detail: detail).answer()
    case "events": return try events(detail)
    case "switchover": return try switchover(detail)
    case "delete": return try delete(detail)
    case "update": return try UpdateArea(visit: visit, detail: detail).start()
    case "update-cancel": return try UpdateArea(visit: visit, detail: detail).cancel()
    case "backup": return try BackupArea(visit: visit, detail: detail).answer()
    case "backup-file": return try BackupArea(visit: visit, detail: detail).file()
    case "restore": return try BackupArea(visit: visit, detail: detail).restore()
    default: throw Visit.noPage
    }
  }

  // MARK: Events

  private func events(_ detail: SiteDetail) throws(PortalError) -> HTTPResponse {
    let size: Int64 = 100
    let before = visit.request.parameter("before").flatMap { Int64($0) }
    let events = try service.listEvents(
      site: detail.site.id, before: before, limit: size, by: visit.user)
    var page = EventsPage(
      frame: visit.frame(), heading: SiteView.heading(detail), rows: events.map(EventWords.row))
    if events.count == Int(size), let last = events.last {
      page.older = Paths.site("\(detail.site.id)", "events") + "?before=\(last.number)"
    }
    return .html(page.html)
  }

  // MARK: Questions

  private func switchover(_ detail: SiteDetail) throws(PortalError) -> HTTPResponse {
    let back = Paths.site("\(detail.site.id)")
    let active = detail.gateways.first { $0.life.state == .active }?.name ?? "The active gateway"
    let question = Question(
      title: "Switch over \(detail.site.name)?",
      effects: [
        "\(active) hands the active role to the other gateway when all sessions are in step.",
        "Sessions go on; nothing has to be connected anew.",
      ], typed: nil, button: "Switch over", back: back)
    return try visit.ask(question, .failOver) { () throws(PortalError) in
      _ = try service.initiateSwitchover(detail.site.id, by: visit.user)
      return visit.done(back, "The switchover is ordered; the states below show it.", .info)
    }
  }

  private func delete(_ detail: SiteDetail) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Delete \(detail.site.name)?",
      effects: [
        "Its codes and links stop working, and its gateways may not contact the portal any more.",
        "Gateways that are activated go on with what they have until they are reset.",
        "Its events are gone with it; the audit log stays.",
      ], typed: detail.site.name, button: "Delete site", back: Paths.site("\(detail.site.id)"))
    return try visit.ask(question, .manageSites) { () throws(PortalError) in
      try service.deleteSite(detail.site.id, by: visit.user)
      return visit.done(Paths.sites, "\(detail.site.name) is deleted.")
    }
  }
}
