import SQLite

/// The documents that each gateway was given, in the database.
struct DocumentTable {
  /// Versions kept of each gateway; older ones are forgotten.
  static let limit: Int64 = 20

  /// One version of a document.
  struct Version: Hashable {
    var version: Int64
    /// Seconds since 1970.
    var made: Int64
  }

  let database: PortalDatabase

  func add(
    _ gateway: String, _ text: String, version: Int64, at now: Int64
  ) throws(PortalError) {
    try database.change(
      "INSERT OR REPLACE INTO document (gateway, version, made, text) VALUES (?, ?, ?, ?)",
      .text(gateway), .integer(version), .integer(now), .text(text))
    try database.change(
      "DELETE FROM document WHERE gateway = ? AND version <= ?", .text(gateway),
      .integer(version - Self.limit))
  }

  /// The versions of a gateway, newest first.
  func versions(_ gateway: String) throws(PortalError) -> [Version] {
    try database.rows(
      "SELECT version, made FROM document WHERE gateway = ? ORDER BY version DESC",
      .text(gateway)
    ).map { Version(version: $0.integer(0), made: $0.integer(1)) }
  }

  /// One document, canonical JSON.
  func find(_ gateway: String, version: Int64) throws(PortalError) -> String {
    let row = try database.row(
      "SELECT text FROM document WHERE gateway = ? AND version = ?", .text(gateway),
      .integer(version))
    guard let row else { throw .notFound("version \(version) of this configuration") }
    return row.text(0)
  }
}
