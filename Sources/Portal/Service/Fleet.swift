import Activation
import JSON

/// What changes too often for the disk: when gateways were heard of, and what they say. A gateway
/// that has nothing new costs no look into the database.
struct Fleet {
  /// One gateway.
  struct Member {
    var siteID: Int64
    var slot: Int
    var life: LifeCycle
    var detail: String
    var certificateDigest: [UInt8]?
    var documentVersion: Int64
    /// Whether it has commands without a result.
    var hasCommands = false
    /// The status document that it sent last, and when.
    var status: JSONValue?
    var statusAt: Int64?
    /// How many events it may still send.
    var events = TokenBucket(
      capacity: EventLimits.burst, perSecond: EventLimits.perSecond)
  }

  /// Events of one gateway: one that was cut off has many to tell at once.
  enum EventLimits {
    static let burst: Int64 = 2_000
    static let perSecond: Int64 = 5
  }

  private(set) var members: [String: Member] = [:]
  private var byCertificate: [[UInt8]: String] = [:]
  private var bySite: [Int64: Set<String>] = [:]

  subscript(_ id: String) -> Member? {
    get { members[id] }
    set {
      let before = members[id]?.certificateDigest
      if before != newValue?.certificateDigest {
        if let before { byCertificate[before] = nil }
        if let digest = newValue?.certificateDigest { byCertificate[digest] = id }
      }
      if let site = members[id]?.siteID, newValue == nil {
        bySite[site]?.remove(id)
        if bySite[site]?.isEmpty == true { bySite[site] = nil }
      }
      if let newValue { bySite[newValue.siteID, default: []].insert(id) }
      members[id] = newValue
    }
  }

  /// The other gateway of a pair.
  func peer(of id: String, site: Int64) -> (id: String, member: Member)? {
    guard let other = bySite[site]?.first(where: { $0 != id }), let member = members[other] else {
      return nil
    }
    return (other, member)
  }

  /// The gateway that a certificate was issued to and not revoked.
  func gateway(certificateDigest: [UInt8]) -> String? { byCertificate[certificateDigest] }
}

extension PortalService {
  /// Fills the fleet from the database; a gateway that was in contact has its time of silence
  /// before it anew.
  func loadFleet() throws(PortalError) {
    let time = now()
    for gateway in try gateways.all() { remember(gateway, heardAt: time) }
    for id in try records.gatewaysWithCommands() { fleet[id]?.hasCommands = true }
  }

  /// Takes a gateway into the fleet, or what was stored about it.
  func remember(_ gateway: Gateway, heardAt: Int64? = nil) {
    var member =
      fleet[gateway.id]
      ?? Fleet.Member(
        siteID: gateway.siteID, slot: gateway.slot, life: gateway.life, detail: "",
        certificateDigest: nil, documentVersion: 0)
    member.life = gateway.life
    if let heardAt, gateway.life.state != .disconnected {
      member.life = LifeCycle(
        state: gateway.life.state, since: gateway.life.since, cause: gateway.life.cause,
        last: gateway.life.last, heardAt: heardAt)
    }
    member.detail = gateway.detail
    member.certificateDigest = gateway.certificateDigest
    member.documentVersion = gateway.documentVersion
    fleet[gateway.id] = member
  }

  /// Gives a stored gateway what only the fleet knows.
  func current(_ gateway: Gateway) -> Gateway {
    guard let member = fleet[gateway.id] else { return gateway }
    var gateway = gateway
    gateway.life = member.life
    gateway.detail = member.detail
    return gateway
  }
}
