public import VRRP
public import Wire

/// Two nodes, three networks and a virtual clock: the HA decision without a machine.
///
/// The caller injures and heals; after every step the simulation checks what must always hold and
/// keeps the first sentence that does not in ``violation``.
public struct HASimulation {
  /// A node and its kernel.
  struct Node {
    var group: SyncGroup
    var interfacesUp = false
    var isAlive = true
    var isPaused = false
    var carriers = [true, true]
    var inbox: [(received: Instant, packet: Packet)] = []
    var wakeAt = Instant.zero
    var storedTerm: UInt64 = 0
    var hasFinished = false
  }

  enum Packet {
    case advertisement(port: Int, Advertisement, source: IPAddress)
    case heartbeat(HeartbeatHeader, Heartbeat)
    case barrierAnswer
  }

  private struct Delivery {
    var at: Instant
    var order: Int
    var node: Int
    var packet: Packet
  }

  /// Interval of the adverts.
  public let interval: Interval
  /// The clock.
  public private(set) var now = Instant(nanoseconds: 1_000_000_000)
  /// The first broken invariant, with its time.
  public private(set) var violation: String?
  /// What happened, one line each, for a failing seed.
  public private(set) var log: [String] = []
  /// Activations of either node so far.
  public private(set) var activations = 0
  /// Last answer to a switchover.
  public private(set) var answer: Refusal??

  var nodes: [Node] = []
  var paths: [[HAPath]]
  var random: HARandom
  private let preempts: Bool
  private var deliveries: [Delivery] = []
  private var sent = 0
  private var boots: UInt64 = 0
  private var overlapSince: Instant?
  private var vacantSince: Instant?

  /// Two nodes that boot at the same time; node 0 has the higher priority.
  public init(seed: UInt64, interval: Interval = .milliseconds(20), preempts: Bool = false) {
    random = HARandom(seed: seed)
    self.interval = interval
    self.preempts = preempts
    paths = HANetwork.allCases.map { _ in [HAPath(), HAPath()] }
    for node in 0..<2 { nodes.append(Node(group: makeGroup(node, storedTerm: 0))) }
    for node in 0..<2 { start(node) }
  }

  /// Nodes whose interfaces are up.
  public var actives: [Int] { nodes.indices.filter { nodes[$0].interfacesUp } }

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

  // MARK: Injuries

  /// Cuts or heals one direction, from `node` to the other.
  public mutating func setCut(_ isCut: Bool, _ network: HANetwork, from node: Int) {
    paths[network.rawValue][node].isCut = isCut
    paths[network.rawValue][node].cleanSince = now
    note("path \(network) from \(node) \(isCut ? "cut" : "healed")")
  }

  /// Cuts or heals both directions.
  public mutating func setCut(_ isCut: Bool, _ network: HANetwork) {
    for node in 0..<2 { setCut(isCut, network, from: node) }
  }

  /// Loses packets of both directions at random.
  public mutating func setLoss(permille: Int, _ network: HANetwork) {
    for node in 0..<2 {
      paths[network.rawValue][node].lossPermille = permille
      paths[network.rawValue][node].cleanSince = now
    }
    note("path \(network) loss \(permille)")
  }

  /// Takes the carrier of a tracked port away, or gives it back.
  public mutating func setCarrier(_ isUp: Bool, port: Int, of node: Int) {
    nodes[node].carriers[port] = isUp
    for direction in 0..<2 { paths[port][direction].cleanSince = now }
    note("carrier \(port) of \(node) \(isUp)")
    wake(node)
  }

  /// Power loss.
  public mutating func crash(_ node: Int) {
    note("crash \(node)")
    // Who could forward changes: the time without an active is counted anew.
    vacantSince = nil
    nodes[node].isAlive = false
    nodes[node].interfacesUp = false
    nodes[node].inbox = []
  }

