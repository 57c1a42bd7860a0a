import SQLite
import Update

/// The last update of each site, in the database and in memory: each report of a gateway asks.
final class SiteUpdateTable {
  private let database: PortalDatabase
  /// Nil: to be read again.
  private var known: [Int64: SiteUpdate]?

  init(database: PortalDatabase) {
    self.database = database
    database.whenUndone { [weak self] in self?.known = nil }
  }

  /// The last update of a site; nil: there was none.
  func find(_ site: Int64) throws(PortalError) -> SiteUpdate? { try load()[site] }

  /// Every update that waits or runs.
  func open() throws(PortalError) -> [SiteUpdate] {
    try load().values.filter(\.phase.isOpen)
  }

  /// Takes the place of the update that the site had.
  func store(_ update: SiteUpdate) throws(PortalError) {
    let members = update.members.map { "\($0.id) \($0.name)" }.joined(separator: "\n")
    let steps = update.steps.map { "\($0.kind.rawValue) \($0.gateway)" }.joined(separator: "\n")
    try database.change(
      """
      INSERT OR REPLACE INTO site_update (site, version, members, start, user, created, phase,
        steps, since, told, taken, refusal, refused, reason, finished)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .integer(update.site), .text(update.version.description), .text(members),
      .number(update.start), .text(update.user), .integer(update.created),
      .text(update.phase.rawValue), .text(steps), .integer(update.since),
      .flag(update.isTold), .number(update.takenAt), .text(update.refusal),
      .number(update.refusedAt), .text(update.reason), .number(update.finished))
    known?[update.site] = update
  }

  /// Forgets the update of a site, which the database deletes with it.
  func siteDeleted(_ site: Int64) { known?[site] = nil }

  private func load() throws(PortalError) -> [Int64: SiteUpdate] {
    if let known { return known }
    let rows = try database.rows(
      """
      SELECT site, version, members, start, user, created, phase, steps, since, told, taken,
        refusal, refused, reason, finished FROM site_update
      """)
    let made = Dictionary(
      rows.compactMap(Self.read).map { ($0.site, $0) }, uniquingKeysWith: { first, _ in first })
    known = made
    return made
  }

  private static func read(_ row: Row) -> SiteUpdate? {
    guard let version = SoftwareVersion(row.text(1)),
      let phase = SiteUpdate.Phase(rawValue: row.text(6))
    else { return nil }
    var update = SiteUpdate(
      site: row.integer(0), version: version,
      members: pairs(row.text(2)).map { SiteUpdate.Member(id: $0.0, name: $0.1) },
      start: row.optionalInteger(3), user: row.text(4), at: row.integer(5))
    update.phase = phase
    update.steps = pairs(row.text(7)).compactMap { kind, gateway in
      SiteUpdate.Step.Kind(rawValue: kind).map { SiteUpdate.Step($0, gateway) }
    }
    update.since = row.integer(8)
    update.isTold = row.flag(9)
    update.takenAt = row.optionalInteger(10)
    update.refusal = row.optionalText(11)
    update.refusedAt = row.optionalInteger(12)
    update.reason = row.text(13)
    update.finished = row.optionalInteger(14)
    return update
  }

  /// Two words a line.
  private static func pairs(_ text: String) -> [(String, String)] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      return words.count == 2 ? (words[0], words[1]) : nil
    }
  }
}
