public import Wire

/// All virtual routers of a node and what it knows of its peers, joined into one decision.
///
/// Every port of a group changes role together. Two independent paths of life feed it: adverts on
/// the tracked ports and the authenticated heartbeat on the HA link. A caller hands in, at each
/// wake-up, `.woke`, then everything that arrived, then `.drained`: silence is judged only after
/// all that arrived was heard, by the kernel's time of arrival.
///
/// The rules are in the files beside this one: `SyncGroup+Standby` (when to take over),
/// `SyncGroup+Active` (when to leave), `SyncGroup+HandOver` (switchover, stop, preemption) and
/// `SyncGroup+Timers` (what is sent when, alarms).
public struct SyncGroup: Sendable {
  /// What a group needs to know.
  public struct Configuration: Sendable {
    /// This node.
    public var node: NodeID
    /// Drawn at this start.
    public var boot: BootID
    /// The other nodes.
    public var peers: [NodeID]
    /// One router per tracked port; priority and interval are equal in all.
    public var routers: [VirtualRouter.Configuration]
    /// Names of the ports whose link counts for the node's health.
    public var trackedPorts: [String]
    /// What the loss of a link weighs, by port; others weigh ``Demotion/linkWeight``.
    public var linkWeights: [String: UInt8]
    /// Foreign routers whose adverts count as RFC 9568 says, even against the heartbeat.
    public var trustedRouters: [IPAddress]
    /// Whether the preferred node asks for the role back.
    public var preempts: Bool
    /// How long it must have been ready before it asks.
    public var preemptDelay: Interval
    /// Highest term this node ever stored.
    public var storedTerm: UInt64
    /// Hash of what both nodes must have configured alike, 32 octets.
    public var configurationHash: [UInt8]

    /// Joins the parameters; at least one router.
    public init(
      node: NodeID, boot: BootID, peers: [NodeID], routers: [VirtualRouter.Configuration],
      trackedPorts: [String]? = nil, linkWeights: [String: UInt8] = [:],
      trustedRouters: [IPAddress] = [], preempts: Bool = false,
      preemptDelay: Interval = .seconds(30),
      storedTerm: UInt64 = 0,
      configurationHash: [UInt8] = [UInt8](repeating: 0, count: 32)
    ) {
      precondition(!routers.isEmpty, "a group has at least one port")
      self.node = node
      self.boot = boot
      self.peers = peers
      self.routers = routers
      self.trackedPorts = trackedPorts ?? routers.map(\.port)
      self.linkWeights = linkWeights
      self.trustedRouters = trustedRouters
      self.preempts = preempts
      self.preemptDelay = preemptDelay
      self.storedTerm = storedTerm
      self.configurationHash = configurationHash
    }
  }

  /// What happens to a group; numbers of ports are indexes into ``ports``.
  public enum Event: Sendable {
    /// The role runs.
    case started
    /// The loop woke up; comes before everything else that it hands in.
    case woke
    /// An advert that the port's router admitted; `received` is the kernel's time.
    case advertisementReceived(
      port: Int, Advertisement, source: IPAddress, received: Instant)
    /// A heartbeat whose tag is right.
    case heartbeatReceived(HeartbeatHeader, Heartbeat, received: Instant)
    /// A port appeared, vanished, or its carrier changed.
    case linkChanged(port: String, isUp: Bool)
    /// The port's own address came, went or is another one now.
    case addressChanged(port: Int, IPAddress?)
    /// Every path check as it stands.
    case checksChanged([CheckState])
    /// The reasons why this node cannot forward; empty when it can.
    case faultsChanged([String])
    /// Whether our session table is complete and an audit agreed.
    case synchronisationChanged(isReady: Bool)
    /// Hash of the shared part of the configuration in force.
    case configurationChanged(hash: [UInt8])
    /// The policy in force.
    case policyChanged(version: UInt64, hash: [UInt8])
    /// An operator asks this node to hand over.
    case switchoverRequested
    /// An operator wants to see the role go to the peer and come back, or only whether it could.
    case drillRequested(dryRun: Bool)
    /// `sync` answers `.requestBarrier`; nil = applied by the peer, else why not.
    case barrierAnswered(failure: String?)
    /// The role shall leave in order.
    case stopRequested
    /// Everything that had arrived was handed in: decide.
    case drained
  }

