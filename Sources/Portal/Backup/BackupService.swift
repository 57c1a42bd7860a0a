import JSON
import Wire

// MARK: Backup and restore of a site

extension PortalService {
  /// The settings of a site as a file. Passwords are in it for those who may set them, when they
  /// ask for them.
  func backup(_ site: Int64, withSecrets: Bool, by user: User) throws(PortalError) -> JSONValue {
    try user.require(withSecrets ? .manageSites : .view)
    let detail = try self.detail(site)
    if withSecrets {
      try database.write { () throws(PortalError) in
        try audit(user, "site.backup", detail.site.name, "with passwords")
      }
    }
    return SiteBackup.make(
      detail, withSecrets: withSecrets, portal: places.names[0], at: now())
  }

  /// Gives a site the settings of a backup, all or none; its gateways get new documents where
  /// these differ.
  func restore(
    _ id: Int64, _ input: RestoreInput, by user: User
  ) throws(PortalError) -> SiteDetail {
    try user.require(.manageSites)
    let before = try detail(id)
    var site = input.site
    var problems: [PortalError.Problem] = []
    site.templateID = before.template.id
    if let found = try templates.all().first(where: { $0.name == input.template }) {
      site.templateID = found.id
    } else {
      problems.append(
        .init("site.template", "there is no template '\(input.template)'; make it first"))
    }
    if (input.vrrp == nil) != (before.site.vrrp == nil) {
      problems.append(
        .init(
          "site.vrrp",
          input.vrrp == nil
            ? "is missing, and the site is a pair" : "is there, and the site has one gateway"))
    }
    return try database.write { () throws(PortalError) in
      do throws(PortalError) { _ = try updateSite(id, site, by: user) } catch {
        problems += try Self.inSite(error)
      }
      if let panel = input.vrrp, before.site.vrrp != nil {
        // Checked also when the rest is wrong, so that all is told at once.
        do throws(PortalError) { _ = try updateVRRP(id, panel, by: user) } catch {
          problems += try Self.inSite(error)
        }
      }
      if !problems.isEmpty { throw .invalid(problems) }
      try event(site: id, "site", "Settings restored from a backup", cause: "by \(user.name)")
      try audit(user, "site.restore", input.site.name)
      return try detail(id)
    }
  }

  /// The documents that a gateway was given, newest first.
  func documentVersions(
    of id: String, by user: User
  ) throws(PortalError) -> [DocumentTable.Version] {
    try user.require(.view)
    _ = try gateways.find(id)
    return try documents.versions(id)
  }

  /// A document that a gateway was given. It holds the key of a pair and passwords, so only those
  /// who may change sites see it.
  func document(
    of id: String, version: Int64, by user: User
  ) throws(PortalError) -> String {
    try user.require(.manageSites)
    _ = try gateways.find(id)
    return try documents.find(id, version: version)
  }

  /// The problems of an error at their places in a backup; rethrows what is not about values.
  private static func inSite(_ error: PortalError) throws(PortalError) -> [PortalError.Problem] {
    guard !error.problems.isEmpty else { throw error }
    return error.problems.map { problem in
      let isPanel =
        ["virtual_router_id", "advert_int", "priority", "authentication_password"]
        .contains(problem.path) || problem.path.contains("_interface")
      return .init((isPanel ? "site.vrrp." : "site.") + problem.path, problem.message)
    }
  }
}
