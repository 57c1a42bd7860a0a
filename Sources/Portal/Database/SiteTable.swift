import Activation
import JSON
import SQLite
import Wire

/// Sites in the database, all of them also in memory: lists of a thousand are asked for often.
final class SiteTable {
  private let database: PortalDatabase
  /// Nil: to be read again.
  private var known: [Int64: Site]?
  /// By name; nil: to be sorted again.
  private var sorted: [Site]?

  init(database: PortalDatabase) {
    self.database = database
    database.whenUndone { [weak self] in
      self?.known = nil
      self?.sorted = nil
    }
  }

  private static let columns = """
    SELECT id, name, template, lan_vip, wan_vip, proxy, zone, ha_key, vrrp, primary_gateway,
      created FROM site
    """

  /// Every site, by name.
  func all() throws(PortalError) -> [Site] {
    if let sorted { return sorted }
    let list = try load().values.map { ($0.name.lowercased(), $0) }
      .sorted { $0.0 < $1.0 }.map(\.1)
    sorted = list
    return list
  }

  func ofTemplate(_ id: Int64) throws(PortalError) -> [Site] {
    try load().values.filter { $0.templateID == id }
  }

  func find(_ id: Int64) throws(PortalError) -> Site {
    guard let site = try load()[id] else { throw .notFound("site \(id)") }
    return site
  }

  /// Notes that the documents and links of all sites of a template are older than it is.
  func setStale(template: Int64) throws(PortalError) {
    try database.change("UPDATE site SET stale = 1 WHERE template = ?", .integer(template))
  }

  func setFresh(_ id: Int64) throws(PortalError) {
    try database.change("UPDATE site SET stale = 0 WHERE id = ? AND stale = 1", .integer(id))
  }

  /// Some sites whose template has changed since.
  func stale(limit: Int) throws(PortalError) -> [Int64] {
    try database.rows("SELECT id FROM site WHERE stale = 1 LIMIT ?", .number(limit)).map {
      $0.integer(0)
    }
  }

  private func load() throws(PortalError) -> [Int64: Site] {
    if let known { return known }
    let all = try database.rows(Self.columns).map(Self.read)
    let made = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    known = made
    return made
  }

  private func remember(_ site: Site) {
    known?[site.id] = site
    sorted = nil
  }

  func insert(_ site: Site) throws(PortalError) -> Int64 {
    try database.change(
      """
      INSERT INTO site (name, template, lan_vip, wan_vip, proxy, zone, ha_key, vrrp,
        primary_gateway, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .text(site.name), .integer(site.templateID),
      .text(site.lanVirtualIP?.description ?? ""), .text(site.wanVirtualIP?.description ?? ""),
      .text(SiteJSON.text(site.proxy)), .text(site.timeZone), .octets(site.haKey),
      .text(SiteJSON.text(site.vrrp)), .text(site.primary), .integer(site.created))
    var stored = site
    stored.id = database.lastInsertedRow
    remember(stored)
    return stored.id
  }

  func update(_ site: Site) throws(PortalError) {
    try database.change(
      """
      UPDATE site SET name = ?, template = ?, lan_vip = ?, wan_vip = ?, proxy = ?, zone = ?,
        ha_key = ?, vrrp = ?, primary_gateway = ? WHERE id = ?
      """, .text(site.name), .integer(site.templateID),
      .text(site.lanVirtualIP?.description ?? ""), .text(site.wanVirtualIP?.description ?? ""),
      .text(SiteJSON.text(site.proxy)), .text(site.timeZone), .octets(site.haKey),
      .text(SiteJSON.text(site.vrrp)), .text(site.primary), .integer(site.id))
    remember(site)
  }

  func delete(_ id: Int64) throws(PortalError) {
    try database.change("DELETE FROM event WHERE site = ?", .integer(id))
    try database.change("DELETE FROM site WHERE id = ?", .integer(id))
    known?[id] = nil
    sorted = nil
  }

  /// The group identifiers of all sites but one, with the LANs that they are on.
  func groups(except id: Int64) throws(PortalError) -> [(group: UInt8, lan: IPv4Prefix)] {
    try load().values.compactMap { site in
      guard site.id != id, let panel = site.vrrp, let lan = site.lanVirtualIP else { return nil }
      return (panel.groupID, lan)
    }
  }

  private static func read(_ row: Row) -> Site {
    Site(
      id: row.integer(0), name: row.text(1), templateID: row.integer(2),
      lanVirtualIP: IPv4Prefix(row.text(3)), wanVirtualIP: IPv4Prefix(row.text(4)),
      proxy: SiteJSON.proxy(row.text(5)), timeZone: row.text(6), haKey: row.blob(7),
      vrrp: SiteJSON.panel(row.text(8)), primary: row.optionalText(9), created: row.integer(10))
  }
}

/// The parts of a site that are kept as JSON; an empty text: none.
enum SiteJSON {
  static func text(_ proxy: SiteProxy?) -> String {
    guard let proxy else { return "" }
    return object([
      "host": .string(proxy.host), "port": .integer(proxy.port), "user": .text(proxy.user),
      "password": .text(proxy.password),
      "exceptions": .array(proxy.exceptions.map { .string($0) }),
    ])
  }

  static func proxy(_ text: String) -> SiteProxy? {
    guard let value = parse(text), let host = value["host"]?.string,
      let port = value["port"]?.integer.flatMap({ UInt16(exactly: $0) })
    else { return nil }
    return SiteProxy(
      host: host, port: port, user: value["user"]?.string, password: value["password"]?.string,
      exceptions: value["exceptions"]?.array?.compactMap(\.string) ?? [])
  }

  static func object(_ members: KeyValuePairs<String, JSONValue>) -> String {
    String(decoding: JSONValue.of(members).canonical, as: UTF8.self)
  }

  static func parse(_ text: String) -> JSONValue? {
    // What we wrote ourselves is JSON, or empty.
    try? JSONParser.parse(Array(text.utf8))
  }
}

extension JSONValue {
  /// An object with its keys in the order of the literal.
  static func of(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(members.map { .init($0.key, $0.value) })
  }

  /// A list of texts.
  static func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

  /// A whole number, or `null`.
  static func number(_ number: (some BinaryInteger)?) -> JSONValue {
    number.map { .integer($0) } ?? .null
  }
}
