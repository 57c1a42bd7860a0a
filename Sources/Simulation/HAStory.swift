import VRRP
import Wire

/// A life of a pair, drawn from a seed: injuries and commands at random moments, then everything
/// heals, time passes, and a drill.
///
/// The same seed gives the same story on every machine. What must hold during it is checked by
/// ``HASimulation``; here is what must hold at its end.
public struct HAStory {
  /// The seed.
  public let seed: UInt64
  /// The pair, as the story left it.
  public private(set) var simulation: HASimulation
  /// What did not hold; nil when everything did.
  public private(set) var failure: String?
  private var dice: HARandom

  /// Tells the story of `seed` to its end.
  public init(seed: UInt64) {
    self.seed = seed
    // Neighbouring seeds must not give the same stream, shifted.
    dice = HARandom(seed: seed &* 0xd134_2543_de82_ef95 &+ 1)
    simulation = HASimulation(seed: seed, settings: Self.settings(&dice))
    injure()
    heal()
    settle()
    if failure == nil { drill() }
  }

  /// The whole story, a line for each thing that happened, with the verdict last.
  public var transcript: String {
    let settings = simulation.settings
    let head = [
      "seed \(seed)",
      "interval \(settings.interval), priorities \(settings.priorities),"
        + " preempts \(settings.preempts) after \(settings.preemptDelay),"
        + " sessions in step after \(settings.synchronisation),"
        + " weights \(settings.linkWeights.sorted { $0.key < $1.key }),"
        + " foreign routers \(settings.foreignPriorities)",
    ]
    return (head + simulation.log + [failure ?? "nothing failed"]).joined(separator: "\n")
  }

  private static func settings(_ dice: inout HARandom) -> HASimulation.Settings {
    var settings = HASimulation.Settings()
    settings.interval = .milliseconds(
      [10, 20, 20, 20, 50, 200, 1_000].randomElement(using: &dice) ?? 20)
    settings.preempts = Int.random(in: 0..<3, using: &dice) == 0
    settings.preemptDelay = .milliseconds(Int.random(in: 0...1_500, using: &dice))
    settings.synchronisation = .milliseconds(
      [0, Int.random(in: 0...900, using: &dice)].randomElement(using: &dice) ?? 0)
    if Bool.random(using: &dice) {
      settings.linkWeights = [
        "lan": UInt8.random(in: 1...120, using: &dice),
        "wan": UInt8.random(in: 1...120, using: &dice),
      ]
    }
    if Int.random(in: 0..<4, using: &dice) == 0 {
      let choices: [[UInt8]] = [[50], [150], [250], [50, 250]]
      settings.foreignPriorities = choices.randomElement(using: &dice) ?? []
    }
    return settings
  }

  // MARK: Injuries

  private mutating func injure() {
    for _ in 0..<Int.random(in: 8...30, using: &dice) {
      guard simulation.violation == nil else { return }
      let longest = [2_000, 60_000, 400_000, 1_500_000].randomElement(using: &dice) ?? 0
      simulation.run(for: .microseconds(Int.random(in: 200...longest, using: &dice)))
      let node = Int.random(in: 0..<2, using: &dice)
      let network = HANetwork.allCases[Int.random(in: 0..<3, using: &dice)]
      switch Int.random(in: 0..<13, using: &dice) {
      case 0, 1, 2: disturb(network, node)
      case 3, 4: pull(node)
      case 5, 6: stop(node)
      case 7:
        let step = Interval.seconds(Int.random(in: -3_600...3_600, using: &dice))
        simulation.stepClock(of: node, by: step)
      case 8: foreign()
      case 9: part()
      default: command(node)
      }
    }
  }

  private mutating func disturb(_ network: HANetwork, _ node: Int) {
    let isBoth = Bool.random(using: &dice)
    let kind = Int.random(in: 0..<6, using: &dice)
    let permille = [20, 100, 200, 500].randomElement(using: &dice) ?? 0
    let delay = Interval.milliseconds([2, 8, 30].randomElement(using: &dice) ?? 2)
    for sender in simulation.paths[network.rawValue].indices where isBoth || sender == node {
      simulation.change(network, from: sender) { path in
        switch kind {
        case 0, 1: path.isCut.toggle()
        case 2: path.lossPermille = permille
        case 3: path.duplicatePermille = permille
        case 4: path.delay = delay
        default: path = HAPath()
        }
      }
    }
  }

  /// Nothing passes for a while, so that both nodes are active; what heals first is drawn.
  private mutating func part() {
    for network in HANetwork.allCases { simulation.setCut(true, network) }
    simulation.run(for: .milliseconds(Int.random(in: 20...900, using: &dice)))
    for network in HANetwork.allCases.shuffled(using: &dice) {
      simulation.setCut(false, network)
      simulation.run(for: .milliseconds(Int.random(in: 0...60, using: &dice)))
    }
  }

  /// A cable, which may come back as fast as a bad plug does.
  private mutating func pull(_ node: Int) {
    let port = Int.random(in: 0..<2, using: &dice)
    let isFlapping = Int.random(in: 0..<3, using: &dice) == 0
    for _ in 0..<(isFlapping ? Int.random(in: 2...12, using: &dice) : 1) {
      simulation.setCarrier(!simulation.nodes[node].carriers[port], port: port, of: node)
      if isFlapping {
        simulation.run(for: .milliseconds(Int.random(in: 1...300, using: &dice)))
      }
    }
  }

