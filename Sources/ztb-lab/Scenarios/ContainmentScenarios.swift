import Linux
import Wire

extension Scenario {
  /// Quarantine, kill switch and monitor mode, with live sessions of two clients.
  static let containment = [
    Scenario(
      name: "quarantine",
      summary:
        "a client in quarantine is silent within a second, another goes on; also after a power "
        + "cut of the active; the end comes by itself"
    ) { try Containment($0).quarantine() },
    Scenario(
      name: "kill-switch",
      summary:
        "at red only the guard rule's sessions go on, also after a power cut; green opens again"
    ) { try Containment($0).killSwitch() },
    Scenario(
      name: "monitor-mode",
      summary:
        "what no rule allows is counted and let through; enforcing it stops it within a second"
    ) { try Containment($0).monitor() },
  ]
}

/// A pair with two clients on its LAN, each with TCP sessions and UDP flows to the server.
private final class Containment {
  private enum Kind: String, CaseIterable {
    case sessions, datagrams
  }

  /// How soon after a change what it closes must be silent.
  private static let patienceMs = 1000
  /// Longer than the period of any load.
  private static let watchMs = 1500
  private static let other = IPv4Address(10, 1, 0, 101)

  private let stage: Stage
  private let world: World
  private var loads: [(owner: String, kind: Kind, handle: LoadHandle)] = []
  private var servers: [LoadHandle] = []
  private var version = 42

  init(_ stage: Stage) throws {
    self.stage = stage
    world = try stage.makeWorld()
    let other = try world.addGuest(
      "client2", Containment.other, .lan, ["route add default via \(Plan.lanVirtual)"])
    for kind in ["session-server", "datagram-server"] {
      servers.append(try LoadHandle(kind, in: world.server, world.workspace))
    }
    for server in servers { try server.ask(.ready) }
    for (name, host) in [("client", world.client), ("client2", other)] {
      for kind in Kind.allCases {
        let handle = try LoadHandle(kind.rawValue, in: host, world.workspace, ["count=10"])
        loads.append((name, kind, handle))
      }
    }
    stage.onEnd { [self] in
      for load in loads.map(\.handle) + servers { load.stop() }
    }
    for load in loads { try load.handle.ask(.ready) }
  }

  func quarantine() throws {
    // Long enough for a take-over, on a machine that is busy.
    let seconds: Int64 = 30
    let begun = MonotonicClock.now()
    let until = WallClock.timestamp(seconds: WallClock.secondsSince1970() + seconds)
    try apply(
      """
      "quarantine": {"members": [{"address": "\(Plan.client)", "reason": "the lab says so",
        "until": "\(until.prefix { $0 != "." })Z"}], "allow": []},
      """)
    try expect("quarantine") { owner, _ in owner == "client2" }
    let active = try takeOver()
    try expect("quarantine after the power cut") { owner, _ in owner == "client2" }
    let status = try policy(active)
    try stage.expect((status["quarantineDenied"].int ?? 0) > 0, "nothing was counted")
    let left = begun + .seconds(Int(seconds) + 1) - MonotonicClock.now()
    try world.pause(milliseconds: max(0, Int(left.milliseconds)))
    // Segments of TCP are repeated less and less often, so that its end is not seen soon.
    try expect("end of the quarantine") { owner, kind in
      owner == "client" && kind == .sessions ? nil : true
    }
  }

  func killSwitch() throws {
    let services = "\"vital\": [{\"proto\": \"tcp\", \"ports\": [\"\(Service.sessions)\"]}]"
    let rule = """
      {"id": "vital", "tier": "guard", "from": ["lan"], "to": ["wan"], "service": "vital"},
      """
    try apply("\"killSwitch\": {\"level\": \"red\"},", services: services, rules: rule)
    try expect("red") { _, kind in kind == .sessions }
    let active = try takeOver()
    try expect("red after the power cut") { _, kind in kind == .sessions }
    let status = try policy(active)
    try stage.expect((status["killSwitchDenied"].int ?? 0) > 0, "nothing was counted")
    try apply("", services: services, rules: rule, nodes: [active])
    try expect("green") { _, _ in true }
    let vital = try policy(active)["rules"].array.first { $0["id"].text == "vital" }
    try stage.expect((vital?["hits"].int ?? 0) > 0, "the guard rule has no hits")
  }

  func monitor() throws {
    let nothing =
      "{\"id\": \"no-udp\", \"tier\": \"deny\", \"from\": [\"lan\"], \"to\": [\"any\"], "
      + "\"service\": \"udp\"},"
    let services = "\"udp\": [{\"proto\": \"udp\"}]"
    try apply("\"mode\": \"monitor\",", services: services, rules: nothing)
    try expect("monitor") { _, _ in true }
    let active = try world.waitForPair(active: nil)
    let rule = try policy(active)["rules"].array.first { $0["id"].text == "no-udp" }
    // One packet for each flow of the two clients, as the connection is stamped then.
    try stage.expect(
      rule?["hits"].int == 20, "hits of the denying rule: \(rule?["hits"].int ?? -1)")
    try apply("", services: services, rules: nothing)
    try expect("enforce") { _, kind in kind == .sessions }
  }

  // MARK: Steps

  /// A new version of the policy, on the standby first.
  private func apply(
    _ members: String, services: String = "", rules: String = "", nodes: [Node]? = nil
  ) throws {
    version += 1
    for load in loads { try load.handle.ask(.mark) }
    let order: [Node]
    if let nodes {
      order = nodes
    } else {
      let active = try world.waitForPair(active: nil, seconds: 60)
      order = [active.peer, active]
    }
    for node in order {
      var document = ZtbDocument(node: node, advertIntervalMs: 20)
      document.policyVersion = version
      document.policyMembers = members
      document.services = services
      document.rules = rules
      let gateway = try world.product(node)
      try gateway.host.write("/run/next.json", document.text)
      try gateway.ztb("config", "apply", "/run/next.json")
    }
  }

  /// The other node becomes active by a power cut; which it is.
  private func takeOver() throws -> Node {
    let active = try world.waitForPair(active: nil, seconds: 60)
    for load in loads { try load.handle.ask(.mark) }
    try world.cutPower(active)
    world.gateway(active).host.waitForEnd()
    try world.wait("a take-over", seconds: 20) { try world.actives() == [active.peer] }
    return active.peer
  }

  private func policy(_ node: Node) throws -> JSON {
    try JSON(parsing: try world.product(node).ztb("policy", "show", "--json"))
  }

  /// Who must be alive a second after the event; nil where nothing is expected.
  private func expect(_ what: String, _ lives: (String, Kind) -> Bool?) throws {
    try world.pause(milliseconds: Containment.patienceMs)
    for load in loads { try load.handle.ask(.struck) }
    try world.pause(milliseconds: Containment.watchMs)
    var words: [String] = []
    var wrong: [String] = []
    for (owner, kind, handle) in loads {
      let report = try handle.ask(.report)
      let text = "\(kind.rawValue) of \(owner) \(report.alive)/\(report.total)"
      words.append(text)
      guard let isExpected = lives(owner, kind) else { continue }
      if report.alive != (isExpected ? report.total : 0) || report.resets != 0 {
        wrong.append(text)
      }
    }
    stage.tell("\(what): \(words.joined(separator: ", "))")
    try stage.expect(wrong.isEmpty, "\(what): \(wrong.joined(separator: ", "))")
  }
}
