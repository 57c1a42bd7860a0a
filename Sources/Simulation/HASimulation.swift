public import VRRP
public import Wire

/// Two nodes, three networks, foreign routers and a virtual clock: the HA decision without a machine.
///
/// The caller injures and heals; after every step the simulation checks what must always hold
/// (`HASimulation+Invariants`) and keeps the first sentence that does not in ``violation``.
public struct HASimulation {
  /// What is not injured but chosen.
  public struct Settings: Sendable {
    /// Interval of the adverts.
    public var interval = Interval.milliseconds(20)
    /// Whether the preferred node asks for the role back.
    public var preempts = false
    /// How long it must have been ready.
    public var preemptDelay = Interval.seconds(30)
    /// Priorities of the two nodes.
    public var priorities: [UInt8] = [200, 100]
    /// Weights of the tracked ports, by name (`lan`, `wan`); 20 where there is none.
    public var linkWeights: [String: UInt8] = [:]
    /// Priorities of plain RFC 9568 routers on the LAN.
    public var foreignPriorities: [UInt8] = []
    /// Whether the nodes were told of them.
    public var trustsForeign = true
    /// How long after a start or a change of role the nodes' sessions are in step.
    public var synchronisation = Interval.zero

    /// The defaults of the product, except for the time that sessions need.
    public init() {}
  }

  /// A node and its kernel.
  struct Node {
    var group: SyncGroup
    var interfacesUp = false
    var isAlive = true
    var isPaused = false
    var carriers = [true, true]
    var inbox: [(received: Instant, packet: Packet)] = []
    var emptiedAt = Instant.zero
    var wakeAt = Instant.zero
    var startedAt = Instant.zero
    var inStepAt: Instant?
    var storedTerm: UInt64 = 0
    var isToldToStop = false
    var hasFinished = false

    var isRunning: Bool { isAlive && !isPaused && !hasFinished }
  }

  enum Packet {
    case advertisement(port: Int, Advertisement, source: IPAddress)
    case heartbeat(HeartbeatHeader, Heartbeat)
    case barrierAnswer
  }

  private struct Delivery {
    var at: Instant
    var receiver: Int
    var packet: Packet
  }

  /// What was chosen.
  public let settings: Settings
  /// The clock.
  public internal(set) var now = Instant(nanoseconds: 1_000_000_000)
  /// The first broken invariant, with its time.
  public internal(set) var violation: String?
  /// What happened, one line each, for a failing seed.
  public private(set) var log: [String] = []
  /// Activations of either node so far.
  public private(set) var activations = 0
  /// Announcements (gratuitous ARP) of each node so far, by port and step of the schedule.
  public private(set) var announcements = [0, 0]
  /// The last priority that each node advertised.
  public private(set) var advertised: [UInt8] = [0, 0]
  /// Last answer to a switchover.
  public private(set) var answer: Refusal??
  /// Last answer to a drill.
  public private(set) var drillAnswer: Refusal??

  var nodes: [Node] = []
  var foreign: [ForeignRouter] = []
  /// By network, then by sender: the nodes, then the foreign routers.
  var paths: [[HAPath]]
  /// When each path changed last.
  var changedAt: [[Instant]]
  var random: HARandom
  /// When anything was injured, healed or commanded last.
  var disturbedAt = Instant.zero
  var overlapSince: Instant?
  var vacantSince: Instant?
  /// When the peer of a settled node died; see ``HASimulation/crash(_:)``.
  var cleanDeath: (survivor: Int, at: Instant)?
  private var deliveries: [Delivery] = []
  private var boots: UInt64 = 0

  /// Two nodes that boot at the same time; node 0 has the higher priority.
  public init(seed: UInt64, settings: Settings = Settings()) {
    random = HARandom(seed: seed)
    self.settings = settings
    let senders = 2 + settings.foreignPriorities.count
    paths = HANetwork.allCases.map { _ in [HAPath](repeating: HAPath(), count: senders) }
    changedAt = paths.map { $0.map { _ in .zero } }
    for node in 0..<2 { nodes.append(Node(group: makeGroup(node, storedTerm: 0))) }
    for (index, priority) in settings.foreignPriorities.enumerated() {
      foreign.append(
        ForeignRouter(
          index: index, priority: priority, interval: settings.interval,
          virtualAddress: Self.virtualAddress(0), at: now))
    }
    for node in 0..<2 { start(node) }
  }

  /// With everything but interval and preemption as it is by default.
  public init(seed: UInt64, interval: Interval, preempts: Bool = false) {
    var settings = Settings()
    settings.interval = interval
    settings.preempts = preempts
    self.init(seed: seed, settings: settings)
  }

  /// Interval of the adverts.
  public var interval: Interval { settings.interval }

  /// Nodes whose interfaces are up.
  public var actives: [Int] { nodes.indices.filter { nodes[$0].interfacesUp } }

