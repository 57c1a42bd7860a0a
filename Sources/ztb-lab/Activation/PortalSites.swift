import HTTPClient
import JSON
import Linux
import Wire

/// A site that is to be made: the example of the lab's plan, with what differs.
struct SiteShape {
  var name: String
  /// Two gateways; else one alone.
  var isPair = true
  /// The web proxy as `host:port`; nil: none.
  var proxy: String?
  /// User and password for it.
  var proxyAccount: (user: String, password: String)?
  /// Own addresses on the WAN with their length; none: by DHCP.
  var addresses: [String] = []
  /// The model.
  var platform = "zt400"
  /// A template that was made for it; nil: the default one of the model.
  var template: Int?

  init(
    _ name: String, isPair: Bool = true, proxy: String? = nil, addresses: [String] = [],
    platform: String = "zt400"
  ) {
    self.name = name
    self.isPair = isPair
    self.proxy = proxy
    self.addresses = addresses
    self.platform = platform
  }

  /// The body of the request that makes it.
  func body(template: Int) -> JSONValue {
    let nodes = isPair ? Node.allCases : [.a]
    let gateways = nodes.enumerated().map { index, node in
      let wan =
        index < addresses.count
        ? JSONValue.of(
          ("mode", .string("static")), ("address", .string(addresses[index])),
          ("gateway", .string("\(Plan.isp)")))
        : .of(("mode", .string("dhcp")))
      return JSONValue.of(("wan", wan), ("lanAddress", .string("\(node.lanAddress)/24")))
    }
    var members: [JSONValue.Member] = [
      .init("name", .string(name)), .init("template", .integer(template)),
      .init("gateways", .array(gateways)),
    ]
    // One gateway alone is what the LAN's clients know as their router.
    if isPair {
      members.append(.init("lanVirtualIP", .string("\(Plan.lanVirtual)/24")))
      members.append(.init("wanVirtualIP", .string("\(Plan.wanVirtual)/24")))
    }
    if let proxy {
      let parts = proxy.split(separator: ":").map(String.init)
      members.append(
        .init(
          "proxy",
          .of(
            ("host", .string(parts[0])), ("port", .integer(Int(parts[1]) ?? 0)),
            ("user", .text(proxyAccount?.user)), ("password", .text(proxyAccount?.password)))))
    }
    return .object(members)
  }
}

/// A site as the portal tells of it.
struct PortalSite {
  let id: Int
  let name: String
  let gateways: [PortalGateway]

  init(_ value: JSON) throws {
    guard let id = value["id"].int, let name = value["name"].text else {
      throw LabError.failed("the portal tells of no site")
    }
    self.id = id
    self.name = name
    gateways = value["gateways"].array.map { gateway in
      PortalGateway(gateway, value["activations"][gateway["name"].text ?? ""])
    }
  }
}

/// A gateway as the portal tells of it.
struct PortalGateway {
  let id: String
  let name: String
  /// The activation code in groups of four; empty where it was not asked for.
  let code: String
  /// The activation link; empty where it was not asked for.
  let link: String
  /// `Disconnected`, `Initializing` and so on.
  let state: String
  /// What is shown beside the state, such as “waiting for gateway 2”.
  let detail: String

  init(_ value: JSON, _ activation: JSON) {
    id = value["id"].text ?? ""
    name = value["name"].text ?? ""
    code = activation["code"].text ?? ""
    link = activation["url"].text ?? ""
    state = value["state"].text ?? ""
    detail = value["detail"].text ?? ""
  }
}

extension PortalAdmin {
  /// Makes a site; with the codes and links of its gateways.
  func addSite(_ shape: SiteShape) throws -> PortalSite {
    let template = try shape.template ?? template(shape.platform, isPair: shape.isPair)
    return try PortalSite(try call("POST", "/api/v3/sites", shape.body(template: template)))
  }

