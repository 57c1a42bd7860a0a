extension AccountTable {
  /// How a user is signed in.
  struct SessionUse {
    /// Open sessions.
    var count: Int
    /// Seconds since 1970 of the last request, within a minute.
    var lastSeen: Int64
  }

  /// Users who are signed in, by number.
  func openSessions() throws(PortalError) -> [Int64: SessionUse] {
    let rows = try database.rows("SELECT user, count(*), max(seen) FROM session GROUP BY user")
    return Dictionary(
      rows.map {
        ($0.integer(0), SessionUse(count: Int($0.integer(1)), lastSeen: $0.integer(2)))
      }, uniquingKeysWith: { first, _ in first })
  }
}
