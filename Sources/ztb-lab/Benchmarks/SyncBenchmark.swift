import Linux
import Wire

/// What it costs to keep the standby's table, and how late the standby is.
struct SyncBenchmark {
  private let workspace: Workspace
  private let count: Int

  /// Sessions per second of the paced runs with entries and with packets.
  private static let pacedRate = 20_000
  private static let packetRate = 10_000

  init(_ workspace: Workspace, count: Int) {
    self.workspace = workspace
    self.count = count
  }

  func run(_ kinds: [GatewayKind], _ figures: inout Figures) throws {
    try KernelLimits(record: workspace.path).raise(entries: 1_000_000)
    // Each flow by packets keeps a socket open at both ends.
    let flows = min(count / 2, HandshakeLoad.raiseDescriptorLimit() - 500)
    for kind in kinds {
      try measure(kind, "entries, flat out", &figures) {
        ("insert", $0.host, ["count=\(count)"])
      }
      try measure(kind, "entries at \(Self.pacedRate)/s", &figures) {
        ("insert", $0.host, ["count=\(count)", "rate=\(Self.pacedRate)"])
      }
      for transport in ["udp", "tcp"] {
        try measure(kind, "\(transport) by packets at \(Self.packetRate)/s", &figures) { _ in
          (
            "handshakes", nil,
            ["kind=\(transport)", "count=\(flows)", "rate=\(Self.packetRate)"]
          )
        }
      }
    }
  }

  /// Counters of one moment.
  private struct Sample {
    var cost: ProcessCost
    var octets = 0
    var held = 0
  }

  /// Runs one load in a fresh world; `host` nil means the client.
  private func measure(
    _ kind: GatewayKind, _ title: String, _ figures: inout Figures,
    _ load: (any Gateway) throws -> (kind: String, host: Host?, options: [String])
  ) throws {
    let world = try World(workspace, gateways: kind)
    defer { world.tearDown() }
    try world.bootPair()
    let active = try world.waitForPair(active: nil)
    try world.client.sysctl(["net/ipv4/ip_local_port_range": "1024 65000"])
    let (name, host, options) = try load(world.gateway(active))
    let server = try LoadHandle("handshake-server", in: world.server, workspace)
    let echo = try LoadHandle("datagram-server", in: world.server, workspace)
    let worker = try LoadHandle(name, in: host ?? world.client, workspace, options)
    defer {
      worker.stop()
      server.stop()
      echo.stop()
    }
    try server.ask(.ready)
    try echo.ask(.ready)
    try worker.ask(.ready)
    let before = try sample(world, active)
    let began = MonotonicClock.now()
    try worker.ask(.mark)
    let report = try worker.ask(.finish, seconds: 120)
    let wanted = report.alive
    let last = MonotonicClock.now()
    let deadline = last + .seconds(30)
    while try world.gateway(active.peer).heldSessions() - before.held < wanted,
      MonotonicClock.now() < deadline
    {
      try world.pause(milliseconds: 10)
    }
    let ended = MonotonicClock.now()
    // What was postponed belongs to the cost too.
    try world.pause(milliseconds: 1000)
    let after = try sample(world, active)
    let moved = try world.actives() == [active] ? 0 : 1
    figures.note(
      "\(title): role moved meanwhile", kind.name, [Double(moved)], moved == 0 ? "no" : "YES")
    if moved != 0 { tellWhy(active.peer) }
    note(
      title, kind, &figures, wanted: wanted, seconds: (ended - began).milliseconds / 1000,
      lagMs: (ended - last).milliseconds, before, after, active)
  }

  /// Entries that were put into a node's table while it was no longer active are rightly gone: the
  /// figures then tell of a failover, so its cause is shown.
  private func tellWhy(_ node: Node) {
    let events = workspace.logText("ztbd-\(node.name)").split(separator: "\n")
    for line in events.filter({ $0.contains("kind=ha.role") }).suffix(2) {
      Output.line("  \(line)")
    }
  }

  private func note(
    _ title: String, _ kind: GatewayKind, _ figures: inout Figures, wanted: Int, seconds: Double,
    lagMs: Double, _ before: Sample, _ after: Sample, _ active: Node
  ) {
    let lost = max(0, wanted - (after.held - before.held))
    figures.note("\(title): lost of \(wanted)", kind.name, [Double(lost)], "\(lost)")
    figures.note(
      "\(title): s until the standby has all", kind.name, [seconds, lagMs / 1000],
      "\(seconds.text(2)) (\(lagMs.text()) ms after the last)")
    let cost = [active, active.peer].map { node in
      after.cost.cpuSeconds(node, since: before.cost) * 100_000 / Double(max(1, wanted))
    }
    figures.note(
      "\(title): CPU s per 100 000, active / standby", kind.name, cost,
      cost.map { $0.text(2) }.joined(separator: " / "))
    let octets = Double(after.octets - before.octets) / Double(max(1, wanted))
    figures.note("\(title): octets on ge4 per session", kind.name, [octets], octets.text(1))
    let resident = [active, active.peer].map { after.cost.residentMB($0) }
    figures.note(
      "\(title): MB resident, active / standby", kind.name, resident,
      resident.map { $0.text(1) }.joined(separator: " / "))
  }

  private func sample(_ world: World, _ active: Node) throws -> Sample {
    var sample = Sample(cost: try ProcessCost(world) { try $0.synchronisingProcess() })
    sample.octets = try world.fabric.octets(Port.ha.switchPort(active))
    sample.held = try world.gateway(active.peer).heldSessions()
    return sample
  }
}
