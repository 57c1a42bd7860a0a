import Configuration
import HTTP
import JSON
import PortalPages
import Wire

/// One site, Settings › VRRP.
struct VRRPArea {
  let visit: Visit
  let detail: SiteDetail

  private var service: PortalService { visit.service }

  func answer() throws(PortalError) -> HTTPResponse {
    let status = try service.vrrpStatus(detail.site.id, by: visit.user)
    guard visit.isPost else {
      return .html(page(status, VRRPForm(visit, detail).stored(status.panel)))
    }
    try visit.user.require(.manageSites)
    do throws(PortalError) {
      _ = try service.updateVRRP(
        detail.site.id, try VRRPForm(visit, detail).input(), by: visit.user)
      return visit.done(
        Paths.site("\(detail.site.id)", "vrrp"),
        "The VRRP settings are saved; both gateways take them over within a minute.")
    } catch {
      return try visit.again(error) { form in page(status, form) }
    }
  }

  // MARK: The page

  private func page(_ status: VRRPStatus, _ form: FormState) -> String {
    let panel = status.panel
    let nodes = detail.gateways.map { gateway in
      let profile = Profile(named: gateway.platform)
      let ports = profile?.ports(.lan, in: detail.template.deployment) ?? []
      return VRRPPage.Node(
        name: gateway.name, ports: ports, tracked: Self.tracked(gateway, detail, panel))
    }
    var page = VRRPPage(
      frame: visit.frame(), heading: SiteView.heading(detail), gateways: nodes, form: form)
    page.hasPassword = !panel.password.isEmpty
    page.subnet = detail.site.lanVirtualIP?.network.description ?? ""
    page.status = status.reports.map(fact)
    page.weighted = Self.tracked(detail, panel)
    page.checkRows = VRRPForm.rows(form)
    return page.html
  }

  /// What either gateway can track, each once.
  static func tracked(_ detail: SiteDetail, _ panel: VRRPPanel) -> [String] {
    detail.gateways.reduce(into: []) { names, gateway in
      names += tracked(gateway, detail, panel).filter { !names.contains($0) }
    }
  }

  private static func tracked(
    _ gateway: Gateway, _ detail: SiteDetail, _ panel: VRRPPanel
  ) -> [String] {
    guard let profile = Profile(named: gateway.platform) else { return [] }
    let names = DocumentGenerator.Ports(
      profile, detail.template.deployment, panel, gateway.wanVLAN)
    return [names.lan, names.wan]
  }

  private func fact(
    _ report: (gateway: Gateway, ha: JSONValue, at: Int64?)
  ) -> SitePage.PairFact {
    let name = report.gateway.name
    guard let role = report.ha["role"]?.string else {
      return .init(name, "No report yet")
    }
    let faults = report.ha["peer"]?["faults"]?.array?.compactMap(\.string) ?? []
    let dropped = report.ha["vrrp"]?.array?.reduce(0) { sum, router in
      sum + (router["advertsDropped"]?.members ?? []).reduce(0) { $0 + ($1.value.integer ?? 0) }
    }
    let failed = report.ha["checks"]?.array?.filter { $0["isUp"]?.bool == false } ?? []
    let failedNames = failed.compactMap { $0["name"]?.string }
    let demotion = report.ha["rank"]?["demotion"]?.integer ?? 0
    let words = role.prefix(1).uppercased() + role.dropFirst()
    var more = demotion > 0 ? ", demoted by \(demotion)" : ""
    if !failedNames.isEmpty { more += ", down: \(failedNames.joined(separator: ", "))" }
    if let dropped, dropped > 0 { more += ", \(dropped) adverts refused" }
    if report.ha["link"]?["direct"]?.bool == true { more += ", HA link: direct cable" }
    return .init(name, words + more, faults.isEmpty && demotion == 0 ? .good : .warn)
  }
}
