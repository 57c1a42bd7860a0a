public import Wire

/// The role of a node in its pair.
public enum HARole: UInt8, Hashable, Sendable, CaseIterable, WireCodable {
  /// Listening after the start; no part yet (RFC 9568 Initialize).
  case initialize = 0
  /// RFC 9568 Backup.
  case standby = 1
  /// RFC 9568 Active.
  case active = 2
  /// Cannot forward, for a named reason.
  case fault = 3
}

/// A change of role.
public struct RoleChange: Hashable, Sendable {
  /// The new role.
  public var role: HARole
  /// The term it belongs to: the node's own when active, else the highest seen.
  public var term: UInt64
  /// Why, in words, such as `peer dead: 3 adverts and 4 heartbeats missed`.
  public var reason: String

  /// Joins the parts.
  public init(
    role: HARole,
    term: UInt64,
    reason: String
  ) {
    self.role = role
    self.term = term
    self.reason = reason
  }
}

extension RoleChange: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    role = try HARole(from: &reader)
    term = try UInt64(from: &reader)
    reason = try String(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    role.write(into: &writer)
    term.write(into: &writer)
    reason.write(into: &writer)
  }
}

/// What one virtual router of the group does.
public struct VRRPPortStatus: Hashable, Sendable {
  /// The port.
  public var port: String
  /// Its VRID.
  public var groupID: UInt8
  /// The family of its addresses.
  public var family: AddressFamily
  /// Its state; all ports of a group agree except for moments.
  public var state: HARole
  /// Whether the link is up.
  public var carrier: Bool
  /// Adverts sent.
  public var advertsSent: UInt64
  /// Adverts accepted.
  public var advertsReceived: UInt64
  /// Adverts refused, by reason.
  public var advertsDropped: [NamedCount]

  /// Joins the parts.
  public init(
    port: String,
    groupID: UInt8,
    family: AddressFamily = .ipv4,
    state: HARole,
    carrier: Bool,
    advertsSent: UInt64,
    advertsReceived: UInt64,
    advertsDropped: [NamedCount]
  ) {
    self.port = port
    self.groupID = groupID
    self.family = family
    self.state = state
    self.carrier = carrier
    self.advertsSent = advertsSent
    self.advertsReceived = advertsReceived
    self.advertsDropped = advertsDropped
  }
}

extension VRRPPortStatus: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    port = try String(from: &reader)
    groupID = try UInt8(from: &reader)
    family = try AddressFamily(from: &reader)
    state = try HARole(from: &reader)
    carrier = try Bool(from: &reader)
    advertsSent = try UInt64(from: &reader)
    advertsReceived = try UInt64(from: &reader)
    advertsDropped = try [NamedCount](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    port.write(into: &writer)
    groupID.write(into: &writer)
    family.write(into: &writer)
    state.write(into: &writer)
    carrier.write(into: &writer)
    advertsSent.write(into: &writer)
    advertsReceived.write(into: &writer)
    advertsDropped.write(into: &writer)
  }
}

/// A counter with its name.
public struct NamedCount: Hashable, Sendable {
  /// What is counted.
  public var name: String
  /// How often.
  public var count: UInt64

  /// Joins the parts.
  public init(
    name: String,
    count: UInt64
  ) {
    self.name = name
    self.count = count
  }
}

extension NamedCount: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    name = try String(from: &reader)
    count = try UInt64(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    name.write(into: &writer)
    count.write(into: &writer)
  }
}

/// What is known of the other node.
public struct PeerStatus: Hashable, Sendable {
  /// Its role by the last heartbeat.
  public var role: HARole
  /// Age of the last authentic heartbeat; nil when there never was one.
  public var seenAgo: Interval?
  /// Its priority.
  public var priority: UInt8
  /// Its term.
  public var term: UInt64
  /// Its named reasons for not being healthy.
  public var faults: [String]
  /// Its own readiness flag.
  public var syncReady: Bool
  /// Whether both nodes run the same shared configuration.
  public var configurationAgrees: Bool
  /// Version of its policy.
  public var policyVersion: UInt64

  /// Joins the parts.
  public init(
    role: HARole,
    seenAgo: Interval?,
    priority: UInt8,
    term: UInt64,
    faults: [String],
    syncReady: Bool,
    configurationAgrees: Bool,
    policyVersion: UInt64
  ) {
    self.role = role
    self.seenAgo = seenAgo
    self.priority = priority
    self.term = term
    self.faults = faults
    self.syncReady = syncReady
    self.configurationAgrees = configurationAgrees
    self.policyVersion = policyVersion
  }
}

