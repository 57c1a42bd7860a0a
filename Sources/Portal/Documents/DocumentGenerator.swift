import Configuration
import JSON
import Wire

/// Makes the configuration documents (schema 1) of a site's gateways.
struct DocumentGenerator {
  let site: Site
  let template: Template
  /// In the order of their slots.
  let gateways: [Gateway]
  /// `https://HOST:PORT` of the port for gateways.
  let agentURL: String
  /// SHA-256 of the public key of the portal's authority.
  let authorityDigest: [UInt8]

  /// The link between the nodes is a network of its own; every pair has the same.
  private static let linkAddresses = ["169.254.77.1", "169.254.77.2"]
  private static let linkLength = 30

  /// The document of the gateway in a place of ``gateways``, canonical; throws what is wrong with
  /// it, at the paths of a site.
  ///
  /// - Parameter isPrimary: whether this node was activated first; standalone ones are.
  func document(at index: Int, isPrimary: Bool) throws(PortalError) -> String {
    let gateway = gateways[index]
    guard let profile = Profile(named: gateway.platform) else {
      throw .invalid("gateways[\(index)].platform", "is no model")
    }
    let ports = Ports(profile, template.deployment, site.vrrp, gateway.wanVLAN)
    let leases = template.dhcpService == .server ? try leaseRange() : nil
    let members: KeyValuePairs<String, JSONValue> = [
      "schema": .integer(1),
      "gateway": .of([
        "name": .string(gateway.name), "profile": .string(gateway.platform),
        "deployment": .string(template.deployment.rawValue),
      ]),
      "wan": wan(gateway, ports), "lan": lan(gateway, ports, leases),
      "ha": ha(gateway, ports, isPrimary: isPrimary), "routes": .array([]),
      "nat": .of(["source": .array(sourceNAT(gateway))]), "helpers": .texts(["ftp"]),
      "policy": policy(ports),
      "controller": .of([
        "url": .string(agentURL),
        "pin": .string("sha256/" + Base64.encode(authorityDigest)),
      ]),
    ]
    do {
      let text = JSONValue.of(members).canonical
      return String(decoding: try ConfigurationDocument(parsing: text).canonical, as: UTF8.self)
    } catch {
      throw .invalid(
        error.problems.map { .init(DocumentPath.sitePath($0.path, index), $0.message) })
    }
  }

  /// The ports of a gateway that a document names.
  struct Ports {
    let wan: String
    /// The port, or `PORT.VLAN`.
    let wanInterface: String
    let lan: String
    let ha: String

    init(_ profile: Profile, _ deployment: Deployment, _ panel: VRRPPanel?, _ vlan: UInt16?) {
      wan = profile.wanPort
      wanInterface = vlan.map { [wan] in "\(wan).\($0)" } ?? wan
      lan = panel?.interface ?? profile.ports(.lan, in: deployment).first ?? ""
      ha = profile.ports(.ha, in: deployment).first ?? ""
    }
  }

  private func wan(_ gateway: Gateway, _ ports: Ports) -> JSONValue {
    let servers = [template.primaryDNS] + (template.secondaryDNS.map { [$0] } ?? [])
    let proxy = site.proxy.map { proxy in
      JSONValue.of([
        "host": .string(proxy.host), "port": .integer(proxy.port), "user": .text(proxy.user),
        "password": .text(proxy.password), "exceptions": .texts(proxy.exceptions),
      ])
    }
    return .of([
      "port": .string(ports.wan), "mode": .string(gateway.wanMode.rawValue),
      "address": .text(gateway.wanAddress), "gateway": .text(gateway.wanGateway),
      "vlan": .number(gateway.wanVLAN), "dns": .texts(servers.map(\.description)),
      "proxy": proxy ?? .null, "subinterface": .null,
    ])
  }

  private func lan(_ gateway: Gateway, _ ports: Ports, _ leases: LeaseRange?) -> JSONValue {
    let service = leases.map { leases in
      JSONValue.of([
        "mode": .string("server"), "from": .text(leases.from), "to": .text(leases.to),
      ])
    }
    return .array([
      .of([
        "port": .string(ports.lan), "vlan": .null, "address": .text(gateway.lanAddress),
        "dhcp": service ?? .null,
      ])
    ])
  }

  private func leaseRange() throws(PortalError) -> LeaseRange {
    guard let range = LeaseRange(site, gateways) else {
      throw .invalid("gateways[0].lanAddress", LeaseRange.absence)
    }
    return range
  }

