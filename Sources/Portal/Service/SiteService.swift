import Activation
import Configuration
import Crypto
import SQLite
import Wire

// MARK: Sites

/// A site with its gateways.
struct SiteDetail {
  var site: Site
  var template: Template
  /// In the order of their slots.
  var gateways: [Gateway]
}

extension PortalService {
  /// Every site with its gateways, by name.
  func listSites(by user: User) throws(PortalError) -> [SiteDetail] {
    try user.require(.view)
    let known = Dictionary(
      try templates.all().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var list: [SiteDetail] = []
    for site in try sites.all() {
      guard let template = known[site.templateID] else { continue }
      list.append(
        SiteDetail(
          site: site, template: template, gateways: try gateways.ofSite(site.id).map(current)))
    }
    return list
  }

  /// One site.
  func site(_ id: Int64, by user: User) throws(PortalError) -> SiteDetail {
    try user.require(.view)
    return try detail(id)
  }

  /// A site as it is now.
  func detail(_ id: Int64) throws(PortalError) -> SiteDetail {
    let site = try sites.find(id)
    return SiteDetail(
      site: site, template: try templates.find(site.templateID),
      gateways: try gateways.ofSite(id).map(current))
  }

  /// Makes a site with its gateways, their codes and links.
  func createSite(_ input: SiteInput, by user: User) throws(PortalError) -> SiteDetail {
    try user.require(.manageSites)
    let template = try usable(input.templateID)
    let checked = try CheckedSite(input, template, stored: nil)
    let time = now()
    return try named(checked.name) { () throws(PortalError) in
      var site = Site(
        id: 0, name: checked.name, templateID: template.id, timeZone: checked.timeZone,
        created: time)
      site.take(checked)
      site.id = try sites.insert(site)
      if template.deployment == .standardModeHA {
        site.haKey = try random(32)
        site.vrrp = VRRPPanel.preset(
          platform: template.platforms[0], number: site.id, lan: site.lanVirtualIP,
          others: try sites.groups(except: site.id))
        try sites.update(site)
      }
      for (index, given) in checked.gateways.enumerated() {
        var gateway = Gateway(
          id: try newGatewayID(), siteID: site.id, slot: index + 1, name: given.name,
          platform: template.platforms[index], wanMode: given.mode,
          lanAddress: given.lanAddress, life: LifeCycle(at: time))
        gateway.take(given)
        try requireFree(gateway, index)
        try gateways.insert(gateway)
        try issueCode(gateway, by: user)
        database.whenKept { [weak self] in self?.remember(gateway) }
      }
      try renew(site)
      try event(site: site.id, "site", "Site added", cause: "by \(user.name)")
      try audit(user, "site.create", site.name)
      changed(.site(site.id))
      changed(.templates)
      return try detail(site.id)
    }
  }

  /// Changes a site; gateways that are activated get new documents, links with other settings
  /// replace the old ones.
  func updateSite(
    _ id: Int64, _ input: SiteInput, by user: User
  ) throws(PortalError) -> SiteDetail {
    try user.require(.manageSites)
    let before = try detail(id)
    let template = try usable(input.templateID)
    guard template.deployment == before.template.deployment,
      template.platforms == before.gateways.map(\.platform)
    else {
      throw .invalid(
        "template", "must be for the same models and deployment as \(before.template.name)")
    }
    let checked = try CheckedSite(input, template, stored: before.site)
    return try named(checked.name) { () throws(PortalError) in
      var site = before.site
      site.templateID = template.id
      site.take(checked)
      try sites.update(site)
      for (index, given) in checked.gateways.enumerated() {
        var gateway = before.gateways[index]
        gateway.take(given)
        try requireFree(gateway, index)
        try gateways.update(gateway)
        changed(.gateway(gateway.id, site: id))
      }
      try renew(site)
      try audit(user, "site.change", site.name)
      changed(.site(id))
      return try detail(id)
    }
  }

  /// Deletes a site; its gateways may not come any more.
  func deleteSite(_ id: Int64, by user: User) throws(PortalError) {
    try user.require(.manageSites)
    let before = try detail(id)
    try database.write { () throws(PortalError) in
      try sites.delete(id)
      gateways.siteDeleted(id)
      updates.siteDeleted(id)
      try audit(user, "site.delete", before.site.name)
      changed(.site(id))
      changed(.templates)
      database.whenKept { [weak self] in
        for gateway in before.gateways {
          self?.fleet[gateway.id] = nil
          self?.onAgentWork?(gateway.id)
        }
      }
    }
  }

  /// Events of a site or, without one, of all; newest first.
  func listEvents(
    site: Int64?, before: Int64? = nil, limit: Int64 = 100, by user: User
  ) throws(PortalError) -> [SiteEvent] {
    try user.require(.view)
    if let site { _ = try sites.find(site) }
    return try records.events(site: site, before: before, limit: max(1, limit))
  }

  /// Makes the documents of a site anew, inside a transaction. Those that differ get a higher
  /// version and go to their gateways; while no gateway was activated, they are only checked.
  func regenerate(_ site: Site) throws(PortalError) {
    let all = try gateways.ofSite(site.id)
    let generator = DocumentGenerator(
      site: site, template: try templates.find(site.templateID), gateways: all,
      agentURL: places.agentURL,
      authorityDigest: identity.authority.certificate.publicKeyDigest)
    let primary = site.primary ?? all.first?.id
    for (index, gateway) in all.enumerated() {
      let text = try generator.document(at: index, isPrimary: gateway.id == primary)
      guard site.primary != nil, try gateways.document(gateway.id) != text else { continue }
      let version = gateway.documentVersion + 1
      try gateways.setDocument(gateway.id, text, version: version)
      try documents.add(gateway.id, text, version: version, at: now())
      database.whenKept { [weak self] in
        self?.fleet[gateway.id]?.documentVersion = version
        self?.onAgentWork?(gateway.id)
      }
    }
  }

  private func usable(_ templateID: Int64) throws(PortalError) -> Template {
    do { return try templates.find(templateID) } catch {
      throw error.word == "not-found"
        ? .invalid("template", "there is no template \(templateID)") : error
    }
  }

  /// Names of gateways are unique in the portal, because people tell them apart by these.
  private func requireFree(_ gateway: Gateway, _ index: Int) throws(PortalError) {
    let other = try database.row(
      "SELECT id FROM gateway WHERE name = ? AND id <> ?", .text(gateway.name),
      .text(gateway.id))
    if other != nil {
      throw .invalid("gateways[\(index)].name", "'\(gateway.name)' is taken already")
    }
  }

  private func newGatewayID() throws(PortalError) -> String {
    let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
    return "gw-" + String(try random(16).map { alphabet[Int($0 & 31)] })
  }
}

extension Site {
  fileprivate mutating func take(_ checked: CheckedSite) {
    name = checked.name
    lanVirtualIP = checked.lanVirtualIP
    wanVirtualIP = checked.wanVirtualIP
    proxy = checked.proxy
    timeZone = checked.timeZone
  }
}

extension Gateway {
  fileprivate mutating func take(_ checked: CheckedSite.CheckedGateway) {
    name = checked.name
    wanMode = checked.mode
    wanAddress = checked.address
    wanGateway = checked.router
    wanVLAN = checked.vlan
    lanAddress = checked.lanAddress
  }
}
