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
    guard visit.isPost else { return .html(page(status, stored(status.panel))) }
    try visit.user.require(.manageSites)
    do throws(PortalError) {
      _ = try service.updateVRRP(detail.site.id, try input(), by: visit.user)
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
      let names = profile.map {
        DocumentGenerator.Ports($0, detail.template.deployment, panel, gateway.wanVLAN)
      }
      return VRRPPage.Node(
        name: gateway.name, ports: ports, tracked: names.map { [$0.lan, $0.wan] } ?? [])
    }
    var page = VRRPPage(
      frame: visit.frame(), heading: SiteView.heading(detail), gateways: nodes, form: form)
    page.versions = [3]
    page.hasPassword = !panel.password.isEmpty
    page.subnet = detail.site.lanVirtualIP?.network.description ?? ""
    page.status = status.reports.map(fact)
    // What the panel says about a password, whether one is set or not.
    var withPassword = panel
    withPassword.password = "set"
    if !withPassword.notes.isEmpty { page.passwordNotes = withPassword.notes }
    return page.html
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
    let words = role.prefix(1).uppercased() + role.dropFirst()
    let more = (dropped ?? 0) > 0 ? ", \(dropped ?? 0) adverts dropped" : ""
    return .init(name, words + more, faults.isEmpty ? .good : .warn)
  }

  private func stored(_ panel: VRRPPanel) -> FormState {
    var fields = [
      HTTPField("virtual_router_id", "\(panel.groupID)"), HTTPField("version", "3"),
      HTTPField("advert_int", panel.advertInterval), HTTPField("priority", "\(panel.priority)"),
      HTTPField("vip", detail.site.lanVirtualIP?.address.description ?? ""),
    ]
    if panel.preempt { fields.append(HTTPField("preempt", "yes")) }
    for gateway in detail.gateways {
      fields.append(HTTPField("vrrp_interface.\(gateway.name)", panel.interface))
      fields += panel.track.map { HTTPField("track_interface.\(gateway.name)", $0) }
    }
    return FormState(fields)
  }

  // MARK: What was typed

  private func input() throws(PortalError) -> VRRPInput {
    let form = visit.form
    var input = VRRPInput()
    var problems: [PortalError.Problem] = []
    let number = { (name: String) -> Int64? in
      if let value = Int64(form[name]) { return value }
      problems.append(.init(name, "'\(form[name])' is not a whole number"))
      return nil
    }
    input.virtualRouterID = number("virtual_router_id")
    input.priority = number("priority")
    input.version = 3
    input.advertInterval = form["advert_int"]
    input.virtualIP = form["vip"]
    input.preempt = form.has("preempt", "yes")
    let password = form["authentication_password"]
    if form.has("passwordRemove", "yes") {
      input.password = ""
    } else if !password.isEmpty {
      input.password = password
    }
    for gateway in detail.gateways {
      let interface = form["vrrp_interface.\(gateway.name)"]
      if !interface.isEmpty { input.interfaces[gateway.name] = interface }
      let name = "track_interface.\(gateway.name)"
      input.track[gateway.name] = form.values.filter { $0.name == name }.map(\.value)
    }
    guard !problems.isEmpty else { return input }
    // Nothing is stored, but all that is wrong is told at once.
    do throws(PortalError) {
      _ = try input.checked(detail.site, detail.gateways, others: [])
    } catch { problems += error.problems }
    throw .invalid(problems)
  }
}
