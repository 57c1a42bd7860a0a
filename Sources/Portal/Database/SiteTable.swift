import Activation
import JSON
import SQLite
import Wire

/// Sites and their gateways in the database.
struct SiteTable {
  let database: PortalDatabase

  private static let columns = """
    SELECT id, name, template, lan_vip, wan_vip, proxy, zone, ha_key, vrrp, primary_gateway,
      created FROM site
    """

  func all() throws(PortalError) -> [Site] {
    try database.rows(Self.columns + " ORDER BY name COLLATE NOCASE").map(Self.read)
  }

  func ofTemplate(_ id: Int64) throws(PortalError) -> [Site] {
    try database.rows(Self.columns + " WHERE template = ?", .integer(id)).map(Self.read)
  }

  func find(_ id: Int64) throws(PortalError) -> Site {
    guard let row = try database.row(Self.columns + " WHERE id = ?", .integer(id)) else {
      throw .notFound("site \(id)")
    }
    return Self.read(row)
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
    return database.lastInsertedRow
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
  }

  func delete(_ id: Int64) throws(PortalError) {
    try database.change("DELETE FROM event WHERE site = ?", .integer(id))
    try database.change("DELETE FROM site WHERE id = ?", .integer(id))
  }

  /// The group identifiers of all sites but one, with the LANs that they are on.
  func groups(except id: Int64) throws(PortalError) -> [(group: UInt8, lan: IPv4Prefix)] {
    try database.rows(
      "SELECT vrrp, lan_vip FROM site WHERE vrrp <> '' AND lan_vip <> '' AND id <> ?",
      .integer(id)
    ).compactMap { row in
      guard let panel = SiteJSON.panel(row.text(0)), let lan = IPv4Prefix(row.text(1)) else {
        return nil
      }
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

  static func text(_ panel: VRRPPanel?) -> String {
    guard let panel else { return "" }
    return object([
      "group": .integer(panel.groupID), "interval": .integer(panel.advertIntervalMs),
      "priority": .integer(panel.priority), "password": .string(panel.password),
      "interface": .string(panel.interface), "track": .array(panel.track.map { .string($0) }),
      "preempt": .bool(panel.preempt),
    ])
  }

  static func panel(_ text: String) -> VRRPPanel? {
    guard let value = parse(text), let group = value["group"]?.integer,
      let interval = value["interval"]?.integer, let priority = value["priority"]?.integer
    else { return nil }
    return VRRPPanel(
      groupID: UInt8(clamping: group), advertIntervalMs: Int(interval),
      priority: UInt8(clamping: priority), password: value["password"]?.string ?? "",
      interface: value["interface"]?.string ?? "",
      track: value["track"]?.array?.compactMap(\.string) ?? [],
      preempt: value["preempt"]?.bool ?? false)
  }

  private static func object(_ members: KeyValuePairs<String, JSONValue>) -> String {
    String(decoding: JSONValue.of(members).canonical, as: UTF8.self)
  }

  private static func parse(_ text: String) -> JSONValue? {
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
