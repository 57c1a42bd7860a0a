import Configuration
import Wire

// MARK: Templates

extension PortalService {
  /// Every template, own ones first.
  func listTemplates(by user: User) throws(PortalError) -> [Template] {
    try user.require(.view)
    return try templates.all()
  }

  /// One template.
  func template(_ id: Int64, by user: User) throws(PortalError) -> Template {
    try user.require(.view)
    return try templates.find(id)
  }

  /// Makes a template.
  func createTemplate(_ input: TemplateInput, by user: User) throws(PortalError) -> Template {
    try user.require(.manageTemplates)
    var template = try input.checked()
    try named(template.name) { () throws(PortalError) in
      template.id = try templates.insert(template)
      try audit(user, "template.create", template.name)
      changed(.templates)
    }
    return template
  }

  /// Makes a template like another one, also like a default one.
  func cloneTemplate(
    _ id: Int64, name: String, by user: User
  ) throws(PortalError) -> Template {
    try user.require(.manageTemplates)
    let original = try templates.find(id)
    var input = TemplateInput(original)
    input.name = name
    return try createTemplate(input, by: user)
  }

  /// Changes a template; the gateways of its sites get new documents soon afterwards.
  func updateTemplate(
    _ id: Int64, _ input: TemplateInput, by user: User
  ) throws(PortalError) -> Template {
    try user.require(.manageTemplates)
    let before = try templates.find(id)
    try requireCustom(before, "changed")
    var template = try input.checked(id: id)
    template.siteCount = before.siteCount
    if before.siteCount > 0, template.deployment != before.deployment {
      throw .invalid(
        "deploymentType", "\(before.siteCount) sites use this template; clone it instead")
    }
    if before.siteCount > 0, template.platforms != before.platforms {
      throw .invalid(
        "platformType", "\(before.siteCount) sites use this template; clone it instead")
    }
    if template.isNATEnabled, !before.isNATEnabled,
      let site = try sites.ofTemplate(id).first(where: {
        $0.vrrp != nil && $0.wanVirtualIP == nil
      })
    {
      throw .invalid("natEnabled", "\(site.name) has no WAN virtual IP; give it one first")
    }
    if template.dhcpService == .server, before.dhcpService != .server {
      for site in try sites.ofTemplate(id)
      where LeaseRange(site, try gateways.ofSite(site.id)) == nil {
        throw .invalid("dhcpService", "\(site.name): \(LeaseRange.absence)")
      }
    }
    try named(template.name) { () throws(PortalError) in
      try templates.update(template)
      try sites.setStale(template: id)
      database.whenKept { [weak self] in self?.onStaleSites?() }
      try audit(user, "template.change", template.name)
      changed(.templates)
    }
    return template
  }

  /// Makes the documents and links of a few sites anew whose template has changed; whether there
  /// may be more. A template of a thousand sites would hold the loop for seconds otherwise.
  /// Throws what has nothing to do with the site, such as a full disk, when it has tried the others.
  func renewSome() throws(PortalError) -> Bool {
    let ids = try sites.stale(limit: Self.renewalCount)
    var failure: PortalError?
    for id in ids {
      do throws(PortalError) {
        try renewOrTell(try sites.find(id))
      } catch { failure = error }
    }
    if let failure { throw failure }
    return ids.count == Self.renewalCount
  }

  /// A site that the template does not fit keeps its documents, and says so; others wait for none.
  private func renewOrTell(_ site: Site) throws(PortalError) {
    do throws(PortalError) {
      try database.write { () throws(PortalError) in try renew(site) }
    } catch {
      guard error.status < 500 else { throw error }
      try database.write { () throws(PortalError) in
        try sites.setFresh(site.id)
        try event(
          site: site.id, "template.unfit", "The documents stay as they were", cause: error.message)
      }
    }
    changed(.site(site.id))
  }

  /// Sites that are renewed at a time: some 10 ms.
  private static let renewalCount = 4

  /// Makes the documents and open links of a site anew, inside a transaction.
  func renew(_ site: Site) throws(PortalError) {
    try regenerate(site)
    for gateway in try gateways.ofSite(site.id) { try refreshLink(gateway) }
    try sites.setFresh(site.id)
  }

  /// Deletes a template that no site uses.
  func deleteTemplate(_ id: Int64, by user: User) throws(PortalError) {
    try user.require(.manageTemplates)
    let template = try templates.find(id)
    try requireCustom(template, "deleted")
    guard template.siteCount == 0 else {
      throw .conflict("\(template.siteCount) sites use \(template.name); delete them first.")
    }
    try database.write { () throws(PortalError) in
      try templates.delete(id)
      try audit(user, "template.delete", template.name)
      changed(.templates)
    }
  }

  /// One for each model and kind of deployment; what is missing is added at each start.
  func makeDefaultTemplates() throws(PortalError) {
    let known = Set(try templates.all().map(\.name))
    try database.write { () throws(PortalError) in
      for profile in Profile.all {
        for deployment in Deployment.ofSites {
          let isPair = deployment == .standardModeHA
          let name = "\(profile.name)-\(isPair ? "ha" : "standalone")-default"
          guard !known.contains(name) else { continue }
          _ = try templates.insert(
            Template(
              id: 0, name: name, isDefault: true, deployment: deployment,
              platforms: Array(repeating: profile.name, count: isPair ? 2 : 1),
              allowsDifferentPlatforms: false, primaryDNS: IPv4Address(1, 1, 1, 1),
              secondaryDNS: IPv4Address(8, 8, 8, 8), dhcpService: .none, isNATEnabled: true))
        }
      }
    }
  }

  private func requireCustom(_ template: Template, _ what: String) throws(PortalError) {
    if template.isDefault {
      throw .conflict("\(template.name) is a default template and cannot be \(what); clone it.")
    }
  }

  /// A transaction in which a name that is taken is a problem of that value.
  func named<Result>(
    _ name: String, _ body: () throws(PortalError) -> Result
  ) throws(PortalError) -> Result {
    do { return try database.write(body) } catch {
      guard error.word == "exists" else { throw error }
      var named = PortalError.invalid("name", "'\(name)' is taken already")
      named.status = 409
      throw named
    }
  }
}
