import Linux

/// Blackouts of each outage, what VRRP costs, and in full what survives a power cut.
struct FailoverBenchmark {
  private let workspace: Workspace
  private let trials: Int
  private let isFull: Bool

  /// A longest blackout above this many medians is said to be one.
  private static let spread = 3.0

  init(_ workspace: Workspace, trials: Int, isFull: Bool) {
    self.workspace = workspace
    self.trials = trials
    self.isFull = isFull
  }

  func run(_ kinds: [GatewayKind], _ figures: inout Figures) throws {
    for kind in kinds {
      for outage in Outage.allCases where outage.isKnown(to: kind) {
        try blackout(outage, kind, &figures)
      }
      try cost(kind, &figures)
      if isFull, kind.synchronises { try survival(kind, &figures) }
    }
  }

  private func blackout(
    _ outage: Outage, _ kind: GatewayKind, _ figures: inout Figures
  ) throws {
    let line = "blackout ms, \(outage.title)"
    let world = try World(workspace, gateways: kind)
    defer { world.tearDown() }
    try world.bootPair()
    let fleet = try Fleet(world, .probeOnly)
    defer { fleet.stop() }
    try fleet.start()
    var count = 0
    let blackouts: [Outage.Blackout]
    do {
      blackouts = try outage.blackouts(world, fleet, trials: trials) { seen in
        count += 1
        Output.line(
          "\(kind.name.padded(16)) \(outage.title), trial \(count) of \(trials): "
            + "\(seen.gapMs.text()) ms")
      }
    } catch LabError.timeout(let what) {
      // What does not notice a dead port keeps the role.
      return figures.note(line, kind.name, [], "no takeover (\(what))")
    }
    let gaps = blackouts.map(\.gapMs)
    let (median, longest) = (gaps.median, gaps.quantile(1))
    let isWide = longest > max(median, 2) * FailoverBenchmark.spread
    figures.note(
      line, kind.name, gaps,
      "\(median.text()) (\(gaps.quantile(0).text())…\(longest.text())\(isWide ? ", over 3×" : ""))")
    figures.note(
      "probes lost, \(outage.title)", kind.name, blackouts.map { Double($0.lost) },
      blackouts.map { Double($0.lost) }.median.text())
  }

  /// What the process that speaks VRRP uses while nothing happens.
  private func cost(_ kind: GatewayKind, _ figures: inout Figures) throws {
    let world = try World(workspace, gateways: kind)
    defer { world.tearDown() }
    try world.bootPair()
    let active = try world.waitForPair(active: nil)
    let seconds = 30
    let before = try ProcessCost(world) { try $0.vrrpProcess() }
    try world.pause(milliseconds: seconds * 1000)
    let after = try ProcessCost(world) { try $0.vrrpProcess() }
    let nodes = [active, active.peer]
    let share = nodes.map { after.cpuSeconds($0, since: before) * 100 / Double(seconds) }
    figures.note(
      "VRRP process, idle: % of a core, active / standby", kind.name, share,
      share.map { $0.text(2) }.joined(separator: " / "))
    let memory = nodes.map { after.residentMB($0) }
    figures.note(
      "VRRP process: MB resident, active / standby", kind.name, memory,
      memory.map { $0.text(1) }.joined(separator: " / "))
  }

  private func survival(_ kind: GatewayKind, _ figures: inout Figures) throws {
    let world = try World(workspace, gateways: kind)
    defer { world.tearDown() }
    try world.bootPair()
    let fleet = try Fleet(world, Fleet.Selection())
    defer { fleet.stop() }
    try fleet.start()
    let survival = try Scenario.powerCut(world, fleet)
    for row in survival.rows where row.name != "probe" {
      figures.note(
        "survive a power cut: \(row.name)", kind.name,
        [Double(row.kept), Double(row.report.total)], "\(row.kept)/\(row.report.total)")
    }
    let stalls = survival["sessions"]?.report.stallsMs ?? []
    figures.note(
      "TCP stall ms, median / p99", kind.name, [stalls.median, stalls.quantile(0.99)],
      "\(stalls.median.text()) / \(stalls.quantile(0.99).text())")
  }
}
