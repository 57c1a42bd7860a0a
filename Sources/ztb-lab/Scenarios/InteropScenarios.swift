import Linux
import Wire

/// What becomes of the router with the higher priority, and how it returns.
private enum InteropEvent: String, CaseIterable {
  case crash = "SIGKILL"
  case stop = "SIGTERM"
  case cable = "port down"

  func strike(_ world: World, _ node: Node, _ ports: [Port]) throws {
    switch self {
    case .crash: try world.gateway(node).crash()
    case .stop: try world.gateway(node).stop()
    case .cable: for port in ports { try world.fabric.plug(port.switchPort(node), in: false) }
    }
  }

  func recover(_ world: World, _ node: Node, _ ports: [Port]) throws {
    switch self {
    case .crash where world.gateway(node) is ZtbGateway: break  // its supervisor revives it
    case .crash, .stop: try world.gateway(node).start()
    case .cable: for port in ports { try world.fabric.plug(port.switchPort(node), in: true) }
    }
  }
}

extension Scenario {
  /// The product beside somebody else's router, in both directions.
  static let interoperability = MixedPair.Foreign.allCases.flatMap { foreign in
    [Dialect.version3, .version2, .ipv6].map { interop(foreign, $0) }
  }

  private static func interop(_ foreign: MixedPair.Foreign, _ dialect: Dialect) -> Scenario {
    Scenario(
      name: "interop-\(foreign)-\(dialect.name)",
      summary: "one pair with \(foreign), \(dialect.name): SIGKILL, SIGTERM, port down, return; "
        + "both directions"
    ) { stage in
      guard case .ztb(let program, _) = stage.kind else {
        throw LabError.missing("this scenario is about the product beside a peer")
      }
      for ours in Node.allCases {
        let pair = MixedPair(program: program, ours: ours, foreign: foreign, dialect: dialect)
        try Programs.require(GatewayKind.mixed(pair).programs)
        let world = try stage.makeEmptyWorld(.mixed(pair))
        try pair.document.require(of: program, in: world.laptop)
        if dialect.family == .ipv6 {
          world.furnishing = { _, host in try host.sysctl(Plan.speakingIPv6) }
        }
        try play(stage, world, pair)
        world.tearDown()
      }
    }
  }

  /// Node A has the higher priority: it loses the role to each event and takes it back.
  private static func play(_ stage: Stage, _ world: World, _ pair: MixedPair) throws {
    let wire = try Capture(world.fabric)
    world.companions.append(wire)
    let referee = Referee(world: world, wire: wire, dialect: pair.dialect)
    let names = Node.allCases.map { $0 == pair.ours ? "ours" : "\(pair.foreign)" }
    var began = MonotonicClock.now()
    for node in Node.allCases { try world.boot(node) }
    // The start-up hold, the active-down interval, the time before the role is taken back.
    let patience = 10 + Int((pair.dialect.interval * 8 + pair.preemptDelay).milliseconds) / 1000
    _ = try referee.waitForActivation(of: .a, since: began, seconds: patience)
    try agree(stage, referee, .a, "\(names[0]) active, \(names[1]) waits")
    let ports: [Port] =
      pair.ours == .a || pair.foreign.movesAsGroup ? [.lan] : [.lan, .wan]
    for event in InteropEvent.allCases {
      try wire.clear()
      began = MonotonicClock.now()
      try event.strike(world, .a, ports)
      let taken = try referee.waitForActivation(of: .b, since: began, seconds: patience)
      // After a crash the other's kernel may go on to answer with nobody behind it.
      let isDead = event == .crash && pair.ours == .b
      try agree(
        stage, referee, .b, isDead: isDead,
        "\(event.rawValue) of \(names[0]): \(names[1]) active after "
          + "\(taken.milliseconds.text(1)) ms")
      let limit = pair.dialect.activeDown(.b) + pair.dialect.interval / 2 + .milliseconds(150)
      try stage.expect(
        taken <= limit, "\(names[1]) took \(taken), more than \(limit), for \(event.rawValue)")
      try wire.clear()
      began = MonotonicClock.now()
      try event.recover(world, .a, ports)
      let back = try referee.waitForActivation(of: .a, since: began, seconds: patience)
      try agree(
        stage, referee, .a,
        "\(names[0]) active again \(back.milliseconds.text()) ms after its return")
    }
  }

  /// Gives the two three intervals to agree, and then no disagreement.
  private static func agree(
    _ stage: Stage, _ referee: Referee, _ active: Node, isDead: Bool = false, _ what: String
  ) throws {
    let interval = Int(referee.dialect.interval.milliseconds)
    try referee.world.pause(milliseconds: 3 * interval)
    let length = max(3 * interval, stage.isFull ? 5000 : 1000)
    let seen = try referee.watch(active, milliseconds: length)
    stage.tell("\(what): \(seen.description)")
    try stage.expect(
      seen.rivalAdverts == 0 && seen.unanswered == 0 && (isDead || seen.rivalAnswers == 0)
        && seen.longestGap < referee.dialect.interval * 3,
      "no agreement after three intervals: \(what): \(seen.description)")
  }
}
