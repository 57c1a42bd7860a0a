import Linux
import Wire

extension Scenario {
  /// Changes of the policy while traffic flows.
  static let applying = [
    Scenario(
      name: "apply-under-load",
      summary:
        "whole loads and deltas of the policy on the active under a flood: no allowed packet is lost, "
        + "none that is denied passes (200 and 2 000 with --full, else 10 and 40)"
    ) { try ApplyUnderLoad($0).run() }
  ]
}

/// A client that floods the server through the active, with one datagram in ten to a closed port,
/// while the active's policy changes.
private struct ApplyUnderLoad {
  private static let ratePerSecond = 100_000
  private static let flows = 500
  private static let (openPort, closedPort) = (9001, 9002)
  /// Counts in front of everything, so that no socket's queue takes part.
  private static let watch = """
    table inet watch {
      counter open { }
      counter closed { }
      chain in {
        type filter hook prerouting priority raw; policy accept;
        udp dport \(openPort) counter name "open" drop
        udp dport \(closedPort) counter name "closed" drop
      }
    }

    """

  let stage: Stage

  init(_ stage: Stage) { self.stage = stage }

  func run() throws {
    let world = try stage.makeWorld()
    let active = try world.waitForPair(active: nil)
    let gateway = try world.product(active)
    // Every version closes the port, each second one by another rule.
    try apply(1, gateway)
    let fleet = try stage.makeFleet(world, .probeOnly)
    try world.server.nft(Self.watch)
    let flood = try LoadHandle(
      "flood", in: world.client, world.workspace,
      [
        "rate=\(Self.ratePerSecond)", "flows=\(Self.flows)", "port=\(Self.openPort)",
        "closed=\(Self.closedPort)",
      ])
    stage.onEnd { flood.stop() }
    try flood.ask(.ready)
    try flood.ask(.mark)
    try fleet.strike {}
    let before = loads(active)
    let (wholes, deltas) = stage.isFull ? (200, 2_000) : (10, 40)
    for step in 1...wholes + deltas {
      if step <= wholes {
        // Who sees that somebody was there loads everything.
        try gateway.host.nft("add table inet somebody\ndelete table inet somebody\n")
      }
      try apply(1 + step, gateway)
      try world.pause(milliseconds: 0)
    }
    let made = loads(active)
    let report = try flood.ask(.finish)
    let survival = try fleet.settle(seconds: 5)
    try tell(report, survival, (made.whole - before.whole, made.delta - before.delta))
    // The other node has another policy.
    try stage.expect(try world.actives() == [active], "the role has moved")
    try stage.expect(
      try arrived("open", world) == report.total,
      "of \(report.total) allowed packets \(try arrived("open", world)) arrived")
    try stage.expect(
      try arrived("closed", world) == 0, "\(try arrived("closed", world)) denied packets passed")
    try stage.expect(survival.probe?.lost == 0, "\(survival.probe?.lost ?? -1) probes lost")
    try stage.expect(
      made.whole - before.whole == wholes && made.delta - before.delta == deltas,
      "other loads than wanted: \(made.whole - before.whole) and \(made.delta - before.delta)")
  }

  private func tell(
    _ report: Report, _ survival: Survival, _ made: (whole: Int, delta: Int)
  ) throws {
    let seconds = report.gapMs / 1000
    stage.tell(
      "\(made.whole) whole loads and \(made.delta) deltas in \(seconds.text(1)) s; \(report.total) allowed and "
        + "\(report.changed) denied packets, \((Double(report.total) / seconds).text(0)) allowed a second; "
        + "longest answer to a probe \((survival.probe?.gapMs ?? .nan).text()) ms")
  }

  /// How often the policy was loaded in which way, by the active's log.
  private func loads(_ node: Node) -> (whole: Int, delta: Int) {
    let log = stage.workspace.logText("ztbd-\(node.name)")
    return (log.ranges(of: " way=whole ").count, log.ranges(of: " way=delta ").count)
  }

  private func arrived(_ counter: String, _ world: World) throws -> Int {
    let text = try world.server.run(["nft", "list", "counter", "inet", "watch", counter])
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.firstIndex(of: "packets").flatMap { Int(words[$0 + 1]) } ?? -1
  }

  private func apply(_ step: Int, _ gateway: ZtbGateway) throws {
    var document = ZtbDocument(node: gateway.node, advertIntervalMs: 20)
    document.policyVersion = 42 + step
    document.services = """
      "closed": [{"proto": "udp", "ports": ["\(Self.closedPort)"]}],
      "some": [{"proto": "tcp", "ports": ["\(10_000 + step)", "\(20_000 + step)-\(20_010 + step)"]}]
      """
    document.rules = """
      {"id": "no-\(step % 2)", "tier": "deny", "from": ["lan"], "to": ["any"], "service": "closed"},
      {"id": "some", "tier": "allow", "from": ["wan"], "to": ["lan"], "service": "some"},
      """
    try gateway.host.write("/run/next.json", document.text)
    // Both are one machinery; of the same file the one takes the policy alone.
    try gateway.ztb(step % 2 == 0 ? "config" : "policy", "apply", "/run/next.json")
  }
}
