import Activation
import SQLite

/// Activation codes and links in the database.
struct CodeTable {
  let database: PortalDatabase

  private static let columns = """
    SELECT id, gateway, code, issued, expires, used, key, certificate, replaced, anchor FROM code
    """

  /// The code with these four characters, whatever became of it.
  func find(publicID: String) throws(PortalError) -> IssuedCode? {
    try database.row(Self.columns + " WHERE name = ?", .text(publicID)).flatMap(Self.read)
  }

  /// The code of a gateway that was issued last.
  func latest(of gateway: String) throws(PortalError) -> IssuedCode? {
    try database.row(
      Self.columns + " WHERE gateway = ? ORDER BY id DESC LIMIT 1", .text(gateway)
    ).flatMap(Self.read)
  }

  func insert(
    _ code: ActivationCode, gateway: String, issued: Int64, expires: Int64
  ) throws(PortalError) -> Int64 {
    try database.change(
      "INSERT INTO code (gateway, name, code, issued, expires) VALUES (?, ?, ?, ?, ?)",
      .text(gateway), .text(code.publicID), .text(code.text), .integer(issued),
      .integer(expires))
    return database.lastInsertedRow
  }

  func bind(
    _ id: Int64, key: [UInt8], certificate: String, at now: Int64
  ) throws(PortalError) {
    try database.change(
      "UPDATE code SET used = ?, key = ?, certificate = ? WHERE id = ?", .integer(now),
      .blob(key), .text(certificate), .integer(id))
  }

  func replaceAll(of gateway: String, at now: Int64) throws(PortalError) {
    try database.change(
      "UPDATE code SET replaced = ? WHERE gateway = ? AND replaced IS NULL", .integer(now),
      .text(gateway))
  }

  func setAnchorKey(_ id: Int64, _ key: [UInt8]) throws(PortalError) {
    try database.change("UPDATE code SET anchor = ? WHERE id = ?", .blob(key), .integer(id))
  }

  // MARK: Links

  /// A link as it was issued.
  struct Link {
    var codeID: Int64
    /// What it says besides its times, to see whether it still says what is set.
    var settings: String
    var url: String
    var expiresAt: Int64
    var isReplaced: Bool
  }

  func link(digest: [UInt8]) throws(PortalError) -> Link? {
    try database.row(
      "SELECT code, settings, url, expires, replaced FROM link WHERE digest = ?", .blob(digest)
    ).map(Self.readLink)
  }

  /// The link of a code that was not replaced.
  func openLink(of code: Int64) throws(PortalError) -> Link? {
    try database.row(
      """
      SELECT code, settings, url, expires, replaced FROM link
        WHERE code = ? AND replaced IS NULL ORDER BY rowid DESC LIMIT 1
      """, .integer(code)
    ).map(Self.readLink)
  }

  func insertLink(_ link: Link, digest: [UInt8], at now: Int64) throws(PortalError) {
    try database.change(
      "UPDATE link SET replaced = ? WHERE code = ? AND replaced IS NULL", .integer(now),
      .integer(link.codeID))
    // The same link again: a setting was changed and changed back within one second.
    try database.change(
      "INSERT OR REPLACE INTO link (digest, code, settings, url, expires) VALUES (?, ?, ?, ?, ?)",
      .blob(digest), .integer(link.codeID), .text(link.settings), .text(link.url),
      .integer(link.expiresAt))
  }

  private static func readLink(_ row: Row) -> Link {
    Link(
      codeID: row.integer(0), settings: row.text(1), url: row.text(2), expiresAt: row.integer(3),
      isReplaced: row.optionalInteger(4) != nil)
  }

  private static func read(_ row: Row) -> IssuedCode? {
    // What we stored was a code.
    guard let code = try? ActivationCode(parsing: row.text(2)) else { return nil }
    return IssuedCode(
      id: row.integer(0), gatewayID: row.text(1), code: code, issuedAt: row.integer(3),
      expiresAt: row.integer(4), usedAt: row.optionalInteger(5), keyDigest: row.blob(6),
      certificate: row.optionalText(7), replacedAt: row.optionalInteger(8),
      anchorKey: row.blob(9))
  }
}
