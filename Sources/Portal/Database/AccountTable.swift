import SQLite

/// Users, sessions, tokens and one-time links in the database.
struct AccountTable {
  let database: PortalDatabase

  /// A user with the password's hash.
  struct Account {
    var user: User
    var hash: String
  }

  private static let columns = "SELECT id, name, role, hash, disabled, created FROM user"

  func all() throws(PortalError) -> [User] {
    try database.rows(Self.columns + " ORDER BY name COLLATE NOCASE").map { Self.read($0).user }
  }

  func find(_ id: Int64) throws(PortalError) -> Account {
    guard let row = try database.row(Self.columns + " WHERE id = ?", .integer(id)) else {
      throw .notFound("user \(id)")
    }
    return Self.read(row)
  }

  func find(name: String) throws(PortalError) -> Account? {
    try database.row(Self.columns + " WHERE name = ?", .text(name)).map(Self.read)
  }

  func count() throws(PortalError) -> Int64 {
    try database.row("SELECT count(*) FROM user")?.integer(0) ?? 0
  }

  /// Users who manage users and can log in, without one of them.
  func superAdmins(except id: Int64) throws(PortalError) -> Int64 {
    try database.row(
      """
      SELECT count(*) FROM user WHERE role = ? AND disabled = 0 AND hash <> '' AND id <> ?
      """, .text(Role.superAdmin.rawValue), .integer(id))?.integer(0) ?? 0
  }

  func insert(_ user: User, hash: String) throws(PortalError) -> Int64 {
    try database.change(
      "INSERT INTO user (name, role, hash, disabled, created) VALUES (?, ?, ?, ?, ?)",
      .text(user.name), .text(user.role.rawValue), .text(hash), .flag(user.isDisabled),
      .integer(user.created))
    return database.lastInsertedRow
  }

  func update(_ user: User) throws(PortalError) {
    try database.change(
      "UPDATE user SET role = ?, disabled = ? WHERE id = ?", .text(user.role.rawValue),
      .flag(user.isDisabled), .integer(user.id))
  }

  func setHash(_ id: Int64, _ hash: String) throws(PortalError) {
    try database.change("UPDATE user SET hash = ? WHERE id = ?", .text(hash), .integer(id))
  }

  func delete(_ id: Int64) throws(PortalError) {
    try database.change("DELETE FROM invitation WHERE user = ?", .integer(id))
    try database.change("DELETE FROM user WHERE id = ?", .integer(id))
  }

  private static func read(_ row: Row) -> Account {
    let user = User(
      id: row.integer(0), name: row.text(1), role: Role(rawValue: row.text(2)) ?? .viewer,
      hasPassword: !row.text(3).isEmpty, isDisabled: row.flag(4), created: row.integer(5))
    return Account(user: user, hash: row.text(3))
  }

  // MARK: Sessions

  /// A session as it is stored.
  struct StoredSession {
    var userID: Int64
    var formToken: String
    var created: Int64
    var seen: Int64
  }

  func session(_ digest: [UInt8]) throws(PortalError) -> StoredSession? {
    try database.row(
      "SELECT user, form, created, seen FROM session WHERE digest = ?", .blob(digest)
    ).map { row in
      StoredSession(
        userID: row.integer(0), formToken: row.text(1), created: row.integer(2),
        seen: row.integer(3))
    }
  }

  func insertSession(
    _ digest: [UInt8], user: User, form: String, at now: Int64
  ) throws(PortalError) {
    try database.change(
      "INSERT INTO session (digest, user, form, created, seen, address) VALUES (?, ?, ?, ?, ?, ?)",
      .blob(digest), .integer(user.id), .text(form), .integer(now), .integer(now),
      .text(user.address))
  }

  func touchSession(_ digest: [UInt8], at now: Int64) throws(PortalError) {
    try database.change(
      "UPDATE session SET seen = ? WHERE digest = ?", .integer(now), .blob(digest))
  }

  func deleteSession(_ digest: [UInt8]) throws(PortalError) {
    try database.change("DELETE FROM session WHERE digest = ?", .blob(digest))
  }

  /// Ends every session and token of a user.
  func deleteAccess(of id: Int64) throws(PortalError) {
    try database.change("DELETE FROM session WHERE user = ?", .integer(id))
    try database.change("DELETE FROM token WHERE user = ?", .integer(id))
  }

  func forgetExpired(at now: Int64) throws(PortalError) {
    try database.change(
      "DELETE FROM session WHERE created < ? OR seen < ?",
      .integer(now - PortalService.SessionLimits.lifeSeconds),
      .integer(now - PortalService.SessionLimits.idleSeconds))
    try database.change("DELETE FROM token WHERE expires < ?", .integer(now))
    try database.change("DELETE FROM invitation WHERE expires < ?", .integer(now))
  }

  // MARK: Tokens

  /// A token of the REST API, without its secret.
  struct Token: Hashable {
    var id: Int64
    var name: String
    var created: Int64
    var expires: Int64
  }

  func tokenUser(_ digest: [UInt8], at now: Int64) throws(PortalError) -> Int64? {
    try database.row(
      "SELECT user FROM token WHERE digest = ? AND expires > ?", .blob(digest), .integer(now)
    )?.integer(0)
  }

  func insertToken(
    _ digest: [UInt8], user: Int64, name: String, created: Int64, expires: Int64
  ) throws(PortalError) -> Int64 {
    try database.change(
      "INSERT INTO token (digest, user, name, created, expires) VALUES (?, ?, ?, ?, ?)",
      .blob(digest), .integer(user), .text(name), .integer(created), .integer(expires))
    return database.lastInsertedRow
  }

  func tokens(of user: Int64) throws(PortalError) -> [Token] {
    try database.rows(
      "SELECT id, name, created, expires FROM token WHERE user = ? ORDER BY id",
      .integer(user)
    ).map { row in
      Token(
        id: row.integer(0), name: row.text(1), created: row.integer(2), expires: row.integer(3))
    }
  }

  func deleteToken(_ id: Int64, user: Int64) throws(PortalError) -> Bool {
    try database.change(
      "DELETE FROM token WHERE id = ? AND user = ?", .integer(id), .integer(user)) > 0
  }

  // MARK: One-time links

  /// The user that a one-time link is for, 0: the first one; nil: it is unknown or over.
  func invitation(_ digest: [UInt8], at now: Int64) throws(PortalError) -> Int64? {
    try database.row(
      "SELECT user FROM invitation WHERE digest = ? AND expires > ?", .blob(digest),
      .integer(now))?.integer(0)
  }

  /// Replaces earlier one-time links of the same user.
  func setInvitation(
    _ digest: [UInt8], user: Int64, expires: Int64
  ) throws(PortalError) {
    try deleteInvitations(of: user)
    try database.change(
      "INSERT INTO invitation (digest, user, expires) VALUES (?, ?, ?)", .blob(digest),
      .integer(user), .integer(expires))
  }

  func deleteInvitations(of user: Int64) throws(PortalError) {
    try database.change("DELETE FROM invitation WHERE user = ?", .integer(user))
  }
}
