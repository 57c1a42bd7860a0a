import HTTP
import JSON

/// The VRRP panel and what pairs are told to do. The number of a cluster is its site's.
enum ClusterRoutes {
  static let all: [RESTRoute] = [
    RESTRoute("GET", "vrrp/config/{cluster_id}", "The VRRP panel") { call throws(PortalError) in
      let id = try call.number("cluster_id")
      return .value(RESTForm.vrrp(try call.service.vrrp(id, by: try call.user())))
    },
    RESTRoute("POST", "vrrp/config/{cluster_id}", "Changes the VRRP panel") {
      call throws(PortalError) in
      let changed = try call.service.updateVRRP(
        try call.number("cluster_id"), try input(call), by: try call.user())
      return .value(RESTForm.vrrp(changed))
    },
    RESTRoute("DELETE", "vrrp/config/{cluster_id}", "Gives the VRRP panel its first values") {
      call throws(PortalError) in
      let changed = try call.service.resetVRRP(
        try call.number("cluster_id"), by: try call.user())
      return .value(RESTForm.vrrp(changed))
    },
    RESTRoute("GET", "vrrp/vrrpstatus/{cluster_id}", "What the gateways say of themselves") {
      call throws(PortalError) in
      let id = try call.number("cluster_id")
      return .value(RESTForm.vrrpStatus(try call.service.vrrpStatus(id, by: try call.user())))
    },
    RESTRoute("PUT", "vrrp/updateVirtualIP/{cluster_id}", "Changes the virtual addresses") {
      call throws(PortalError) in
      let fields = try call.fields()
      let lan = fields.optionalText("lanVirtualIP") ?? fields.optionalText("vip")
      let wan = fields.optionalText("wanVirtualIP")
      try fields.finish("vip", "lanVirtualIP", "wanVirtualIP")
      let changed = try call.service.updateVirtualIP(
        try call.number("cluster_id"), lan: lan, wan: wan, by: try call.user())
      return .value(RESTForm.vrrp(changed))
    },
    RESTRoute(
      "PUT", "vrrp/updateVrrpState/{cluster_id}",
      "Suspends or resumes a gateway: gateway, state (suspended, running)"
    ) { call throws(PortalError) in
      let fields = try call.fields()
      let gateway = fields.optionalText("gateway")
      let state = fields.text("state")
      if !["suspended", "running"].contains(state) {
        fields.add("state", "must be suspended or running")
      }
      try fields.finish("gateway", "state")
      return try command(call, gateway, suspend: state == "suspended")
    },
    RESTRoute("POST", "cluster/{id}/initiateSwitchover", "Hands the active role over") {
      call throws(PortalError) in
      let command = try call.service.initiateSwitchover(
        try call.number("id"), by: try call.user())
      return .value(RESTForm.command(command), status: 202)
    },
    RESTRoute("POST", "cluster/{id}/drill", "Checks and exercises a failover") {
      call throws(PortalError) in
      let command = try call.service.drill(try call.number("id"), by: try call.user())
      return .value(RESTForm.command(command), status: 202)
    },
    RESTRoute("POST", "cluster/{id}/suspend", "Takes a gateway out of its pair: gateway") {
      call throws(PortalError) in
      let fields = try call.fields()
      let gateway = fields.optionalText("gateway")
      try fields.finish("gateway")
      return try command(call, gateway, suspend: true)
    },
    RESTRoute("POST", "cluster/{id}/resume", "Takes a gateway back into its pair: gateway") {
      call throws(PortalError) in
      let fields = try call.fields()
      let gateway = fields.optionalText("gateway")
      try fields.finish("gateway")
      return try command(call, gateway, suspend: false)
    },
  ]

  private static func command(
    _ call: RESTCall, _ gateway: String?, suspend: Bool
  ) throws(PortalError) -> HTTPResponse {
    let id = try call.number(call.parameters["id"] == nil ? "cluster_id" : "id")
    let user = try call.user()
    let command =
      suspend
      ? try call.service.suspend(id, gateway: gateway, by: user)
      : try call.service.resume(id, gateway: gateway, by: user)
    return .value(RESTForm.command(command), status: 202)
  }

  private static func input(_ call: RESTCall) throws(PortalError) -> VRRPInput {
    let fields = try call.fields()
    let input = panel(fields)
    try fields.finish()
    return input
  }

  /// The panel in a body, or in a part of one.
  static func panel(_ fields: Fields) -> VRRPInput {
    var input = VRRPInput()
    input.virtualRouterID = fields.integer("virtual_router_id")
    input.advertInterval = fields.numberText("advert_int")
    input.priority = fields.integer("priority")
    input.virtualIP = fields.optionalText("vip")
    input.password = fields.optionalText("authentication_password")
    input.version = fields.integer("version")
    if fields.has("preempt") { input.preempt = fields.flag("preempt", default: false) }
    if let interfaces = fields.object("vrrp_interface") {
      for name in interfaces.keys { input.interfaces[name] = interfaces.text(name) }
    }
    if let tracked = fields.object("track_interface") {
      for name in tracked.keys { input.track[name] = tracked.texts(name) }
    }
    if let weights = fields.object("track_weight") {
      for name in weights.keys { input.weights[name] = weights.integer(name) }
    }
    input.preemptDelay = fields.integer("preempt_delay")
    if fields.has("accept_mode") { input.acceptMode = fields.flag("accept_mode", default: true) }
    input.authMode = fields.optionalText("auth_mode")
    input.checksum = fields.optionalText("checksum")
    if fields.has("checks") { input.checks = fields.objects("checks").map(check) }
    fields.expect([
      "virtual_router_id", "advert_int", "priority", "vip", "authentication_password",
      "version", "preempt", "vrrp_interface", "track_interface", "track_weight", "preempt_delay",
      "accept_mode", "auth_mode", "checksum", "checks",
    ])
    return input
  }

  private static func check(_ fields: Fields) -> CheckInput {
    var input = CheckInput(
      name: fields.text("name"), kind: fields.text("kind"), target: fields.text("target"))
    input.intervalMs = fields.integer("intervalMs")
    input.timeoutMs = fields.integer("timeoutMs")
    input.fall = fields.integer("fall")
    input.rise = fields.integer("rise")
    input.weight = fields.integer("weight")
    fields.expect([
      "name", "kind", "target", "intervalMs", "timeoutMs", "fall", "rise", "weight",
    ])
    return input
  }
}
