import Linux

/// Blackouts of each outage and what survives a power cut.
struct FailoverBenchmark {
  private let workspace: Workspace
  private let trials: Int

  init(_ workspace: Workspace, trials: Int) {
    self.workspace = workspace
    self.trials = trials
  }

  func run(_ kinds: [GatewayKind], _ figures: inout Figures) throws {
    for kind in kinds {
      for outage in Outage.allCases { try blackout(outage, kind, &figures) }
      try survival(kind, &figures)
    }
  }

  private func blackout(
    _ outage: Outage, _ kind: GatewayKind, _ figures: inout Figures
  ) throws {
    if outage == .switchover, case .keepalived = kind { return }
    let world = try World(workspace, gateways: kind)
    defer { world.tearDown() }
    try world.bootPair()
    let fleet = try Fleet(world, .probeOnly)
    defer { fleet.stop() }
    try fleet.start()
    let values = try outage.blackouts(world, fleet, trials: trials)
    figures.note(
      "blackout ms, \(outage.title)", kind.name, values,
      "\(values.median.text()) (\(values.quantile(0).text())…\(values.quantile(1).text()))")
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