  /// Boots a crashed node with what it had stored.
  public mutating func boot(_ node: Int) {
    note("boot \(node)")
    vacantSince = nil
    let stored = nodes[node].storedTerm
    let carriers = nodes[node].carriers
    nodes[node] = Node(group: makeGroup(node, storedTerm: stored))
    nodes[node].carriers = carriers
    nodes[node].storedTerm = stored
    start(node)
  }

  /// Freezes a node with its interfaces as they are.
  public mutating func pause(_ node: Int) {
    note("pause \(node)")
    vacantSince = nil
    nodes[node].isPaused = true
  }

  /// Thaws it; what arrived meanwhile waits in its sockets, as far as they could hold it.
  public mutating func resume(_ node: Int) {
    note("resume \(node)")
    vacantSince = nil
    nodes[node].isPaused = false
    nodes[node].wakeAt = now
  }

  /// Tells a node something that its supervisor would.
  public mutating func tell(_ node: Int, _ event: SyncGroup.Event) {
    perform(nodes[node].group.handle(event, at: now), by: node)
    wake(node)
  }

  // MARK: Machinery

  /// Named by their networks.
  static let portNames = ["lan", "wan"]

  private mutating func makeGroup(_ node: Int, storedTerm: UInt64) -> SyncGroup {
    boots += 1
    let routers = Self.portNames.indices.map { port in
      VirtualRouter.Configuration(
        port: Self.portNames[port], virtualRouter: 77, priority: node == 0 ? 200 : 100,
        interval: interval, addresses: [.v4(IPv4Address(10, UInt8(port), 0, 1))],
        nodeAddress: .v4(IPv4Address(10, UInt8(port), 0, UInt8(2 + node))))
    }
    return SyncGroup(
      SyncGroup.Configuration(
        node: NodeID(UInt8(node + 1)), boot: BootID(high: boots, low: random.next()),
        peers: [NodeID(UInt8(2 - node))], routers: routers, preempts: preempts,
        storedTerm: storedTerm))
  }

  private mutating func start(_ node: Int) {
    perform(nodes[node].group.handle(.started, at: now), by: node)
    lookAtLinks(node)
    perform(nodes[node].group.handle(.synchronisationChanged(isReady: true), at: now), by: node)
    nodes[node].wakeAt = now
  }

  private var nextMoment: Instant? {
    let wakes = nodes.filter { $0.isAlive && !$0.isPaused && !$0.hasFinished }.map(\.wakeAt)
    return (wakes + [deliveries.first?.at].compactMap { $0 }).min()
  }

  private mutating func step() {
    while let delivery = deliveries.first, delivery.at <= now {
      deliveries.removeFirst()
      guard nodes[delivery.node].isAlive else { continue }
      // A full socket keeps the oldest.
      if nodes[delivery.node].inbox.count < 200 {
        nodes[delivery.node].inbox.append((delivery.at, delivery.packet))
      }
      wake(delivery.node)
    }
    for node in nodes.indices
    where nodes[node].isAlive && !nodes[node].isPaused && !nodes[node].hasFinished
      && nodes[node].wakeAt <= now
    {
      wakeUp(node)
    }
  }

  private mutating func wake(_ node: Int) {
    let latency = Interval.microseconds(Int.random(in: 20...200, using: &random))
    nodes[node].wakeAt = min(nodes[node].wakeAt, now + latency)
  }

