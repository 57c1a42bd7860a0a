import Glibc
import Linux
import Update

/// `ztb-portal add-software`: adds a bundle from a file, also while the portal runs.
struct SoftwareVerb {
  private let options: PortalOptions

  init(_ options: PortalOptions) { self.options = options }

  /// Adds the bundle and says so. A portal that runs remembers nothing of this part of its
  /// database, so what is written here is true for it too.
  func add(_ bundle: String) throws {
    try RunningPortal.makeDirectory(options.data)
    let folder = try RunningPortal.softwareFolder(options.data, key: options.updateKey)
    let database = try PortalDatabase(path: options.data + "/portal.db")
    let software = SoftwareTable(database: database)
    let file = BundleFile(folder)
    let source = try Descriptor.open(bundle, O_RDONLY)
    while file.failure == nil, let piece = try source.read(limit: 1 << 20), !piece.isEmpty {
      file.take(piece)
    }
    try file.complete()
    var user = User.portal
    user.name = "command line"
    let added = try database.write { () throws(PortalError) in
      let added = try software.keep(
        file, isVerified: folder.key != nil, user, at: WallClock.secondsSince1970())
      if options.isDefault { try software.setDefault(added.version) }
      return added
    }
    let check = added.isVerified ? "verified" : "not verified"
    let mark = added.isDefault || options.isDefault ? ", the default" : ""
    print("\(added.manifest.version) is added, signature \(check)\(mark)")
  }
}
