/// The part of the status that is about the pair.
public struct HAStatus: Codable, Hashable, Sendable {
  /// `initialize`, `standby`, `active` or `fault`.
  public var role: String
  /// Why the node has this role.
  public var reason: String
  /// Term of the last activation, own or seen.
  public var term: UInt64
  /// The other node; nil before its first heartbeat.
  public var peer: HAPeer?
  /// The HA link.
  public var link: HALinkState
  /// The virtual routers: one a port, group and family.
  public var vrrp: [VirtualRouterStatus]
  /// What the adverts of this node are worth, and what takes from it; nil while `vrrp` does not run.
  public var rank: HARank?
  /// Path checks, in the order of the document.
  public var checks: [PathState]?
  /// What is wrong and what to do about it, one entry each; empty when all is well.
  public var advice: [HAAdvice]?

  /// Joins the parts.
  public init(
    role: String, reason: String, term: UInt64, peer: HAPeer?, link: HALinkState,
    vrrp: [VirtualRouterStatus]
  ) {
    self.role = role
    self.reason = reason
    self.term = term
    self.peer = peer
    self.link = link
    self.vrrp = vrrp
  }
}

/// How this node ranks: the higher one is active, where `preempt` says so.
public struct HARank: Codable, Hashable, Sendable {
  /// `ha.vrrp.priority`.
  public var priority: Int
  /// The sum of the weights of what is down.
  public var demotion: Int
  /// What the adverts carry.
  public var effective: Int
  /// What is down, with its weight.
  public var causes: [String]
  /// Milliseconds for which the flap limiter still holds the role back; nil: it does not.
  public var heldMs: Double?

  /// Works out what the adverts carry: at least 1, and 255 always for the owner.
  public init(priority: Int, demotion: Int, causes: [String], heldMs: Double?) {
    self.priority = priority
    self.demotion = demotion
    effective = priority == 255 ? priority : max(1, priority - demotion)
    self.causes = causes
    self.heldMs = heldMs
  }
}

/// Something that is wrong, in words.
public struct HAAdvice: Codable, Hashable, Sendable {
  /// What.
  public var problem: String
  /// What to do about it.
  public var remedy: String

  /// Joins the parts.
  public init(problem: String, remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }
}

/// How a path is (`ha.vrrp.checks`).
public struct PathState: Codable, Hashable, Sendable {
  /// Its name.
  public var name: String
  /// `icmp` or `http`.
  public var kind: String
  /// What is asked.
  public var target: String
  /// Whether it is up, after hysteresis.
  public var isUp: Bool
  /// What its loss takes from the priority.
  public var weight: Int
  /// What the last question came to.
  public var text: String

  /// Joins the parts.
  public init(
    name: String, kind: String, target: String, isUp: Bool, weight: Int, text: String
  ) {
    self.name = name
    self.kind = kind
    self.target = target
    self.isUp = isUp
    self.weight = weight
    self.text = text
  }
}

/// What is known of the other node.
public struct HAPeer: Codable, Hashable, Sendable {
  /// Its role by the last heartbeat, or `unreachable`.
  public var state: String
  /// Milliseconds since its last authentic heartbeat.
  public var seenMsAgo: Double?
  /// Its priority.
  public var priority: Int
  /// Its term.
  public var term: UInt64
  /// Its reasons for not being healthy.
  public var faults: [String]
  /// Whether both nodes run the same shared configuration.
  public var configurationAgrees: Bool
  /// Version of its policy.
  public var policyVersion: UInt64

  /// Joins the parts.
  public init(
    state: String, seenMsAgo: Double?, priority: Int, term: UInt64, faults: [String],
    configurationAgrees: Bool, policyVersion: UInt64
  ) {
    self.state = state
    self.seenMsAgo = seenMsAgo
    self.priority = priority
    self.term = term
    self.faults = faults
    self.configurationAgrees = configurationAgrees
    self.policyVersion = policyVersion
  }
}

/// The state of the HA link.
public struct HALinkState: Codable, Hashable, Sendable {
  /// Whether the port has carrier.
  public var carrier: Bool
  /// Whether the session stream is up and encrypted.
  public var encrypted: Bool
  /// Whether nothing is between the two ports: the other node's own LLDP frames arrive here, which
  /// no switch passes on. False as well for the first half minute, and where LLDP is filtered.
  public var direct: Bool
  /// Heartbeats sent.
  public var heartbeatsSent: UInt64
  /// Authentic heartbeats received.
  public var heartbeatsReceived: UInt64
  /// Heartbeats refused, by reason.
  public var heartbeatsDropped: [String: UInt64]?
  /// Who LLDP hears at the other end; nil: nobody.
  public var neighbour: String?

  /// Joins the parts.
  public init(
    carrier: Bool, encrypted: Bool, direct: Bool, heartbeatsSent: UInt64,
    heartbeatsReceived: UInt64
  ) {
    self.carrier = carrier
    self.encrypted = encrypted
    self.direct = direct
    self.heartbeatsSent = heartbeatsSent
    self.heartbeatsReceived = heartbeatsReceived
  }
}

/// One virtual router.
public struct VirtualRouterStatus: Codable, Hashable, Sendable {
  /// Its port.
  public var port: String
  /// Its VRID.
  public var groupId: Int
  /// Its state.
  public var state: String
  /// The interval of its adverts in milliseconds.
  public var advertIntervalMs: Int
  /// Whether the port has carrier.
  public var carrier: Bool
  /// Adverts sent.
  public var advertsSent: UInt64
  /// Adverts accepted.
  public var advertsReceived: UInt64
  /// Adverts refused, by reason.
  public var advertsDropped: [String: UInt64]
  /// `IPv4` or `IPv6`.
  public var family: String?
  /// What it owns.
  public var addresses: [String]?

  /// Joins the parts.
  public init(
    port: String, groupId: Int, state: String, advertIntervalMs: Int, carrier: Bool,
    advertsSent: UInt64, advertsReceived: UInt64, advertsDropped: [String: UInt64]
  ) {
    self.port = port
    self.groupId = groupId
    self.state = state
    self.advertIntervalMs = advertIntervalMs
    self.carrier = carrier
    self.advertsSent = advertsSent
    self.advertsReceived = advertsReceived
    self.advertsDropped = advertsDropped
  }
}
