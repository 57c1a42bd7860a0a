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
  /// The addresses of hosts on LANs; nil where the gateway hands none out.
  public var leases: LeaseStatus?
  /// How far the hosts of LANs are kept apart; nil where they are neighbours.
  public var isolation: [IsolationStatus]?
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
  /// What is synchronised, by kind, leases of hosts among it.
  public var matrix: [SynchronisedKind]
  /// What is not, and why.
  public var notSynchronised: [String]
  /// Everything else, by name.
  public var counters: [String: UInt64]

  /// What no peer is told, and what no kernel takes.
  private static let omitted = [
    "sessions that begin or end on a node itself",
    "sessions that nobody has answered yet",
    "counters, start times, security marks: the kernel takes none",
    "what helpers of SIP, H.323 and PPTP remember: the kernel takes none",
  ]

  /// Takes the numbers of the role's report, and the leases, which are not its business.
  public init(_ status: SyncStatus, leases: LeaseStatus? = nil) {
    matrix = status.kinds.map { SynchronisedKind($0) }
    if let leases {
      matrix.append(
        SynchronisedKind(
          SyncKind(
            name: "leases", here: UInt64(leases.inUse), peer: leases.peer.map { UInt64($0) })))
    }
    notSynchronised = SynchronisationStatus.omitted
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

/// One row of the matrix: how many of a kind each node holds.
public struct SynchronisedKind: Codable, Hashable, Sendable {
  /// `tcp4`, `nat`, `leases` …
  public var kind: String
  /// On this node.
  public var here: UInt64
  /// On the other; nil: it has not told.
  public var peer: UInt64?
  /// What there is to say of it.
  public var note: String

  /// Takes the role's report.
  init(_ kind: SyncKind) {
    self.kind = kind.name
    here = kind.here
    peer = kind.peer
    note = kind.note
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