  private func ha(_ gateway: Gateway, _ ports: Ports, isPrimary: Bool) -> JSONValue {
    guard template.deployment == .standardModeHA, let key = site.haKey, let panel = site.vrrp
    else { return .null }
    let own = isPrimary ? 0 : 1
    var virtual: [JSONValue] = []
    if let address = site.lanVirtualIP {
      virtual.append(.of(["port": .string(ports.lan), "address": .text(address)]))
    }
    if let address = site.wanVirtualIP {
      virtual.append(.of(["port": .string(ports.wanInterface), "address": .text(address)]))
    }
    let priority = isPrimary ? panel.priority : panel.secondaryPriority
    return .of([
      "port": .string(ports.ha),
      "address": .string("\(Self.linkAddresses[own])/\(Self.linkLength)"),
      "peers": .texts([Self.linkAddresses[1 - own]]), "key": .string(Base64.encode(key)),
      "node": .string(isPrimary ? "primary" : "secondary"),
      "vrrp": .of([
        "groupId": .integer(panel.groupID), "version": .integer(panel.version),
        "priority": .integer(priority), "advertIntervalMs": .integer(panel.advertIntervalMs),
        "preempt": .bool(panel.preempt),
        "preemptDelayMs": .integer(panel.preemptDelaySeconds * 1_000),
        "password": .text(panel.password.isEmpty ? nil : panel.password),
        "authMode": .string(authMode(panel).rawValue), "acceptMode": .bool(panel.acceptMode),
        "checksum": .string(panel.checksum.rawValue),
        "track": .array(
          panel.track.map { name in
            .of([
              "port": .string(name == ports.wan ? ports.wanInterface : name),
              "weight": .integer(panel.weight(of: name)),
            ])
          }),
        "checks": SiteJSON.checks(panel), "virtualAddresses": .array(virtual),
      ]),
    ])
  }

  /// A mode without a password, or for version 2, is what is left of another setting.
  private func authMode(_ panel: VRRPPanel) -> VRRPSettings.AuthenticationMode {
    panel.isPermissive && panel.version == 3 && !panel.password.isEmpty ? .permissive : .enforce
  }

  /// A pair translates to its virtual address, which moves with the role.
  private func sourceNAT(_ gateway: Gateway) -> [JSONValue] {
    guard template.isNATEnabled else { return [] }
    let target = site.wanVirtualIP?.address.description ?? "masquerade"
    return [
      .of([
        "from": .text(gateway.lanAddress.network), "to": .string(target),
        "ports": .string("preserve"),
      ])
    ]
  }

  /// The inside may reach the outside; everything else is denied.
  private func policy(_ ports: Ports) -> JSONValue {
    .of([
      "schema": .integer(1), "version": .integer(1),
      "zones": .of([
        "lan": .of(["ports": .texts([ports.lan])]),
        "wan": .of(["ports": .texts([ports.wanInterface])]),
      ]), "groups": .of([:]), "services": .of([:]),
      "rules": .array([
        .of([
          "id": .string("lan-out"), "tier": .string("allow"), "from": .texts(["lan"]),
          "to": .texts(["wan"]), "service": .string("any"),
        ])
      ]), "defaults": .of(["action": .string("deny")]),
    ])
  }
}

/// Paths of a document in the words of a site.
enum DocumentPath {
  /// Where the value of a document comes from.
  static func sitePath(_ path: String, _ index: Int) -> String {
    let gateway = "gateways[\(index)]"
    let table: [(String, String)] = [
      ("gateway.name", "\(gateway).name"), ("gateway.profile", "\(gateway).platform"),
      ("wan.address", "\(gateway).wan.address"), ("wan.gateway", "\(gateway).wan.gateway"),
      ("wan.vlan", "\(gateway).wan.vlan"), ("wan.proxy", "proxy"),
      ("lan[0].address", "\(gateway).lanAddress"),
      ("ha.vrrp.virtualAddresses[0]", "lanVirtualIP"),
      ("ha.vrrp.virtualAddresses[1]", "wanVirtualIP"), ("ha.vrrp.groupId", "virtual_router_id"),
      ("ha.vrrp.advertIntervalMs", "advert_int"), ("ha.vrrp.track", "track_interface"),
      ("ha.vrrp.priority", "priority"), ("ha.vrrp.password", "authentication_password"),
      ("ha.vrrp.authMode", "auth_mode"), ("ha.vrrp.checksum", "checksum"),
      ("ha.vrrp.version", "version"),
    ]
    let checks = "ha.vrrp."
    if path.hasPrefix(checks + "checks[") { return String(path.dropFirst(checks.utf8.count)) }
    guard let entry = table.first(where: { path.hasPrefix($0.0) }) else {
      return path.isEmpty ? "document" : "document.\(path)"
    }
    return entry.1
  }
}