  /// Foreign routers that are active.
  public var foreignActives: [Int] { foreign.indices.filter { foreign[$0].isActive } }

  /// What a node decided last.
  public func group(_ node: Int) -> SyncGroup { nodes[node].group }

  /// Lets time pass.
  public mutating func run(for time: Interval) {
    let end = now + time
    while let next = nextMoment, next <= end, violation == nil {
      now = max(now, next)
      step()
      checkInvariants()
    }
    now = end
  }

  /// Lets time pass until `condition` holds; the time it took, or nil after `limit`.
  public mutating func run(
    atMost limit: Interval, until condition: (HASimulation) -> Bool
  ) -> Interval? {
    let start = now
    while violation == nil {
      if condition(self) { return now - start }
      guard let next = nextMoment, next <= start + limit else { return nil }
      now = max(now, next)
      step()
      checkInvariants()
    }
    return nil
  }

  // MARK: Machinery

  /// Named by their networks.
  static let portNames = ["lan", "wan"]

  static func virtualAddress(_ port: Int) -> IPAddress {
    .v4(IPv4Address(10, UInt8(port), 0, 1))
  }

  mutating func makeGroup(_ node: Int, storedTerm: UInt64) -> SyncGroup {
    boots += 1
    let routers = Self.portNames.indices.map { port in
      VirtualRouter.Configuration(
        port: Self.portNames[port], virtualRouter: 77, priority: settings.priorities[node],
        interval: interval, addresses: [Self.virtualAddress(port)],
        nodeAddress: .v4(IPv4Address(10, UInt8(port), 0, UInt8(2 + node))))
    }
    return SyncGroup(
      SyncGroup.Configuration(
        node: NodeID(UInt8(node + 1)), boot: BootID(high: boots, low: random.next()),
        peers: [NodeID(UInt8(2 - node))], routers: routers, linkWeights: settings.linkWeights,
        trustedRouters: settings.trustsForeign
          ? settings.foreignPriorities.indices.map(ForeignRouter.address) : [],
        preempts: settings.preempts, preemptDelay: settings.preemptDelay, storedTerm: storedTerm))
  }

  mutating func start(_ node: Int) {
    nodes[node].startedAt = now
    nodes[node].emptiedAt = now
    perform(nodes[node].group.handle(.started, at: now), by: node)
    lookAtLinks(node)
    loseStep(node)
    nodes[node].wakeAt = now
  }

  /// The sessions of a node are not in step, and will be.
  private mutating func loseStep(_ node: Int) {
    nodes[node].inStepAt = now + settings.synchronisation
    let isReady = settings.synchronisation == .zero
    perform(nodes[node].group.handle(.synchronisationChanged(isReady: isReady), at: now), by: node)
  }

  private var nextMoment: Instant? {
    var next = deliveries.first?.at
    for node in nodes where node.isRunning { next = min(next ?? node.wakeAt, node.wakeAt) }
    for router in foreign {
      if let deadline = router.deadline { next = min(next ?? deadline, deadline) }
    }
    return next
  }

  private mutating func step() {
    while let delivery = deliveries.first, delivery.at <= now {
      deliveries.removeFirst()
      arrive(delivery.packet, at: delivery.receiver)
    }
    for index in foreign.indices where foreign[index].deadline.map({ $0 <= now }) ?? false {
      if let advertisement = foreign[index].expire(at: now) { send(advertisement, by: index) }
    }
    for node in nodes.indices where nodes[node].isRunning && nodes[node].wakeAt <= now {
      wakeUp(node)
    }
  }

  private mutating func arrive(_ packet: Packet, at receiver: Int) {
    guard receiver < 2 else {
      if case .advertisement(_, let advertisement, let source) = packet,
        let reply = foreign[receiver - 2].hear(advertisement, source: source, at: now)
      {
        send(reply, by: receiver - 2)
      }
      return
    }
    guard nodes[receiver].isAlive else { return }
    // A full socket keeps the oldest.
    if nodes[receiver].inbox.count < 200 { nodes[receiver].inbox.append((now, packet)) }
    wake(receiver)
  }

  mutating func wake(_ node: Int) {
    let latency = Interval.microseconds(Int.random(in: 20...200, using: &random))
    nodes[node].wakeAt = min(nodes[node].wakeAt, now + latency)
  }

  private mutating func wakeUp(_ node: Int) {
    perform(nodes[node].group.handle(.woke, at: now), by: node)
    if let inStepAt = nodes[node].inStepAt, now >= inStepAt {
      nodes[node].inStepAt = nil
      perform(nodes[node].group.handle(.synchronisationChanged(isReady: true), at: now), by: node)
    }
    lookAtLinks(node)
    let inbox = nodes[node].inbox
    nodes[node].inbox = []
    for (received, packet) in inbox {
      perform(nodes[node].group.handle(event(packet, received), at: now), by: node)
    }
    nodes[node].emptiedAt = now
    perform(nodes[node].group.handle(.drained, at: now), by: node)
    let deadline = nodes[node].group.deadline ?? now + .seconds(1)
    if deadline <= now { violation = "\(now.nanoseconds) node \(node) spins" }
    let lateness = Interval.microseconds(Int.random(in: 10...500, using: &random))
    nodes[node].wakeAt = deadline + lateness
  }

