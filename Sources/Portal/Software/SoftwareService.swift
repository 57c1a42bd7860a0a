import Linux
import Update

// MARK: The versions that the portal keeps

extension PortalService {
  /// Every version, the newest first.
  func listSoftware(by user: User) throws(PortalError) -> [Bundle] {
    try user.require(.view)
    return try software.all()
  }

  /// Begins to take a bundle.
  func receiveSoftware(by user: User) throws(PortalError) -> BundleFile {
    try user.require(.manageSoftware)
    return BundleFile(try requireFolder())
  }

  /// Keeps a bundle that has come whole. The first one is the default.
  func addSoftware(_ file: BundleFile, by user: User) throws(PortalError) -> Bundle {
    try user.require(.manageSoftware)
    let folder = try requireFolder()
    try file.complete()
    return try database.write { () throws(PortalError) in
      let added = try software.keep(file, isVerified: folder.key != nil, user, at: now())
      changed(.software)
      return added
    }
  }

  /// Removes a version that is neither the default nor in use.
  func deleteSoftware(_ text: String, by user: User) throws(PortalError) {
    try user.require(.manageSoftware)
    let bundle = try software.find(text)
    let version = bundle.version
    if bundle.isDefault {
      throw .conflict("\(version) is the default; make another version the default first.")
    }
    if let use = try softwareUses()[version]?.first {
      throw .conflict("\(version) is in use: \(use).")
    }
    try database.write { () throws(PortalError) in
      try software.delete(version)
      try audit(user, "software.delete", "\(version)")
      changed(.software)
      database.whenKept { [weak self] in self?.folder?.remove(version) }
    }
  }

  /// Makes a version the one that updates take unless another is named.
  func setDefaultSoftware(_ text: String, by user: User) throws(PortalError) -> Bundle {
    try user.require(.manageSoftware)
    let bundle = try software.find(text)
    return try database.write { () throws(PortalError) in
      try software.setDefault(bundle.version)
      try audit(user, "software.default", "\(bundle.version)")
      changed(.software)
      return try software.find(text)
    }
  }

  /// What uses each version: gateways that run it, and updates to it.
  func softwareUses() throws(PortalError) -> [SoftwareVersion: [String]] {
    var uses: [SoftwareVersion: [String]] = [:]
    for gateway in try gateways.all().sorted(by: { $0.name < $1.name }) {
      guard let version = SoftwareVersion(gateway.softwareVersion) else { continue }
      uses[version, default: []].append("\(gateway.name) runs it")
    }
    for update in try updates.open() {
      let site = try sites.find(update.site)
      uses[update.version, default: []].append("\(site.name) is to be updated to it")
    }
    return uses
  }

  /// The file of a version, for a gateway.
  func openSoftware(_ text: String) throws(PortalError) -> OpenBundle {
    let bundle = try software.find(text)
    let folder = try requireFolder()
    do { return try folder.open(bundle.version) } catch {
      Log.error("software \(error)")
      throw .notFound("file of software \(text); delete the version and add it again")
    }
  }

  private func requireFolder() throws(PortalError) -> SoftwareFolder {
    guard let folder else {
      throw .conflict("This portal has no folder for software.")
    }
    return folder
  }
}
