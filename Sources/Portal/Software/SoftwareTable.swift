import SQLite
import Update

/// The versions of the appliance's software in the database; their files stand in a folder.
struct SoftwareTable {
  /// Versions kept (the customer's version manager holds three).
  static let limit = 3

  let database: PortalDatabase

  private static let columns =
    "SELECT manifest, size, verified, preset, added, user FROM software"

  /// Every version, the newest first.
  func all() throws(PortalError) -> [Bundle] {
    try database.rows(Self.columns).compactMap(Self.read).sorted { $0.version > $1.version }
  }

  func find(_ version: String) throws(PortalError) -> Bundle {
    let row = try database.row(Self.columns + " WHERE version = ?", .text(version))
    guard let bundle = row.flatMap(Self.read) else { throw .notFound("software \(version)") }
    return bundle
  }

  /// Keeps a bundle that has come whole, inside a transaction. The first one is the default.
  func keep(
    _ file: BundleFile, isVerified: Bool, _ user: User, at now: Int64
  ) throws(PortalError) -> Bundle {
    let known = try all()
    var kept: Bundle?
    // The row is undone when the file cannot be put in its place.
    try file.keep { manifest, size throws(PortalError) in
      guard !known.contains(where: { $0.version == manifest.version }) else {
        throw .conflict("\(manifest.version) is here already; delete it first.")
      }
      guard known.count < Self.limit else {
        throw .conflict("\(Self.limit) versions are kept; delete one before you add another.")
      }
      let bundle = Bundle(
        manifest: manifest, size: size, isVerified: isVerified, isDefault: known.isEmpty,
        added: now, user: user.name)
      try insert(bundle)
      try RecordTable(database: database).addAudit(
        time: now, user: user, action: "software.add", target: "\(manifest.version)",
        detail: isVerified ? "signature verified" : "signature not verified")
      kept = bundle
    }
    guard let kept else { throw .broken }
    return kept
  }

  private func insert(_ bundle: Bundle) throws(PortalError) {
    try database.change(
      """
      INSERT INTO software (version, manifest, size, verified, preset, added, user)
        VALUES (?, ?, ?, ?, ?, ?, ?)
      """, .text(bundle.version.description), .blob(bundle.manifest.canonical),
      .integer(bundle.size), .flag(bundle.isVerified), .flag(bundle.isDefault),
      .integer(bundle.added), .text(bundle.user))
  }

  /// Makes one version the default, and no other.
  func setDefault(_ version: SoftwareVersion) throws(PortalError) {
    try database.change(
      "UPDATE software SET preset = version = ?", .text(version.description))
  }

  func delete(_ version: SoftwareVersion) throws(PortalError) {
    try database.change("DELETE FROM software WHERE version = ?", .text(version.description))
  }

  private static func read(_ row: Row) -> Bundle? {
    guard let octets = row.blob(0) else { return nil }
    do {
      return Bundle(
        manifest: try BundleManifest(parsing: octets), size: row.integer(1),
        isVerified: row.flag(2), isDefault: row.flag(3), added: row.integer(4),
        user: row.text(5))
    } catch {
      Log.error("software \(error)")
      return nil
    }
  }
}