  private mutating func lookAtLinks(_ node: Int) {
    for port in Self.portNames.indices {
      let event = SyncGroup.Event.linkChanged(
        port: Self.portNames[port], isUp: nodes[node].carriers[port])
      perform(nodes[node].group.handle(event, at: now), by: node)
    }
  }

  private func event(_ packet: Packet, _ received: Instant) -> SyncGroup.Event {
    switch packet {
    case .advertisement(let port, let advertisement, let source):
      .advertisementReceived(port: port, advertisement, source: source, received: received)
    case .heartbeat(let header, let heartbeat):
      .heartbeatReceived(header, heartbeat, received: received)
    case .barrierAnswer: .barrierAnswered(failure: nil)
    }
  }

  mutating func perform(_ actions: [SyncGroup.Action], by node: Int) {
    for action in actions {
      switch action {
      case .raiseInterfaces: nodes[node].interfacesUp = true
      case .lowerInterfaces: nodes[node].interfacesUp = false
      case .sendAdvertisement(let port, let priority): advertise(port, priority, by: node)
      case .sendHeartbeat:
        let (header, heartbeat) = nodes[node].group.nextHeartbeat(at: now)
        send(.heartbeat(header, heartbeat), by: node, .ha)
      case .takeTerm(let term): nodes[node].storedTerm = term
      case .roleChanged(let role, let cause, let term):
        if role == .active { activations += 1 } else { loseStep(node) }
        note("node \(node) \(role) term \(term): \(cause)")
      case .requestBarrier:
        deliver(.barrierAnswer, to: node, after: .milliseconds(1))
      case .switchoverAnswered(let refusal):
        answer = refusal
        note("node \(node) switchover: \(refusal?.reason ?? "done")")
      case .drillStep(let step): note("node \(node) drill: \(step)")
      case .drillAnswered(let refusal):
        drillAnswer = refusal
        note("node \(node) drill ends: \(refusal?.reason ?? "the role is where it was")")
      case .finished:
        nodes[node].hasFinished = true
        note("node \(node) has left")
      case .roleKept(let gap): note("node \(node) slept \(gap), role kept")
      case .alarmRaised(let alarm): note("node \(node) alarm: \(alarm)")
      case .alarmCleared(let alarm): note("node \(node) clear: \(alarm)")
      case .announce: announcements[node] += 1
      }
    }
  }

  private mutating func advertise(_ port: Int, _ priority: UInt8, by node: Int) {
    advertised[node] = priority
    let router = nodes[node].group.ports[port].router
    guard let source = router.nodeAddress else { return }
    let packet = Packet.advertisement(
      port: port, router.advertisement(priority: priority), source: source)
    send(packet, by: node, HANetwork.allCases[port])
  }

  private mutating func send(_ advertisement: Advertisement, by index: Int) {
    let packet = Packet.advertisement(
      port: 0, advertisement, source: foreign[index].address)
    send(packet, by: 2 + index, .lan)
  }

  /// To everybody else on the network, each by a way of its own.
  private mutating func send(_ packet: Packet, by sender: Int, _ network: HANetwork) {
    let path = paths[network.rawValue][sender]
    guard !path.isCut, hasCarrier(sender, network) else { return }
    let receivers = network == .lan ? 2 + foreign.count : 2
    for receiver in 0..<receivers where receiver != sender && hasCarrier(receiver, network) {
      guard !chance(path.lossPermille) else { continue }
      for _ in 0...(chance(path.duplicatePermille) ? 1 : 0) {
        let longest = Int(path.delay.nanoseconds / 1_000)
        deliver(
          packet, to: receiver,
          after: .microseconds(Int.random(in: 50...max(50, longest), using: &random)))
      }
    }
  }

  private func hasCarrier(_ station: Int, _ network: HANetwork) -> Bool {
    network == .ha || station >= 2 || nodes[station].carriers[network.rawValue]
  }

  private mutating func chance(_ permille: Int) -> Bool {
    permille > 0 && Int.random(in: 0..<1000, using: &random) < permille
  }

  private mutating func deliver(_ packet: Packet, to receiver: Int, after delay: Interval) {
    let delivery = Delivery(at: now + delay, receiver: receiver, packet: packet)
    let index = deliveries.lastIndex { $0.at <= delivery.at }.map { $0 + 1 } ?? 0
    deliveries.insert(delivery, at: index)
  }

  mutating func note(_ line: String) {
    log.append("\((now - .zero).milliseconds) \(line)")
  }
}
