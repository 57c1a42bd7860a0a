import HTTP
import JSON

/// Resources › Templates.
enum TemplateRoutes {
  static let all: [RESTRoute] = [
    RESTRoute("GET", "templates", "Every template") { call throws(PortalError) in
      let list = try call.service.listTemplates(by: try call.user())
      return .value(.of(["templates": .array(list.map(RESTForm.template))]))
    },
    RESTRoute("POST", "templates", "Makes a template") { call throws(PortalError) in
      let made = try call.service.createTemplate(try input(call), by: try call.user())
      return .value(RESTForm.template(made), status: 201)
    },
    RESTRoute("GET", "templates/{id}", "One template") { call throws(PortalError) in
      let id = try call.number("id")
      return .value(RESTForm.template(try call.service.template(id, by: try call.user())))
    },
    RESTRoute("PUT", "templates/{id}", "Changes a template") { call throws(PortalError) in
      let changed = try call.service.updateTemplate(
        try call.number("id"), try input(call), by: try call.user())
      return .value(RESTForm.template(changed))
    },
    RESTRoute("DELETE", "templates/{id}", "Deletes a template") { call throws(PortalError) in
      try call.service.deleteTemplate(try call.number("id"), by: try call.user())
      return .noContent
    },
    RESTRoute("POST", "templates/{id}/clone", "Clones a template: name") {
      call throws(PortalError) in
      let fields = try call.fields()
      let name = fields.text("name")
      try fields.finish("name")
      let made = try call.service.cloneTemplate(
        try call.number("id"), name: name, by: try call.user())
      return .value(RESTForm.template(made), status: 201)
    },
    RESTRoute("POST", "templates/{id}/deploy_site", "Makes a site from a template") {
      call throws(PortalError) in
      let input = try SiteRoutes.input(call, template: try call.number("id"))
      return .value(try SiteRoutes.create(call, input), status: 201)
    },
  ]

  private static func input(_ call: RESTCall) throws(PortalError) -> TemplateInput {
    let fields = try call.fields()
    var input = TemplateInput()
    input.name = fields.text("name")
    input.deploymentType = fields.text("deploymentType")
    input.platform1 = fields.text("platformType")
    input.platform2 = fields.text("platformType2")
    input.allowDifferentPlatforms = fields.flag("allowDifferentPlatforms", default: false)
    input.primaryDNS = fields.text("primaryDns")
    input.secondaryDNS = fields.text("secondaryDns")
    input.dhcpService = fields.optionalText("dhcpService") ?? "none"
    input.natEnabled = fields.flag("natEnabled", default: true)
    try fields.finish(
      "name", "deploymentType", "platformType", "platformType2", "allowDifferentPlatforms",
      "primaryDns", "secondaryDns", "dhcpService", "natEnabled")
    return input
  }
}