  private mutating func stop(_ node: Int) {
    let state = simulation.nodes[node]
    if !state.isAlive || state.hasFinished {
      simulation.boot(node)
    } else if state.isPaused {
      simulation.resume(node)
    } else if Bool.random(using: &dice) {
      simulation.crash(node)
    } else {
      simulation.pause(node)
      if Bool.random(using: &dice) { simulation.pause(1 - node) }
      simulation.run(for: .milliseconds(Int.random(in: 1...700, using: &dice)))
      for node in 0..<2 { simulation.resume(node) }
    }
  }

  private mutating func command(_ node: Int) {
    switch Int.random(in: 0..<6, using: &dice) {
    case 0: simulation.tell(node, .switchoverRequested)
    case 1: simulation.tell(node, .drillRequested(dryRun: false))
    case 2: simulation.tell(node, .stopRequested)
    case 3:
      let faults = Bool.random(using: &dice) ? ["policy not confirmed"] : []
      simulation.tell(node, .faultsChanged(faults))
    default:
      let check = CheckState(
        name: "target", isUp: Bool.random(using: &dice),
        weight: [5, 20, 200].randomElement(using: &dice) ?? 20)
      simulation.tell(node, .checksChanged([check]))
    }
  }

  private mutating func foreign() {
    guard let index = simulation.foreign.indices.randomElement(using: &dice) else { return }
    if simulation.foreign[index].isAlive {
      simulation.crashForeign(index)
    } else {
      simulation.bootForeign(index)
    }
  }

  // MARK: The end

  private mutating func heal() {
    // Who was told to stop shall be gone before it is booted, however long its adverts take.
    for node in 0..<2 { simulation.resume(node) }
    _ = simulation.run(atMost: .seconds(5)) { simulation in
      !simulation.nodes.contains { $0.isAlive && $0.isToldToStop && !$0.hasFinished }
    }
    for network in HANetwork.allCases {
      for sender in simulation.paths[network.rawValue].indices {
        simulation.change(network, from: sender) { $0 = HAPath() }
      }
    }
    for node in 0..<2 {
      simulation.boot(node)
      for port in 0..<2 { simulation.setCarrier(true, port: port, of: node) }
      simulation.tell(node, .faultsChanged([]))
      simulation.tell(node, .checksChanged([CheckState(name: "target", isUp: true, weight: 20)]))
    }
    for index in simulation.foreign.indices { simulation.bootForeign(index) }
  }

  /// It heals by itself, with few moves, and then nothing moves any more.
  private mutating func settle() {
    let before = simulation.activations
    simulation.run(for: simulation.longestVacancy + .seconds(3) + simulation.settings.preemptDelay)
    let moves = simulation.activations - before
    let settled = simulation.activations
    simulation.run(for: .seconds(3))
    if let violation = simulation.violation {
      failure = violation
    } else if simulation.actives.count + simulation.foreignActives.count != 1 {
      failure = "healed, and active are \(simulation.actives), foreign \(simulation.foreignActives)"
    } else if moves > 4 {
      failure = "\(moves) moves after everything had healed"
    } else if simulation.activations != settled {
      failure = "a move long after everything had healed"
    } else {
      failure = alarmsLeft ?? notPreferred ?? termBehind
    }
  }

  private var alarmsLeft: String? {
    for node in 0..<2 {
      let alarms = simulation.group(node).alarms.subtracting([.flapping])
      if !alarms.isEmpty { return "alarms of node \(node) after everything had healed: \(alarms)" }
    }
    return nil
  }

  private var notPreferred: String? {
    // One that holds the role back does so against the preferred one, too.
    let isFree =
      simulation.foreignActives.isEmpty
      && (0..<2).allSatisfy { !simulation.group($0).limiter.isHolding }
    guard simulation.settings.preempts, isFree, simulation.actives != [0] else { return nil }
    return "the preferred node did not take the role back"
  }

  /// The sessions of an older term are followed by nobody.
  private var termBehind: String? {
    guard let active = simulation.actives.first else { return nil }
    let (own, other) = (simulation.group(active), simulation.group(1 - active))
    guard own.term < max(own.highestTerm, other.highestTerm) else { return nil }
    return "node \(active) is active in term \(own.term), and \(other.highestTerm) was taken"
  }

  /// A drill ends where it began.
  private mutating func drill() {
    // A foreign router that outranks one of the nodes would take part.
    let isPrivate = simulation.settings.foreignPriorities.allSatisfy { $0 < 100 }
    guard isPrivate, let active = simulation.actives.first else { return }
    let before = simulation.activations
    simulation.tell(active, .drillRequested(dryRun: false))
    simulation.run(for: .seconds(5) + simulation.settings.synchronisation)
    if let violation = simulation.violation {
      failure = "during the drill: \(violation)"
    } else if simulation.drillAnswer != .some(nil) {
      failure = "the drill failed"
    } else if simulation.actives != [active] || simulation.activations != before + 2 {
      failure = "the drill began with \(active) and ended with \(simulation.actives)"
    }
  }
}