  /// What a group wants done, in this order.
  public enum Action: Hashable, Sendable {
    /// Set every virtual interface up.
    case raiseInterfaces
    /// Set every virtual interface down.
    case lowerInterfaces
    /// Send one advert on a port.
    case sendAdvertisement(port: Int, priority: UInt8)
    /// Send a gratuitous ARP for each virtual address of a port.
    case announce(port: Int)
    /// Send ``SyncGroup/nextHeartbeat(at:)`` to every peer.
    case sendHeartbeat
    /// Store the term.
    case takeTerm(UInt64)
    /// Tell the supervisor.
    case roleChanged(Role, cause: Cause, term: UInt64)
    /// Note that this active slept that long and its peer did not take over.
    case roleKept(after: Interval)
    /// Tell the operator that a condition began.
    case alarmRaised(Alarm)
    /// Tell the operator that it ended.
    case alarmCleared(Alarm)
    /// Ask `sync` to have everything applied by the peer.
    case requestBarrier
    /// Answer to `.switchoverRequested`; nil = the peer took over.
    case switchoverAnswered(Refusal?)
    /// A step of a drill is done.
    case drillStep(DrillStep)
    /// Answer to `.drillRequested`: nil = the role went and came back, or would.
    case drillAnswered(Refusal?)
    /// After `.stopRequested`: nothing is left to do.
    case finished
  }

  /// One port with virtual addresses.
  public struct Port: Sendable {
    /// Its virtual router.
    public internal(set) var router: VirtualRouter
    /// Present and with carrier.
    public internal(set) var isUp = false
    /// When it came up last.
    public internal(set) var upSince = Instant.zero
    /// When the last advert of a peer arrived, after which it did not resign.
    var peerHeardAt: Instant?
    /// A trusted foreign router that is active here, and until when it counts as that.
    var foreign: (priority: UInt8, until: Instant)?
    /// Somebody who advertises and is neither a peer nor trusted, and when last.
    var stranger: (source: IPAddress, heardAt: Instant)?
  }

  /// What was ignored, by reason.
  public struct Counters: Hashable, Sendable {
    /// Adverts that would have demoted us, against the heartbeat.
    public var contradictedAdvertisements = 0
    /// Priority 0 against the heartbeat.
    public var contradictedResignations = 0
    /// Wake-ups of an active later than a peer waits.
    public var lateWakeUps = 0
    /// Heartbeats by reason.
    public var heartbeatDrops: [String: Int] = [:]
  }

  /// How far a planned move has come.
  enum HandOver: Sendable {
    case none
    case awaitingBarrier(until: Instant, Cause)
    case offered(until: Instant, Cause)
  }

  /// We slept for longer than a peer waits, and ask whether it took over.
  struct Doubt: Sendable {
    var since: Instant
    var until: Instant
    var gap: Interval
    /// Our counter when it began: a peer that echoes a higher one heard us since.
    var counter: UInt64
  }

  /// The parameters.
  public let configuration: Configuration
  /// How often this node speaks on the HA link.
  public let pace: Pace
  /// The ports with virtual addresses, in the order of the configuration.
  public internal(set) var ports: [Port]
  /// The peers, in the order of the configuration.
  public internal(set) var witnesses: [Witness]
  /// Present role.
  public internal(set) var role = Role.initializing
  /// Since when.
  public internal(set) var since = Instant.zero
  /// Why.
  public internal(set) var cause = Cause.started
  /// Term of the last activation since the start, 0 if none.
  public internal(set) var term: UInt64 = 0
  /// Highest term stored or seen.
  public internal(set) var highestTerm: UInt64
  /// What was ignored.
  public internal(set) var counters = Counters()
  /// Conditions an operator was told of.
  public internal(set) var alarms: Set<Alarm> = []
  /// Why this node cannot forward.
  public internal(set) var faults: [String] = []
  /// Our session table is complete and an audit agreed.
  public internal(set) var isSynchronised = false
  /// The path checks, as told last.
  public internal(set) var checks: [CheckState] = []
  /// The tracked ports, by name.
  public internal(set) var links: [LinkState]

