import Activation
import SQLite
import Wire

/// Gateways in the database.
struct GatewayTable {
  let database: PortalDatabase

  private static let columns = """
    SELECT id, site, slot, name, platform, mode, address, router, vlan, lan, state, since, cause,
      last, heard, detail, serial, software, certificate, enrolled, enrollments, version, applied,
      outcome, reason FROM gateway
    """

  func all() throws(PortalError) -> [Gateway] {
    try database.rows(Self.columns + " ORDER BY site, slot").map(Self.read)
  }

  func ofSite(_ id: Int64) throws(PortalError) -> [Gateway] {
    try database.rows(Self.columns + " WHERE site = ? ORDER BY slot", .integer(id)).map(Self.read)
  }

  func find(_ id: String) throws(PortalError) -> Gateway {
    guard let row = try database.row(Self.columns + " WHERE id = ?", .text(id)) else {
      throw .notFound("gateway \(id)")
    }
    return Self.read(row)
  }

  /// The document of a gateway, canonical JSON; empty: none yet.
  func document(_ id: String) throws(PortalError) -> String {
    try database.row("SELECT document FROM gateway WHERE id = ?", .text(id))?.text(0) ?? ""
  }

  func setDocument(_ id: String, _ text: String, version: Int64) throws(PortalError) {
    try database.change(
      "UPDATE gateway SET document = ?, version = ? WHERE id = ?", .text(text),
      .integer(version), .text(id))
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
  }

  /// Stores everything but the document.
  func update(_ gateway: Gateway) throws(PortalError) {
    try database.change(
      """
      UPDATE gateway SET name = ?, platform = ?, mode = ?, address = ?, router = ?, vlan = ?,
        lan = ?, state = ?, since = ?, cause = ?, last = ?, heard = ?, detail = ?, serial = ?,
        software = ?, certificate = ?, enrolled = ?, enrollments = ?, applied = ?, outcome = ?,
        reason = ? WHERE id = ?
      """, .text(gateway.name), .text(gateway.platform), .text(gateway.wanMode.rawValue),
      .text(gateway.wanAddress?.description ?? ""), .text(gateway.wanGateway?.description ?? ""),
      .number(gateway.wanVLAN), .text(gateway.lanAddress.description),
      .text(gateway.life.state.rawValue), .integer(gateway.life.since),
      .text(gateway.life.cause), .text(gateway.life.last?.rawValue),
      .number(gateway.life.heardAt), .text(gateway.detail), .text(gateway.serial),
      .text(gateway.softwareVersion), .octets(gateway.certificateDigest),
      .number(gateway.enrolledAt), .integer(gateway.enrollments),
      .integer(gateway.appliedVersion), .text(gateway.appliedOutcome),
      .text(gateway.appliedReason), .text(gateway.id))
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
        heardAt: row.optionalInteger(14)),
      detail: row.text(15), serial: row.text(16), softwareVersion: row.text(17),
      certificateDigest: row.blob(18), enrolledAt: row.optionalInteger(19),
      enrollments: row.integer(20), documentVersion: row.integer(21),
      appliedVersion: row.integer(22), appliedOutcome: row.text(23), appliedReason: row.text(24))
  }
}
