import HTTP
import JSON
import Wire

/// Deployments › Sites, and their gateways.
enum SiteRoutes {
  static let all: [RESTRoute] = [
    RESTRoute("GET", "sites", "Sites with their gateways, by name; ?search=&offset=&limit=") {
      call throws(PortalError) in
      let search = call.request.parameter("search")?.lowercased() ?? ""
      let offset = Int(clamping: try call.query("offset") ?? 0)
      let limit = Int(clamping: try call.query("limit") ?? .max)
      let list = try call.service.listSites(by: try call.user()).filter { detail in
        search.isEmpty || detail.site.name.lowercased().contains(search)
          || detail.gateways.contains { $0.name.lowercased().contains(search) }
      }
      let shown = list.dropFirst(offset).prefix(limit)
      return .value(
        .of(["total": .integer(list.count), "sites": .array(shown.map(RESTForm.site))]))
    },
    RESTRoute("POST", "sites", "Makes a site") { call throws(PortalError) in
      .value(try create(call, try input(call, template: nil)), status: 201)
    },
    RESTRoute("GET", "sites/{id}", "One site") { call throws(PortalError) in
      let id = try call.number("id")
      return .value(RESTForm.site(try call.service.site(id, by: try call.user())))
    },
    RESTRoute("PUT", "sites/{id}", "Changes a site") { call throws(PortalError) in
      let changed = try call.service.updateSite(
        try call.number("id"), try input(call, template: nil), by: try call.user())
      return .value(RESTForm.site(changed))
    },
    RESTRoute("DELETE", "sites/{id}", "Deletes a site") { call throws(PortalError) in
      try call.service.deleteSite(try call.number("id"), by: try call.user())
      return .noContent
    },
    RESTRoute("GET", "sites/{id}/gateways", "The gateways of a site") {
      call throws(PortalError) in
      let detail = try call.service.site(try call.number("id"), by: try call.user())
      return .value(.of(["gateways": .array(detail.gateways.map(RESTForm.gateway))]))
    },
    RESTRoute("GET", "sites/{id}/events", "What happened at a site; ?before=&limit=") {
      call throws(PortalError) in
      .value(try events(call, site: try call.number("id")))
    },
    RESTRoute("GET", "events", "What happened anywhere; ?before=&limit=") {
      call throws(PortalError) in
      .value(try events(call, site: nil))
    },
    RESTRoute("GET", "gateways/{id}/activation", "Code and link of a gateway") {
      call throws(PortalError) in
      let offer = try call.service.activation(of: call.text("id"), by: try call.user())
      return .value(RESTForm.activation(offer, at: call.service.now()))
    },
    RESTRoute("GET", "gateways/{id}/status", "The status document a gateway sent last") {
      call throws(PortalError) in
      let status = try call.service.status(of: call.text("id"), by: try call.user())
      return .value(.of(["status": status ?? .null]))
    },
    RESTRoute(
      "POST", "gateways/{id}/sendactivationlink", "Shows or mails code and link once more: to"
    ) { call throws(PortalError) in
      let fields = try call.fields()
      let address = fields.optionalText("to")
      try fields.finish("to")
      let sent = try call.service.sendActivationLink(
        call.text("id"), to: address, by: try call.user())
      return .value(
        .of([
          "activation": RESTForm.activation(sent.offer, at: call.service.now()),
          "mailed": .bool(sent.isMailed),
        ]))
    },
    RESTRoute("POST", "gateways/{id}/rotateactivationcode", "Replaces code and link") {
      call throws(PortalError) in
      let offer = try call.service.rotateActivationCode(call.text("id"), by: try call.user())
      return .value(RESTForm.activation(offer, at: call.service.now()))
    },
    RESTRoute("POST", "gateways/{id}/replace", "Makes room for another box in its place") {
      call throws(PortalError) in
      let offer = try call.service.replaceGateway(call.text("id"), by: try call.user())
      return .value(RESTForm.activation(offer, at: call.service.now()))
    },
    RESTRoute("POST", "gateways/{id}/factoryreset", "Has a gateway forget everything") {
      call throws(PortalError) in
      try call.service.factoryReset(call.text("id"), by: try call.user())
      return .value(.of(["accepted": .bool(true)]), status: 202)
    },
    RESTRoute("POST", "gateways/{id}/restart", "Has a gateway start again") {
      call throws(PortalError) in
      let command = try call.service.restart(call.text("id"), by: try call.user())
      return .value(RESTForm.command(command), status: 202)
    },
  ]

  /// A new site with the codes and links of its gateways, for those who may see them.
  static func create(_ call: RESTCall, _ input: SiteInput) throws(PortalError) -> JSONValue {
    let user = try call.user()
    let made = try call.service.createSite(input, by: user)
    var activations: [JSONValue.Member] = []
    for gateway in made.gateways {
      let offer = try call.service.activation(of: gateway.id, by: user)
      activations.append(
        .init(gateway.name, RESTForm.activation(offer, at: call.service.now())))
    }
    let members = RESTForm.site(made).members ?? []
    return .object(members + [.init("activations", .object(activations))])
  }

  private static func events(_ call: RESTCall, site: Int64?) throws(PortalError) -> JSONValue {
    let list = try call.service.listEvents(
      site: site, before: try call.query("before"), limit: try call.query("limit") ?? 100,
      by: try call.user())
    return .of(["events": .array(list.map(RESTForm.event))])
  }

  /// A site in a body; the template stands in the body or in the path.
  static func input(_ call: RESTCall, template: Int64?) throws(PortalError) -> SiteInput {
    let fields = try call.fields()
    var input = SiteInput()
    input.name = fields.text("name")
    if let template {
      input.templateID = template
    } else if let given = fields.integer("template") {
      input.templateID = given
    } else {
      fields.add("template", "is missing")
    }
    input.lanVirtualIP = fields.text("lanVirtualIP")
    input.wanVirtualIP = fields.text("wanVirtualIP")
    input.timeZone = fields.optionalText("timeZone") ?? "UTC"
    input.proxy = fields.object("proxy").map(proxy)
    input.gateways = fields.objects("gateways").map(gateway)
    try fields.finish(
      "name", "template", "lanVirtualIP", "wanVirtualIP", "timeZone", "proxy", "gateways")
    return input
  }

  static func proxy(_ fields: Fields) -> SiteInput.ProxyInput {
    fields.expect(["host", "port", "user", "password", "exceptions"])
    return SiteInput.ProxyInput(
      host: fields.text("host"), port: fields.numberText("port") ?? "",
      user: fields.text("user"), password: fields.optionalText("password"),
      exceptions: fields.texts("exceptions"))
  }

  static func gateway(_ fields: Fields) -> SiteInput.GatewayInput {
    fields.expect(["name", "wan", "lanAddress"])
    var input = SiteInput.GatewayInput()
    input.name = fields.text("name")
    input.lanAddress = fields.text("lanAddress")
    if let wan = fields.object("wan") {
      wan.expect(["mode", "address", "gateway", "vlan"])
      input.mode = wan.optionalText("mode") ?? "dhcp"
      input.address = wan.text("address")
      input.gateway = wan.text("gateway")
      input.vlan = wan.numberText("vlan") ?? ""
    }
    return input
  }
}
