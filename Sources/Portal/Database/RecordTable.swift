import SQLite

/// Events, audit records and commands in the database.
struct RecordTable {
  let database: PortalDatabase

  /// Rows kept and shown.
  enum Limits {
    /// Most events of one request.
    static let page: Int64 = 500
    /// Events kept of each gateway, and of each site itself; older ones are forgotten.
    static let events: Int64 = 2_000
    /// Commands of one gateway that wait.
    static let commands = 16
  }

  // MARK: Events

  /// Adds an event; false: a gateway sent it once already.
  @discardableResult
  func addEvent(
    site: Int64, gateway: String?, enrollment: Int64? = nil, number: Int64? = nil, time: Int64,
    kind: String, text: String, cause: String
  ) throws(PortalError) -> Bool {
    let count = try database.change(
      """
      INSERT OR IGNORE INTO event (time, site, gateway, enrollment, number, kind, text, cause)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, .integer(time), .integer(site), .text(gateway), .number(enrollment), .number(number),
      .text(kind), .text(text), .text(cause))
    return count > 0
  }

  /// Events, newest first; those of one site, or all.
  func events(site: Int64?, before: Int64?, limit: Int64) throws(PortalError) -> [SiteEvent] {
    let columns = """
      SELECT event.id, time, event.site, coalesce(gateway.name, ''), kind, text, event.cause
        FROM event LEFT JOIN gateway ON gateway.id = event.gateway
      """
    let last = Value.integer(before ?? .max)
    let count = Value.integer(min(limit, Limits.page))
    let rows: [Row]
    if let site {
      rows = try database.rows(
        columns + " WHERE event.site = ? AND event.id < ? ORDER BY event.id DESC LIMIT ?",
        .integer(site), last, count)
    } else {
      rows = try database.rows(
        columns + " WHERE event.id < ? ORDER BY event.id DESC LIMIT ?", last, count)
    }
    return rows.map { row in
      SiteEvent(
        number: row.integer(0), time: row.integer(1), siteID: row.integer(2),
        gatewayName: row.text(3), kind: row.text(4), text: row.text(5), cause: row.text(6))
    }
  }

  /// Forgets the oldest events beyond the limit, of those gateways and sites that have new ones
  /// since event `last`: a noisy gateway costs the others nothing. Returns the last event.
  func trim(after last: Int64) throws(PortalError) -> Int64 {
    let newest = try database.row("SELECT max(id) FROM event")?.integer(0) ?? 0
    let noisy = try database.rows(
      "SELECT DISTINCT site, gateway FROM event WHERE id > ?", .integer(last))
    for row in noisy {
      let site = Value.integer(row.integer(0))
      let gateway = Value.text(row.optionalText(1))
      try database.change(
        """
        DELETE FROM event WHERE site = ? AND gateway IS ? AND id <= (
          SELECT id FROM event WHERE site = ? AND gateway IS ? ORDER BY id DESC LIMIT 1 OFFSET ?)
        """, site, gateway, site, gateway, .integer(Limits.events))
    }
    return newest
  }

  // MARK: Audit

  func addAudit(
    time: Int64, user: User, action: String, target: String, detail: String
  ) throws(PortalError) {
    try database.change(
      "INSERT INTO audit (time, user, address, action, target, detail) VALUES (?, ?, ?, ?, ?, ?)",
      .integer(time), .text(user.name), .text(user.address), .text(action), .text(target),
      .text(detail))
  }

  /// Audit records, newest first.
  func audit(before: Int64?, limit: Int64) throws(PortalError) -> [AuditRecord] {
    try database.rows(
      """
      SELECT id, time, user, address, action, target, detail FROM audit WHERE id < ?
        ORDER BY id DESC LIMIT ?
      """, .integer(before ?? .max), .integer(min(limit, Limits.page))
    ).map { row in
      AuditRecord(
        number: row.integer(0), time: row.integer(1), user: row.text(2), address: row.text(3),
        action: row.text(4), target: row.text(5), detail: row.text(6))
    }
  }

  // MARK: Commands

  /// Adds a command; its number is returned, whatever `command` has.
  func addCommand(_ command: QueuedCommand) throws(PortalError) -> Int64 {
    try database.change(
      "INSERT INTO command (gateway, verb, user, created) VALUES (?, ?, ?, ?)",
      .text(command.gatewayID), .text(command.text), .text(command.user),
      .integer(command.created))
    return database.lastInsertedRow
  }

  /// Commands of a gateway without a result, oldest first.
  func openCommands(of gateway: String) throws(PortalError) -> [QueuedCommand] {
    try database.rows(
      """
      SELECT id, gateway, verb, user, created, delivered FROM command
        WHERE gateway = ? AND finished IS NULL ORDER BY id
      """, .text(gateway)
    ).compactMap { row in
      let words = row.text(2).split(separator: " ", maxSplits: 1).map(String.init)
      guard let verb = words.first.flatMap({ QueuedCommand.Verb(rawValue: $0) }) else { return nil }
      return QueuedCommand(
        id: row.integer(0), gatewayID: row.text(1), verb: verb,
        argument: words.count > 1 ? words[1] : "", user: row.text(3),
        created: row.integer(4), deliveredAt: row.optionalInteger(5))
    }
  }

  /// The gateways that have commands without a result.
  func gatewaysWithCommands() throws(PortalError) -> [String] {
    try database.rows("SELECT DISTINCT gateway FROM command WHERE finished IS NULL").map {
      $0.text(0)
    }
  }

  func setDelivered(_ id: Int64, at now: Int64) throws(PortalError) {
    try database.change(
      "UPDATE command SET delivered = ? WHERE id = ?", .integer(now), .integer(id))
  }

  func finish(_ id: Int64, done: Bool, text: String, at now: Int64) throws(PortalError) {
    try database.change(
      "UPDATE command SET finished = ?, done = ?, text = ? WHERE id = ?", .integer(now),
      .flag(done), .text(text), .integer(id))
  }
}