  private mutating func wakeUp(_ node: Int) {
    perform(nodes[node].group.handle(.woke, at: now), by: node)
    lookAtLinks(node)
    let inbox = nodes[node].inbox
    nodes[node].inbox = []
    for (received, packet) in inbox {
      perform(nodes[node].group.handle(event(packet, received), at: now), by: node)
    }
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

  private mutating func perform(_ actions: [SyncGroup.Action], by node: Int) {
    for action in actions {
      switch action {
      case .raiseInterfaces: nodes[node].interfacesUp = true
      case .lowerInterfaces: nodes[node].interfacesUp = false
      case .sendAdvertisement(let port, let priority):
        let router = nodes[node].group.ports[port].router
        guard let source = router.nodeAddress else { continue }
        let packet = Packet.advertisement(
          port: port, router.advertisement(priority: priority),
          source: source)
        send(packet, by: node, HANetwork.allCases[port])
      case .sendHeartbeat:
        let (header, heartbeat) = nodes[node].group.nextHeartbeat(at: now)
        send(.heartbeat(header, heartbeat), by: node, .ha)
      case .takeTerm(let term): nodes[node].storedTerm = term
      case .roleChanged(let role, let cause, let term):
        if role == .active { activations += 1 }
        note("node \(node) \(role) term \(term): \(cause)")
      case .requestBarrier:
        deliver(.barrierAnswer, to: node, after: .milliseconds(1))
      case .switchoverAnswered(let refusal): answer = refusal
      case .finished: nodes[node].hasFinished = true
      case .roleKept(let gap): note("node \(node) slept \(gap), role kept")
      case .alarmRaised(let alarm): note("node \(node) alarm: \(alarm)")
      case .alarmCleared(let alarm): note("node \(node) clear: \(alarm)")
      case .announce: break
      }
    }
  }

  private mutating func send(_ packet: Packet, by node: Int, _ network: HANetwork) {
    let path = paths[network.rawValue][node]
    if network != .ha {
      guard nodes.allSatisfy({ $0.carriers[network.rawValue] }) else { return }
    }
    guard !path.isCut, Int.random(in: 0..<1000, using: &random) >= path.lossPermille
    else { return }
    let delay = Interval.microseconds(Int.random(in: 50...800, using: &random))
    deliver(packet, to: 1 - node, after: delay)
  }

  private mutating func deliver(_ packet: Packet, to node: Int, after delay: Interval) {
    sent += 1
    let delivery = Delivery(at: now + delay, order: sent, node: node, packet: packet)
    let index = deliveries.firstIndex { $0.at > delivery.at } ?? deliveries.endIndex
    deliveries.insert(delivery, at: index)
  }

  private mutating func note(_ line: String) {
    log.append("\((now - .zero).milliseconds) \(line)")
  }

  // MARK: Invariants

  /// Never two actives on a connected LAN for longer than an interval, never none while a node
  /// could forward.
  private mutating func checkInvariants() {
    checkOverlap()
    checkVacancy()
  }

  private mutating func checkOverlap() {
    let isOverlap = nodes.allSatisfy { $0.interfacesUp && !$0.isPaused && $0.isAlive }
    guard isOverlap, isConnected else { return overlapSince = nil }
    let since = overlapSince ?? now
    overlapSince = since
    if now - since > interval + .milliseconds(5) {
      violation = "two actives for \(now - since) at \((now - .zero).milliseconds)"
    }
  }

  /// For long enough that both nodes could know: the heartbeat passes both ways, or it passes
  /// neither way and the adverts pass both ways.
  private var isConnected: Bool {
    let settled = now - .milliseconds(40)
    func isClean(_ network: HANetwork) -> Bool {
      paths[network.rawValue].allSatisfy { $0.isClean && $0.cleanSince <= settled }
    }
    if isClean(.ha) { return true }
    let isDark = paths[HANetwork.ha.rawValue].allSatisfy {
      $0.isCut && $0.cleanSince <= settled
    }
    let carriers = nodes.allSatisfy { $0.carriers.allSatisfy { $0 } }
    return isDark && carriers && isClean(.lan) && isClean(.wan)
  }

  private mutating func checkVacancy() {
    let isVacant = nodes.allSatisfy { !$0.interfacesUp }
    let couldForward = nodes.contains {
      $0.isAlive && !$0.isPaused && !$0.hasFinished && $0.group.canForward
    }
    guard isVacant, couldForward else { return vacantSince = nil }
    let since = vacantSince ?? now
    vacantSince = since
    if now - since > Limits.startHold + interval * 4 + Limits.linkLossWait {
      violation = "nobody active for \(now - since) at \((now - .zero).milliseconds)"
    }
  }
}
