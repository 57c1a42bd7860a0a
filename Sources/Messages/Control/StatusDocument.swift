import Wire

/// The status document (`ztb status --json`). Keys are a contract: added, never renamed.
public struct StatusDocument: Codable, Hashable, Sendable {
  /// `gateway.name`; empty before a configuration is known.
  public var gateway: String
  /// `unactivated`, `in-progress` or `activated`.
  public var activation: String
  /// `disconnected`, `initializing`, `restarting`, `standalone`, `active`, `standby`, `fault` …
  public var state: String
  /// When the state began, RFC 3339.
  public var since: String
  /// The pair; nil when standalone.
  public var ha: HAStatus?
  /// Session synchronisation; nil when standalone.
  public var sync: SynchronisationStatus?
  /// What the kernel enforces; nil before the first report.
  public var policy: EnforcedPolicy?
  /// Every supervised process.
  public var roles: [RoleStatus]
  /// What is wrong now, one sentence each.
  public var alarms: [String]
  /// What the appliance is.
  public var appliance: ApplianceStatus?
  /// The WAN.
  public var wan: WANStatus?
  /// The portal; nil when unmanaged or not activated.
  public var controller: ControllerStatus?
  /// The activation while it is under way; nil otherwise.
  public var progress: ActivationStatus?
  /// The version that runs, and the update on its way.
  public var software: SoftwareStatus?

  /// A document that knows nothing yet.
  public init(gateway: String, activation: String, state: String, since: String) {
    self.gateway = gateway
    self.activation = activation
    self.state = state
    self.since = since
    roles = []
    alarms = []
  }
}

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
  /// The virtual routers, one a port.
  public var vrrp: [VirtualRouterStatus]

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
  /// Whether the link is known to be a cable without a switch.
  public var direct: Bool
  /// Heartbeats sent.
  public var heartbeatsSent: UInt64
  /// Authentic heartbeats received.
  public var heartbeatsReceived: UInt64

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

/// Session synchronisation (`ztb sync status`).
public struct SynchronisationStatus: Codable, Hashable, Sendable {
  /// Whether the standby holds every session.
  public var ready: Bool
  /// Why not; empty when ready.
  public var reason: String
  /// `source`, `copy` or `unconnected`.
  public var direction: String
  /// Sessions in this node's shadow table.
  public var sessions: UInt64
  /// The same at the peer.
  public var peerSessions: UInt64
  /// Order-independent digest of the sessions, hexadecimal.
  public var digest: String
  /// The same at the peer.
  public var peerDigest: String
  /// Milliseconds since the two were compared; nil: never.
  public var comparedMsAgo: Double?
  /// Outcome of that comparison.
  public var digestsAgree: Bool
  /// Age of the oldest change that the peer has not applied, in milliseconds.
  public var lagMs: Double
  /// Changes not yet sent.
  public var queued: UInt64
  /// The last full copy: `none`, `running`, `complete`, `aborted`.
  public var bulk: String
  /// Records that the kernel refused.
  public var refused: UInt64
  /// Everything else, by name.
  public var counters: [String: UInt64]

  /// Takes the numbers of the role's report.
  public init(_ status: SyncStatus) {
    ready = status.ready
    reason = status.reason
    direction = !status.connected ? "unconnected" : status.sending ? "source" : "copy"
    sessions = status.sessions
    peerSessions = status.peerSessions
    digest = String(status.digest, radix: 16)
    peerDigest = String(status.peerDigest, radix: 16)
    comparedMsAgo = status.comparedAgo?.milliseconds
    digestsAgree = status.digestsAgree
    lagMs = status.lag.milliseconds
    queued = status.queued
    bulk = "\(status.bulk)"
    refused = status.refused
    counters = Dictionary(
      status.counters.map { ($0.name, $0.count) }, uniquingKeysWith: { first, _ in first })
  }
}

/// What the kernel enforces.
public struct EnforcedPolicy: Codable, Hashable, Sendable {
  /// Whether a policy is in the kernel; nothing is forwarded otherwise.
  public var loaded: Bool
  /// `policy.version`.
  public var version: UInt64
  /// `sha256:` and 64 hexadecimal digits.
  public var hash: String
  /// When it was loaded, RFC 3339; empty: never.
  public var appliedAt: String
  /// Why the last load failed; empty when it did not.
  public var error: String

  /// Joins the parts.
  public init(loaded: Bool, version: UInt64, hash: String, appliedAt: String, error: String) {
    self.loaded = loaded
    self.version = version
    self.hash = hash
    self.appliedAt = appliedAt
    self.error = error
  }
}

/// One supervised process.
public struct RoleStatus: Codable, Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its process number; nil while there is none.
  public var pid: Int?
  /// `running`, `starting`, `backing-off` …
  public var state: String
  /// How often it was started again after a death.
  public var restarts: Int

  /// Joins the parts.
  public init(name: String, pid: Int?, state: String, restarts: Int) {
    self.name = name
    self.pid = pid
    self.state = state
    self.restarts = restarts
  }
}
