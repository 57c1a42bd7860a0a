import Configuration
import HTTP
import PortalPages

/// Adding and changing a site.
struct SiteForms {
  let visit: Visit

  private var service: PortalService { visit.service }

  // MARK: Adding

  /// The choice of a template, then the form.
  func begin() throws(PortalError) -> HTTPResponse {
    try visit.user.require(.manageSites)
    guard let id = visit.request.parameter("template") else {
      let all = try service.listTemplates(by: visit.user)
      return .html(
        ChooseTemplatePage(frame: visit.frame(), templates: all.map(TemplatesArea.row)).html)
    }
    let template = try service.template(try Visit.number(id), by: visit.user)
    var input = SiteInput()
    input.gateways = Array(repeating: .init(), count: template.gatewayCount)
    return .html(page(template, FormState(input)).html)
  }

  /// Adds the site that was typed.
  func create() throws(PortalError) -> HTTPResponse {
    let template = try service.template(
      try Visit.number(visit.form["templateId"]), by: visit.user)
    do throws(PortalError) {
      let made = try service.createSite(SiteInput(visit.form, template), by: visit.user)
      let what = made.gateways.count > 1 ? "codes and links" : "code and link"
      return visit.done(
        Paths.site("\(made.site.id)"),
        "\(made.site.name) is added. Keep the \(what) below, or send them to the branch.")
    } catch {
      return try visit.again(error) { form in page(template, form).html }
    }
  }

  // MARK: Changing

  /// Shows the form of a site, or saves it.
  func edit(_ detail: SiteDetail) throws(PortalError) -> HTTPResponse {
    try visit.user.require(.manageSites)
    guard visit.isPost else {
      let input = SiteInput(detail.site, detail.gateways)
      return .html(editor(detail, FormState(input)).html)
    }
    do throws(PortalError) {
      var input = SiteInput(visit.form, detail.template)
      input.templateID = detail.template.id
      let saved = try service.updateSite(detail.site.id, input, by: visit.user)
      return visit.done(Paths.site("\(saved.site.id)"), "The settings are saved.")
    } catch {
      return try visit.again(error) { form in editor(detail, form).html }
    }
  }

  private func editor(_ detail: SiteDetail, _ form: FormState) -> SiteFormPage {
    var page = page(detail.template, form)
    page.editing = ("\(detail.site.id)", detail.site.name)
    page.hasProxyPassword = detail.site.proxy?.password != nil
    return page
  }

  private func page(_ template: Template, _ form: FormState) -> SiteFormPage {
    let slots = template.platforms.map { platform in
      let names = PortNames(platform, template.deployment)
      return SiteFormPage.Slot(platform: platform, wanPort: names.wan, lanPort: names.lan)
    }
    var page = SiteFormPage(
      frame: visit.frame(), template: "\(template.id)", templateName: template.name,
      gateways: slots, form: form)
    page.isNATEnabled = template.isNATEnabled
    return page
  }
}

/// The ports of a model as people read them on the case: `GE3`.
struct PortNames {
  let management: String
  let wan: String
  let lan: String

  init(_ platform: String, _ deployment: Deployment) {
    guard let profile = Profile(named: platform) else {
      (management, wan, lan) = ("", "", "")
      return
    }
    let ports = DocumentGenerator.Ports(profile, deployment, nil, nil)
    management = profile.managementPort.uppercased()
    wan = ports.wan.uppercased()
    lan = ports.lan.uppercased()
  }
}

extension FormState {
  /// A site in the fields of its form.
  fileprivate init(_ input: SiteInput) {
    var fields = [
      HTTPField("name", input.name), HTTPField("timeZone", input.timeZone),
      HTTPField("lanVirtualIP", input.lanVirtualIP),
      HTTPField("wanVirtualIP", input.wanVirtualIP),
    ]
    if let proxy = input.proxy {
      fields += [
        HTTPField("proxy.host", proxy.host), HTTPField("proxy.port", proxy.port),
        HTTPField("proxy.user", proxy.user),
        HTTPField("proxy.exceptions", proxy.exceptions.joined(separator: ", ")),
      ]
    }
    for (index, gateway) in input.gateways.enumerated() {
      let base = "gateways[\(index)]."
      fields += [
        HTTPField(base + "name", gateway.name), HTTPField(base + "wan.mode", gateway.mode),
        HTTPField(base + "wan.address", gateway.address),
        HTTPField(base + "wan.gateway", gateway.gateway),
        HTTPField(base + "wan.vlan", gateway.vlan),
        HTTPField(base + "lanAddress", gateway.lanAddress),
      ]
    }
    self.init(fields)
  }
}

extension SiteInput {
  /// What was typed. With DHCP the fields of a static address are hidden, so what they still hold
  /// does not count.
  fileprivate init(_ form: FormState, _ template: Template) {
    self.init()
    name = form["name"]
    templateID = template.id
    lanVirtualIP = form["lanVirtualIP"]
    wanVirtualIP = form["wanVirtualIP"]
    timeZone = form["timeZone"]
    let host = form["proxy.host"]
    let port = form["proxy.port"]
    if !host.isEmpty || !port.isEmpty {
      let password = form["proxy.password"]
      proxy = ProxyInput(
        host: host, port: port, user: form["proxy.user"],
        password: password.isEmpty ? nil : password,
        exceptions: form["proxy.exceptions"].split { ", ;\t".contains($0) }.map(String.init))
    }
    gateways = (0..<template.gatewayCount).map { index in
      let base = "gateways[\(index)]."
      let mode = form[base + "wan.mode"]
      let isDHCP = mode == Gateway.Mode.dhcp.rawValue
      return GatewayInput(
        name: form[base + "name"], mode: mode,
        address: isDHCP ? "" : form[base + "wan.address"],
        gateway: isDHCP ? "" : form[base + "wan.gateway"], vlan: form[base + "wan.vlan"],
        lanAddress: form[base + "lanAddress"])
    }
  }
}
