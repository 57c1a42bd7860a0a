import Configuration
import JSON
import Wire

/// The settings of one site as a file that people keep: versioned, and read back whole.
///
/// The key of a pair and what the portal made itself (identifiers, certificates, codes) are not in
/// it: a restore changes the settings of a site that is there.
enum SiteBackup {
  /// What `kind` holds.
  static let kind = "zt-branch-site"
  /// The version of the form.
  static let schema: Int64 = 1

  /// The file.
  ///
  /// - Parameter withSecrets: whether passwords are in it; without, a restore keeps those that are
  ///   stored.
  static func make(
    _ detail: SiteDetail, withSecrets: Bool, portal: String, at now: Int64
  ) -> JSONValue {
    let site = detail.site
    return .of([
      "kind": .string(kind), "schema": .integer(schema), "made": RESTForm.time(now),
      "portal": .string(portal), "secrets": .bool(withSecrets),
      "site": .of([
        "name": .string(site.name), "template": .string(detail.template.name),
        "deploymentType": .string(detail.template.deployment.rawValue),
        "platforms": .texts(detail.gateways.map(\.platform)),
        "lanVirtualIP": .text(site.lanVirtualIP), "wanVirtualIP": .text(site.wanVirtualIP),
        "timeZone": .string(site.timeZone),
        "proxy": site.proxy.map { proxy($0, withSecrets) } ?? .null,
        "vrrp": site.vrrp.map { vrrp($0, detail.gateways.map(\.name), withSecrets) } ?? .null,
        "gateways": .array(detail.gateways.map(gateway)),
      ]),
    ])
  }

  private static func proxy(_ proxy: SiteProxy, _ withSecrets: Bool) -> JSONValue {
    .of([
      "host": .string(proxy.host), "port": .integer(proxy.port), "user": .text(proxy.user),
      "password": .text(withSecrets ? proxy.password : nil),
      "exceptions": .texts(proxy.exceptions),
    ])
  }

  private static func vrrp(
    _ panel: VRRPPanel, _ names: [String], _ withSecrets: Bool
  ) -> JSONValue {
    .of([
      "virtual_router_id": .integer(panel.groupID), "advert_int": .number(panel.advertInterval),
      "priority": .integer(panel.priority), "preempt": .bool(panel.preempt),
      "authentication_password": .text(withSecrets ? panel.password : nil),
      "vrrp_interface": .object(names.map { .init($0, .string(panel.interface)) }),
      "track_interface": .object(names.map { .init($0, .texts(panel.track)) }),
      "track_weight": SiteJSON.weights(panel), "version": .integer(panel.version),
      "preempt_delay": .integer(panel.preemptDelaySeconds),
      "auth_mode": .string(panel.authMode), "accept_mode": .bool(panel.acceptMode),
      "checksum": .string(panel.checksum.rawValue), "checks": SiteJSON.checks(panel),
    ])
  }

  private static func gateway(_ gateway: Gateway) -> JSONValue {
    .of([
      "name": .string(gateway.name),
      "lanAddress": .text(gateway.lanAddress),
      "wan": .of([
        "mode": .string(gateway.wanMode.rawValue), "address": .text(gateway.wanAddress),
        "gateway": .text(gateway.wanGateway), "vlan": .number(gateway.wanVLAN),
      ]),
    ])
  }
}

/// A backup as it was read; values are checked when it is restored.
struct RestoreInput: Hashable {
  var site = SiteInput()
  /// Name of its template.
  var template = ""
  /// Nil: a site with one gateway.
  var vrrp: VRRPInput?

  /// Reads a backup; throws every member that is missing, of a wrong kind or not known.
  init(_ fields: Fields) throws(PortalError) {
    if fields.text("kind") != SiteBackup.kind {
      fields.add("kind", "must be \(SiteBackup.kind); this is no backup of a site")
    }
    if fields.integer("schema") != SiteBackup.schema {
      fields.add("schema", "must be \(SiteBackup.schema), the one that this version reads")
    }
    fields.expect(["kind", "schema", "made", "portal", "secrets", "site"])
    guard let site = fields.object("site") else {
      fields.add("site", "is missing")
      try fields.finish()
      return
    }
    template = site.text("template")
    self.site.name = site.text("name")
    self.site.lanVirtualIP = site.text("lanVirtualIP")
    self.site.wanVirtualIP = site.text("wanVirtualIP")
    self.site.timeZone = site.text("timeZone")
    self.site.proxy = site.object("proxy").map(SiteRoutes.proxy)
    self.site.gateways = site.objects("gateways").map(SiteRoutes.gateway)
    vrrp = site.object("vrrp").map(ClusterRoutes.panel)
    site.expect([
      "name", "template", "deploymentType", "platforms", "lanVirtualIP", "wanVirtualIP",
      "timeZone", "proxy", "vrrp", "gateways",
    ])
    try fields.finish()
  }
}
