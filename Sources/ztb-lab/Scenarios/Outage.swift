import Linux
import Wire

/// A way in which the active node stops being it.
enum Outage: String, CaseIterable {
  case power, stop, cable, wanCable, switchover

  /// What is done, for tables.
  var title: String {
    switch self {
    case .power: "power cut of the active"
    case .cable: "LAN cable of the active pulled"
    case .wanCable: "WAN cable of the active pulled"
    case .switchover: "planned switchover"
    case .stop: "orderly stop of the active (SIGTERM)"
    }
  }

  /// The end of a scenario's name.
  var word: String {
    switch self {
    case .power, .cable, .switchover: rawValue
    case .wanCable: "wan-cable"
    case .stop: "sigterm"
    }
  }

  /// Whether the software of a kind can be told to do it.
  func isKnown(to kind: GatewayKind) -> Bool {
    guard self == .switchover else { return true }
    if case .ztb = kind { return true }
    return false
  }

  /// Makes it happen to `node`.
  func strike(_ world: World, _ node: Node) throws {
    switch self {
    case .power: try world.cutPower(node)
    case .cable: try world.fabric.plug(Port.lan.switchPort(node), in: false)
    case .wanCable: try world.fabric.plug(Port.wan.switchPort(node), in: false)
    case .switchover: try world.switchOver(node)
    case .stop: try world.gateway(node).stop()
    }
  }

  /// Brings `node` back into the pair.
  func recover(_ world: World, _ node: Node) throws {
    switch self {
    case .power: try world.restorePower(node)
    case .cable: try world.fabric.plug(Port.lan.switchPort(node), in: true)
    case .wanCable: try world.fabric.plug(Port.wan.switchPort(node), in: true)
    case .switchover: break
    case .stop: try world.gateway(node).start()
    }
  }

  /// What a probe stream saw of one outage.
  struct Blackout {
    var gapMs: Double
    var lost: Int
  }

  /// The blackouts of the probe stream, once per trial, on a world with a probe; `told` hears of
  /// each.
  func blackouts(
    _ world: World, _ fleet: Fleet, trials: Int, told: (Blackout) -> Void = { _ in }
  ) throws -> [Blackout] {
    guard let probe = fleet.probe else { preconditionFailure("a blackout needs a probe") }
    var result: [Blackout] = []
    for trial in 0..<trials {
      try world.waitForPair(active: nil, seconds: 60)
      // A different phase of the advertisement interval each time.
      try world.pause(milliseconds: 700 + 371 * trial % 1000)
      let active = try world.waitForPair(active: nil, seconds: 60)
      try fleet.strike { try strike(world, active) }
      try world.wait("the probe to be answered again", seconds: 10) {
        let report = try probe.ask(.report)
        return report.alive == 1 && (report.samples.last?.sentMs ?? 0) > 500
      }
      // Packets may have gone through the other node before it has the role.
      try world.wait("\(active.peer.name) to have the role (\(title))", seconds: 10) {
        try world.actives() == [active.peer]
      }
      let report = try probe.ask(.report)
      result.append(Blackout(gapMs: report.gapMs, lost: report.lost))
      if let last = result.last { told(last) }
      try recover(world, active)
    }
    return result
  }
}

extension Stage {
  /// Measures an outage and prints the figures; only nonsense fails.
  func measure(_ outage: Outage) throws {
    let world = try makeWorld()
    let fleet = try makeFleet(world, .probeOnly)
    let blackouts = try outage.blackouts(world, fleet, trials: isFull ? 10 : 3).map(\.gapMs)
    let list = blackouts.map { $0.text() }.joined(separator: " ")
    tell(
      "\(outage.title): median \(blackouts.median.text()) ms, max \(blackouts.quantile(1).text())"
        + " ms of \(blackouts.count) trials (\(list))")
    try expect(blackouts.quantile(1) < 5000, "a blackout of seconds: \(list)")
  }
}
