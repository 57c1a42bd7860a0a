import Activation
import SQLite
import Wire

/// Gateways in the database, all of them also in memory, but for their documents.
final class GatewayTable {
  private let database: PortalDatabase
  /// Nil: to be read again.
  private var known: [String: Gateway]?
  /// The gateways of each site in the order of their slots.
  private var bySite: [Int64: [String]] = [:]

  init(database: PortalDatabase) {
    self.database = database
    database.whenUndone { [weak self] in self?.known = nil }
  }

  private static let columns = """
    SELECT id, site, slot, name, platform, mode, address, router, vlan, lan, state, since, cause,
      last, heard, detail, serial, software, certificate, enrolled, enrollments, version, applied,
      outcome, reason, failed FROM gateway
    """

  func all() throws(PortalError) -> [Gateway] { Array(try load().values) }

  func ofSite(_ id: Int64) throws(PortalError) -> [Gateway] {
    let known = try load()
    return (bySite[id] ?? []).compactMap { known[$0] }
  }

  func find(_ id: String) throws(PortalError) -> Gateway {
    guard let gateway = try load()[id] else { throw .notFound("gateway \(id)") }
    return gateway
  }

  private func load() throws(PortalError) -> [String: Gateway] {
    if let known { return known }
    let all = try database.rows(Self.columns + " ORDER BY site, slot").map(Self.read)
    let made = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    bySite = Dictionary(grouping: all, by: \.siteID).mapValues { $0.map(\.id) }
    known = made
    return made
  }

  /// Forgets the gateways of a site, which the database deletes with it.
  func siteDeleted(_ id: Int64) {
    for gateway in bySite.removeValue(forKey: id) ?? [] { known?[gateway] = nil }
  }

  /// The document of a gateway, canonical JSON; empty: none yet.
  func document(_ id: String) throws(PortalError) -> String {
    try database.row("SELECT document FROM gateway WHERE id = ?", .text(id))?.text(0) ?? ""
  }

  func setDocument(_ id: String, _ text: String, version: Int64) throws(PortalError) {
    try database.change(
      "UPDATE gateway SET document = ?, version = ? WHERE id = ?", .text(text),
      .integer(version), .text(id))
    known?[id]?.documentVersion = version
  }

  func insert(_ gateway: Gateway) throws(PortalError) {
    try database.change(
      """
      INSERT INTO gateway (id, site, slot, name, platform, mode, address, router, vlan, lan, state,
        since, cause) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .text(gateway.id), .integer(gateway.siteID), .number(gateway.slot),
      .text(gateway.name), .text(gateway.platform), .text(gateway.wanMode.rawValue),
      .text(gateway.wanAddress?.description ?? ""), .text(gateway.wanGateway?.description ?? ""),
      .number(gateway.wanVLAN), .text(gateway.lanAddress.description),
      .text(gateway.life.state.rawValue), .integer(gateway.life.since), .text(gateway.life.cause))
    guard known != nil else { return }
    known?[gateway.id] = gateway
    // Made in the order of their slots.
    bySite[gateway.siteID, default: []].append(gateway.id)
  }

  /// Stores everything but the document and its version.
  func update(_ gateway: Gateway) throws(PortalError) {
    try database.change(
      """
      UPDATE gateway SET name = ?, platform = ?, mode = ?, address = ?, router = ?, vlan = ?,
        lan = ?, state = ?, since = ?, cause = ?, last = ?, heard = ?, detail = ?, serial = ?,
        software = ?, certificate = ?, enrolled = ?, enrollments = ?, applied = ?, outcome = ?,
        reason = ?, failed = ? WHERE id = ?
      """, .text(gateway.name), .text(gateway.platform), .text(gateway.wanMode.rawValue),
      .text(gateway.wanAddress?.description ?? ""), .text(gateway.wanGateway?.description ?? ""),
      .number(gateway.wanVLAN), .text(gateway.lanAddress.description),
      .text(gateway.life.state.rawValue), .integer(gateway.life.since),
      .text(gateway.life.cause), .text(gateway.life.last?.rawValue),
      .number(gateway.life.heardAt), .text(gateway.detail), .text(gateway.serial),
      .text(gateway.softwareVersion), .octets(gateway.certificateDigest),
      .number(gateway.enrolledAt), .integer(gateway.enrollments),
      .integer(gateway.appliedVersion), .text(gateway.appliedOutcome),
      .text(gateway.appliedReason), .flag(gateway.life.hasFailed), .text(gateway.id))
    guard let before = known?[gateway.id] else { return }
    var stored = gateway
    stored.documentVersion = before.documentVersion
    known?[gateway.id] = stored
  }

  private static func read(_ row: Row) -> Gateway {
    Gateway(
      id: row.text(0), siteID: row.integer(1), slot: Int(row.integer(2)), name: row.text(3),
      platform: row.text(4), wanMode: Gateway.Mode(rawValue: row.text(5)) ?? .dhcp,
      wanAddress: IPv4Prefix(row.text(6)), wanGateway: IPv4Address(row.text(7)),
      wanVLAN: row.optionalInteger(8).map { UInt16(clamping: $0) },
      lanAddress: IPv4Prefix(row.text(9)) ?? IPv4Prefix(IPv4Address(0), length: 0),
      life: LifeCycle(
        state: GatewayState(rawValue: row.text(10)) ?? .disconnected, since: row.integer(11),
        cause: row.text(12), last: row.optionalText(13).flatMap { GatewayState(rawValue: $0) },
        heardAt: row.optionalInteger(14), hasFailed: row.flag(25)),
      detail: row.text(15), serial: row.text(16), softwareVersion: row.text(17),
      certificateDigest: row.blob(18), enrolledAt: row.optionalInteger(19),
      enrollments: row.integer(20), documentVersion: row.integer(21),
      appliedVersion: row.integer(22), appliedOutcome: row.text(23), appliedReason: row.text(24))
  }
}