extension PeerStatus: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    role = try HARole(from: &reader)
    seenAgo = try Interval?(from: &reader)
    priority = try UInt8(from: &reader)
    term = try UInt64(from: &reader)
    faults = try [String](from: &reader)
    syncReady = try Bool(from: &reader)
    configurationAgrees = try Bool(from: &reader)
    policyVersion = try UInt64(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    role.write(into: &writer)
    seenAgo.write(into: &writer)
    priority.write(into: &writer)
    term.write(into: &writer)
    faults.write(into: &writer)
    syncReady.write(into: &writer)
    configurationAgrees.write(into: &writer)
    policyVersion.write(into: &writer)
  }
}

/// A picture of the group.
public struct VRRPStatus: Hashable, Sendable {
  /// This node's role.
  public var role: HARole
  /// Its term.
  public var term: UInt64
  /// Why it has this role.
  public var reason: String
  /// VRID.
  public var groupID: UInt8
  /// Its priority.
  public var priority: UInt8
  /// The interval in use.
  public var advertInterval: Interval
  /// Each port.
  public var ports: [VRRPPortStatus]
  /// The other node; nil before the first heartbeat.
  public var peer: PeerStatus?
  /// Whether the HA link has carrier.
  public var linkCarrier: Bool
  /// What is wrong now, in words.
  public var alarms: [String]
  /// Heartbeats sent.
  public var heartbeatsSent: UInt64
  /// Heartbeats accepted.
  public var heartbeatsReceived: UInt64
  /// Heartbeats refused, by reason.
  public var heartbeatsDropped: [NamedCount]
  /// Times the loop woke later than the dead time.
  public var lateWakeUps: UInt64
  /// Sum of the weights of what is down.
  public var demotion: UInt16
  /// What is down, with its weight, in words.
  public var demotedBy: [String]
  /// While the flap limiter holds the role back: how long still; nil: it does not.
  public var heldFor: Interval?

  /// Joins the parts.
  public init(
    role: HARole,
    term: UInt64,
    reason: String,
    groupID: UInt8,
    priority: UInt8,
    advertInterval: Interval,
    ports: [VRRPPortStatus],
    peer: PeerStatus?,
    linkCarrier: Bool,
    alarms: [String],
    heartbeatsSent: UInt64,
    heartbeatsReceived: UInt64,
    heartbeatsDropped: [NamedCount],
    lateWakeUps: UInt64,
    demotion: UInt16 = 0,
    demotedBy: [String] = [],
    heldFor: Interval? = nil
  ) {
    self.role = role
    self.term = term
    self.reason = reason
    self.groupID = groupID
    self.priority = priority
    self.advertInterval = advertInterval
    self.ports = ports
    self.peer = peer
    self.linkCarrier = linkCarrier
    self.alarms = alarms
    self.heartbeatsSent = heartbeatsSent
    self.heartbeatsReceived = heartbeatsReceived
    self.heartbeatsDropped = heartbeatsDropped
    self.lateWakeUps = lateWakeUps
    self.demotion = demotion
    self.demotedBy = demotedBy
    self.heldFor = heldFor
  }
}

extension VRRPStatus: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    role = try HARole(from: &reader)
    term = try UInt64(from: &reader)
    reason = try String(from: &reader)
    groupID = try UInt8(from: &reader)
    priority = try UInt8(from: &reader)
    advertInterval = try Interval(from: &reader)
    ports = try [VRRPPortStatus](from: &reader)
    peer = try PeerStatus?(from: &reader)
    linkCarrier = try Bool(from: &reader)
    alarms = try [String](from: &reader)
    heartbeatsSent = try UInt64(from: &reader)
    heartbeatsReceived = try UInt64(from: &reader)
    heartbeatsDropped = try [NamedCount](from: &reader)
    lateWakeUps = try UInt64(from: &reader)
    demotion = try UInt16(from: &reader)
    demotedBy = try [String](from: &reader)
    heldFor = try Interval?(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    role.write(into: &writer)
    term.write(into: &writer)
    reason.write(into: &writer)
    groupID.write(into: &writer)
    priority.write(into: &writer)
    advertInterval.write(into: &writer)
    ports.write(into: &writer)
    peer.write(into: &writer)
    linkCarrier.write(into: &writer)
    alarms.write(into: &writer)
    heartbeatsSent.write(into: &writer)
    heartbeatsReceived.write(into: &writer)
    heartbeatsDropped.write(into: &writer)
    lateWakeUps.write(into: &writer)
    demotion.write(into: &writer)
    demotedBy.write(into: &writer)
    heldFor.write(into: &writer)
  }
}
