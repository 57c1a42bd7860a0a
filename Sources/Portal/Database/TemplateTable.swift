import Configuration
import SQLite
import Wire

/// Templates in the database.
struct TemplateTable {
  let database: PortalDatabase

  private static let columns = """
    SELECT id, name, preset, deployment, platform1, platform2, different, dns1, dns2, dhcp, nat,
      (SELECT count(*) FROM site WHERE site.template = template.id) FROM template
    """

  func all() throws(PortalError) -> [Template] {
    try database.rows(Self.columns + " ORDER BY preset, name COLLATE NOCASE").map(Self.read)
  }

  func find(_ id: Int64) throws(PortalError) -> Template {
    guard let row = try database.row(Self.columns + " WHERE id = ?", .integer(id)) else {
      throw .notFound("template \(id)")
    }
    return Self.read(row)
  }

  func insert(_ template: Template) throws(PortalError) -> Int64 {
    try database.change(
      """
      INSERT INTO template (name, preset, deployment, platform1, platform2, different, dns1, dns2,
        dhcp, nat) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .text(template.name), .flag(template.isDefault), .text(template.deployment.rawValue),
      .text(template.platforms[0]), .text(Self.second(template)),
      .flag(template.allowsDifferentPlatforms), .text(template.primaryDNS.description),
      .text(template.secondaryDNS?.description ?? ""), .text(template.dhcpService.rawValue),
      .flag(template.isNATEnabled))
    return database.lastInsertedRow
  }

  func update(_ template: Template) throws(PortalError) {
    try database.change(
      """
      UPDATE template SET name = ?, deployment = ?, platform1 = ?, platform2 = ?, different = ?,
        dns1 = ?, dns2 = ?, dhcp = ?, nat = ? WHERE id = ?
      """, .text(template.name), .text(template.deployment.rawValue),
      .text(template.platforms[0]), .text(Self.second(template)),
      .flag(template.allowsDifferentPlatforms), .text(template.primaryDNS.description),
      .text(template.secondaryDNS?.description ?? ""), .text(template.dhcpService.rawValue),
      .flag(template.isNATEnabled), .integer(template.id))
  }

  func delete(_ id: Int64) throws(PortalError) {
    try database.change("DELETE FROM template WHERE id = ?", .integer(id))
  }

  private static func second(_ template: Template) -> String {
    template.platforms.count > 1 ? template.platforms[1] : ""
  }

  private static func read(_ row: Row) -> Template {
    Template(
      id: row.integer(0), name: row.text(1), isDefault: row.flag(2),
      deployment: Deployment(rawValue: row.text(3)) ?? .standalone,
      platforms: [row.text(4), row.text(5)].filter { !$0.isEmpty },
      allowsDifferentPlatforms: row.flag(6),
      primaryDNS: IPv4Address(row.text(7)) ?? IPv4Address(0),
      secondaryDNS: IPv4Address(row.text(8)),
      dhcpService: Template.DHCPService(rawValue: row.text(9)) ?? .none,
      isNATEnabled: row.flag(10), siteCount: Int(row.integer(11)))
  }
}
