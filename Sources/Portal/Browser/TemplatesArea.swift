import Configuration
import HTTP
import PortalPages
import Wire

/// Resources › Templates.
struct TemplatesArea {
  let visit: Visit

  private var service: PortalService { visit.service }

  func answer(_ way: ArraySlice<String>) throws(PortalError) -> HTTPResponse {
    guard way.count <= 2 else { throw Visit.noPage }
    let verb = way.dropFirst().first
    switch (way.first, verb) {
    case (nil, _): return visit.isPost ? try create(.new) : try list()
    case ("new", nil): return .html(try editor(.new, Self.empty))
    case (let id?, nil): return try one(try Visit.number(id))
    case (let id?, "clone"?): return try clone(try Visit.number(id))
    case (let id?, "delete"?): return try delete(try Visit.number(id))
    default: throw Visit.noPage
    }
  }

  private func list() throws(PortalError) -> HTTPResponse {
    let all = try service.listTemplates(by: visit.user)
    return .html(TemplatesPage(frame: visit.frame(), rows: all.map(Self.row)).html)
  }

  static func row(_ template: Template) -> TemplatesPage.Row {
    let dns = [template.primaryDNS] + (template.secondaryDNS.map { [$0] } ?? [])
    return TemplatesPage.Row(
      id: "\(template.id)", name: template.name, deployment: template.deployment.rawValue,
      platforms: template.platforms, dns: dns.map(\.description),
      dhcp: template.dhcpService.rawValue, nat: template.isNATEnabled, sites: template.siteCount,
      isDefault: template.isDefault)
  }

  private static let empty: FormState = {
    var input = TemplateInput()
    input.deploymentType = Deployment.standardModeHA.rawValue
    input.primaryDNS = "1.1.1.1"
    input.secondaryDNS = "8.8.8.8"
    return FormState(input)
  }()

  private func editor(
    _ mode: TemplatePage.Mode, _ form: FormState, _ template: Template? = nil
  ) throws(PortalError) -> String {
    if case .view = mode {} else { try visit.user.require(.manageTemplates) }
    var page = TemplatePage(
      frame: visit.frame(), mode: mode, form: form,
      platforms: Profile.all.map { ($0.name, $0.name) })
    page.sites = template?.siteCount ?? 0
    page.notes = template?.notes ?? []
    return page.html
  }

  private func create(_ mode: TemplatePage.Mode) throws(PortalError) -> HTTPResponse {
    do throws(PortalError) {
      let made = try service.createTemplate(TemplateInput(visit.form), by: visit.user)
      return visit.done(Paths.templates, "Template \(made.name) is there.")
    } catch {
      return try visit.again(error) { form throws(PortalError) in try editor(mode, form) }
    }
  }

  private func one(_ id: Int64) throws(PortalError) -> HTTPResponse {
    let template = try service.template(id, by: visit.user)
    let mode: TemplatePage.Mode =
      template.isDefault || !visit.user.role.allows(.manageTemplates)
      ? .view(id: "\(id)", name: template.name, isDefault: template.isDefault)
      : .edit(id: "\(id)", name: template.name)
    guard visit.isPost else {
      return .html(try editor(mode, FormState(TemplateInput(template)), template))
    }
    // What cannot be changed has no form to show the reason in.
    if case .view = mode {
      _ = try service.updateTemplate(id, TemplateInput(visit.form), by: visit.user)
    }
    do throws(PortalError) {
      let changed = try service.updateTemplate(id, TemplateInput(visit.form), by: visit.user)
      return visit.done(Paths.templates, "Template \(changed.name) is saved.")
    } catch {
      return try visit.again(error) { form throws(PortalError) in
        try editor(mode, form, template)
      }
    }
  }

  private func clone(_ id: Int64) throws(PortalError) -> HTTPResponse {
    let original = try service.template(id, by: visit.user)
    let mode = TemplatePage.Mode.clone(id: "\(id)", of: original.name)
    if visit.isPost { return try create(mode) }
    var input = TemplateInput(original)
    input.name = ""
    return .html(try editor(mode, FormState(input)))
  }

  private func delete(_ id: Int64) throws(PortalError) -> HTTPResponse {
    let template = try service.template(id, by: visit.user)
    let question = Question(
      title: "Delete template \(template.name)?",
      effects: ["It is gone for good. Sites are not changed: a template that sites use stays."],
      typed: "DELETE", button: "Delete template", back: Paths.templates)
    return try visit.ask(question, .manageTemplates) { () throws(PortalError) in
      try service.deleteTemplate(id, by: visit.user)
      return visit.done(Paths.templates, "Template \(template.name) is deleted.")
    }
  }
}

extension FormState {
  /// A template in the fields of its form.
  fileprivate init(_ input: TemplateInput) {
    var fields = [
      HTTPField("name", input.name), HTTPField("deploymentType", input.deploymentType),
      HTTPField("platformType", input.platform1),
      HTTPField("platformType2", input.platform2.isEmpty ? input.platform1 : input.platform2),
      HTTPField("primaryDns", input.primaryDNS), HTTPField("secondaryDns", input.secondaryDNS),
      HTTPField("dhcpService", input.dhcpService),
    ]
    if input.natEnabled { fields.append(HTTPField("natEnabled", "yes")) }
    if input.allowDifferentPlatforms {
      fields.append(HTTPField("allowDifferentPlatforms", "yes"))
    }
    self.init(fields)
  }
}

extension TemplateInput {
  /// What was typed.
  fileprivate init(_ form: FormState) {
    self.init()
    name = form["name"]
    deploymentType = form["deploymentType"]
    platform1 = form["platformType"]
    platform2 = form["platformType2"]
    allowDifferentPlatforms = form.has("allowDifferentPlatforms", "yes")
    primaryDNS = form["primaryDns"]
    secondaryDNS = form["secondaryDns"]
    dhcpService = form["dhcpService"]
    natEnabled = form.has("natEnabled", "yes")
  }
}