  /// Makes many sites, `lanes` at a time.
  func addSites(_ shapes: [SiteShape], lanes: Int) throws -> [PortalSite] {
    var made: [PortalSite] = []
    for start in stride(from: 0, to: shapes.count, by: lanes) {
      let requests = try shapes[start..<min(start + lanes, shapes.count)].map { shape in
        let template = try template(shape.platform, isPair: shape.isPair)
        return request("POST", "/api/v3/sites", shape.body(template: template))
      }
      for result in try client.sendAll(requests) {
        made.append(try PortalSite(try PortalAdmin.value(try result.get(), "POST sites")))
      }
    }
    return made
  }

  /// A site as it is now, without codes and links.
  func site(_ id: Int) throws -> PortalSite {
    try PortalSite(try call("GET", "/api/v3/sites/\(id)"))
  }

  /// Waits until a gateway of a site has a state, with `detail` in what is shown beside it.
  func waitForState(
    _ site: PortalSite, _ index: Int, _ state: String, detail: String = "", seconds: Int = 60
  ) throws {
    var last = ""
    do {
      try world.wait("", seconds: seconds) {
        let gateway = try self.site(site.id).gateways[index]
        last = "\(gateway.state) (\(gateway.detail))"
        return gateway.state == state && (detail.isEmpty || gateway.detail.contains(detail))
      }
    } catch LabError.timeout {
      let wanted = detail.isEmpty ? state : "\(state) (\(detail))"
      throw LabError.timeout(
        "the portal to show \(wanted) for \(site.gateways[index].name); it shows \(last)")
    }
  }

  /// Waits until the gateways of a site have these states at the same time.
  func waitForStates(_ site: PortalSite, _ states: [String], seconds: Int = 60) throws {
    var last: [String] = []
    do {
      try world.wait("", seconds: seconds) {
        last = try self.site(site.id).gateways.map(\.state)
        return last == states
      }
    } catch LabError.timeout {
      throw LabError.timeout("the portal to show \(states) for \(site.name); it shows \(last)")
    }
  }

  /// The events of a site as one line each, oldest first.
  func events(_ site: PortalSite) throws -> [String] {
    try call("GET", "/api/v3/sites/\(site.id)/events?limit=500")["events"].array.reversed().map {
      "\($0["gateway"].text ?? "") \($0["kind"].text ?? ""): \($0["text"].text ?? "") "
        + "(\($0["cause"].text ?? ""))"
    }
  }

  /// The states that a gateway has had since its site was made.
  func history(_ site: PortalSite, _ gateway: PortalGateway) throws -> [String] {
    try call("GET", "/api/v3/sites/\(site.id)/events?limit=500")["events"].array.reversed()
      .filter { $0["kind"].text == "state" && $0["gateway"].text == gateway.name }
      // The portal's own events, not those in which the box tells of itself.
      .compactMap { $0["text"].text?.split(separator: " → ") }
      .compactMap { $0.count == 2 ? String($0[1]) : nil }
  }

  /// Gives a site another order of name servers, by a template of its own.
  func change(_ site: PortalSite, _ shape: SiteShape, dns: [String]) throws {
    let base = try template(shape.platform, isPair: shape.isPair)
    let name = "for \(site.name) \(dns[0])"
    let clone = try call(
      "POST", "/api/v3/templates/\(base)/clone", .of(("name", .string(name))))
    guard let id = clone["id"].int else { throw LabError.failed("the clone has no number") }
    try call(
      "PUT", "/api/v3/templates/\(id)",
      .of(
        ("name", .string(name)),
        ("deploymentType", .string(shape.isPair ? "standard_mode_ha" : "standalone")),
        ("platformType", .string(shape.platform)), ("primaryDns", .string(dns[0])),
        ("secondaryDns", .string(dns[1]))))
    try call("PUT", "/api/v3/sites/\(site.id)", shape.body(template: id))
  }

  /// Replaces the code and link of a gateway; the new ones.
  func rotate(_ site: PortalSite, _ index: Int) throws -> PortalGateway {
    let gateway = site.gateways[index]
    let offer = try call("POST", "/api/v3/gateways/\(gateway.id)/rotateactivationcode")
    return PortalGateway(
      JSON(.of(("id", .string(gateway.id)), ("name", .string(gateway.name)))), offer)
  }
}