  var configurationHash: [UInt8]
  var policyVersion: UInt64 = 0
  var policyHash = [UInt8](repeating: 0, count: 32)
  var actions: [Action] = []
  var lastNow = Instant.zero
  var lastWoke: Instant?
  var sleeps = Sleeps()
  var announcedPatience: Interval
  var startedAt = Instant.zero
  var counter: UInt64 = 0
  var lastHeartbeatSent: Instant?
  var nextHeartbeat = Instant.zero
  /// A peer was heard in this wake-up.
  var isAnswering = false
  var announcementsFrom: Instant?
  var announced = 0
  var pendingAlarms: [Alarm: Instant] = [:]
  // Standby
  var vacantSince: Instant?
  var silenceCountsFrom = Instant.zero
  var wasExtended = false
  var linkLossUntil: Instant?
  var readySince: Instant?
  /// When a peer resigned last.
  var peerResignedAt: Instant?
  // Active
  var outrankedBy: Cause?
  var isOutrankedByTrusted = false
  var worsenedAt = Instant.zero
  var worsenedBy = Cause.started
  var lostPort: String?
  var rivalSince: Instant?
  var doubt: Doubt?
  // Planned moves
  var handOver = HandOver.none
  var nextPreemption = Instant.zero
  var stopsAt: Instant?
  var isStopping = false
  var drill: Drill?
  /// Whether the role goes to and fro.
  public internal(set) var limiter = FlapLimiter()

  /// A group that has not started; ports are down until `.linkChanged` says otherwise.
  public init(_ configuration: Configuration) {
    self.configuration = configuration
    let pace = Pace(advertInterval: configuration.routers.map(\.interval).max() ?? .zero)
    self.pace = pace
    announcedPatience = pace.dead
    ports = configuration.routers.map { Port(router: VirtualRouter($0)) }
    witnesses = configuration.peers.map { Witness(node: $0, ownBoot: configuration.boot, pace) }
    links = configuration.trackedPorts.map { LinkState(port: $0, isUp: false) }
    highestTerm = configuration.storedTerm
    configurationHash = configuration.configurationHash
    for index in ports.indices { ports[index].router.priority = advertisedPriority }
  }

  /// Handles one event; see the type for the order of events in a wake-up.
  public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    lastNow = max(lastNow, now)
    apply(event, at: now)
    defer { actions = [] }
    return actions
  }

  private mutating func apply(_ event: Event, at now: Instant) {
    switch event {
    case .started: start(at: now)
    case .woke: noticeLateness(at: now)
    case .advertisementReceived(let port, let advertisement, let source, let received):
      hear(advertisement, on: port, source: source, received: received, at: now)
    case .heartbeatReceived(let header, let heartbeat, let received):
      hear(header, heartbeat, received: received)
    case .linkChanged(let port, let isUp): changeLink(port, isUp: isUp, at: now)
    case .addressChanged(let port, let address): ports[port].router.change(nodeAddress: address)
    case .checksChanged(let checks): changeChecks(checks, at: now)
    case .faultsChanged(let faults): changeFaults(faults, at: now)
    case .synchronisationChanged(let isReady): isSynchronised = isReady
    case .configurationChanged(let hash): configurationHash = hash
    case .policyChanged(let version, let hash):
      policyVersion = version
      policyHash = hash
    case .switchoverRequested: requestSwitchover(at: now)
    case .drillRequested(let dryRun): requestDrill(dryRun: dryRun, at: now)
    case .barrierAnswered(let failure): barrierAnswered(failure: failure, at: now)
    case .stopRequested: requestStop(at: now)
    case .drained: decide(at: now)
    }
  }

  private mutating func start(at now: Instant) {
    startedAt = now
    lastWoke = now
    since = now
    nextHeartbeat = now
    // A predecessor may have died with its interfaces up.
    actions.append(.lowerInterfaces)
  }

  private mutating func decide(at now: Instant) {
    switch role {
    case .initializing: decideStart(at: now)
    case .standby: decideStandby(at: now)
    case .active: decideActive(at: now)
    }
    continueHandOver(at: now)
    continueDrill(at: now)
    runTimers(at: now)
  }

  private mutating func hear(
    _ header: HeartbeatHeader, _ heartbeat: Heartbeat, received: Instant
  ) {
    guard let index = witnesses.firstIndex(where: { $0.node == header.node }) else {
      let drop: HeartbeatDrop =
        header.boot == configuration.boot ? .reflected : .unknownNode(header.node.value)
      return counters.heartbeatDrops[drop.name, default: 0] += 1
    }
    do {
      _ = try witnesses[index].receive(
        header, heartbeat, received: received, ownCounter: counter)
      wasExtended = false
      isAnswering = true
      highestTerm = max(highestTerm, heartbeat.term, heartbeat.highestTerm)
    } catch {
      counters.heartbeatDrops[error.name, default: 0] += 1
    }
  }
}
