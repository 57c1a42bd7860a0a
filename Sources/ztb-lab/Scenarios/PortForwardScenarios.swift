import Linux
import Wire

extension Scenario {
  /// Connections from outside to a host of the LAN.
  static let portForward = [
    Scenario(
      name: "port-forward",
      summary:
        "sessions from the WAN and from a neighbour to a LAN host by the virtual WAN address "
        + "live through a power cut, no octet lost; a forward that is taken away ends its own"
    ) { stage in
      let world = try stage.makeShapedWorld("port-forward") {
        PortForwarding.shape(&$0, PortForwarding.both)
      }
      try world.bootPair()
      try PortForwarding(stage, world).tell()
    }
  ]
}

/// The client of the world is the host inside; who connects is the server of the world, and a second
/// client beside the first.
private final class PortForwarding {
  /// The port that strangers know of the session server.
  private static let outerPort: UInt16 = 8001
  /// The one that stays.
  private static let keptPort: UInt16 = 9001
  private static let sessions = forward("sessions", "\(outerPort)", Int(Service.sessions))
  private static let kept = forward("kept", "\(keptPort)", Int(Service.sessions))
  private static let bulk = forward(
    "bulk", "\(Service.bulkUp)-\(Service.bulkDown)", Int(Service.bulkUp))
  static let both = [sessions, kept, bulk]

  private let stage: Stage
  private let world: World
  private let neighbour: Host
  private var loads: [(who: String, handle: LoadHandle)] = []
  private var servers: [LoadHandle] = []

  init(_ stage: Stage, _ world: World) throws {
    self.stage = stage
    self.world = world
    neighbour = try world.addGuest(
      "client2", IPv4Address(10, 1, 0, 101), .lan,
      ["route add default via \(Plan.lanVirtual)"])
    stage.onEnd { [self] in for load in loads.map(\.handle) + servers { load.stop() } }
  }

  static func shape(_ document: inout ZtbDocument, _ forwards: [String]) {
    document.forwards = forwards.joined(separator: ", ")
    document.services =
      "\"inside\": [{\"proto\": \"tcp\", \"ports\": [\"\(Service.sessions)-\(Service.bulkDown)\"]}]"
    document.rules = """
      {"id": "inwards", "tier": "allow", "from": ["any"], "to": ["lan"], "service": "inside"},
      """
  }

  private static func forward(_ id: String, _ ports: String, _ inner: Int) -> String {
    """
    {"id": "\(id)", "address": "\(Plan.wanVirtual)", "proto": "tcp", "port": "\(ports)",
     "to": "\(Plan.client)", "toPort": \(inner), "hairpin": true}
    """
  }

  func tell() throws {
    for kind in ["session-server", "bulk-server"] {
      servers.append(try LoadHandle(kind, in: world.client, world.workspace))
    }
    for server in servers { try server.ask(.ready) }
    for (who, host) in [("server", world.server), ("neighbour", neighbour)] {
      for (name, port) in [("removed", Self.outerPort), ("kept", Self.keptPort)] {
        try add("\(who), \(name)", "sessions", host, ["count=50", "port=\(port)"])
      }
      try add("\(who), bulk", "bulk", host, [])
    }
    for load in loads { try load.handle.ask(.ready) }
    try expectClosed()

    let active = try world.waitForPair(active: nil)
    try world.pause(milliseconds: 1000)
    for load in loads { try load.handle.ask(.mark) }
    try world.cutPower(active)
    for load in loads { try load.handle.ask(.struck) }
    try world.pause(milliseconds: 3000)
    try expectAlive("power cut of \(active.name)") { _ in true }
    try finishBulk()

    // On the node that is left, and without a new version of the policy.
    for load in loads { try load.handle.ask(.mark) }
    var document = ZtbDocument(node: active.peer, advertIntervalMs: 20)
    Self.shape(&document, [Self.kept, Self.bulk])
    let gateway = try world.product(active.peer)
    try gateway.host.write("/run/next.json", document.text)
    try gateway.ztb("config", "apply", "/run/next.json")
    try world.pause(milliseconds: 1000)
    for load in loads { try load.handle.ask(.struck) }
    try world.pause(milliseconds: 1500)
    try expectAlive("a forward taken away") { $0.hasSuffix("kept") }
  }

  private func add(_ who: String, _ kind: String, _ host: Host, _ options: [String]) throws {
    let handle = try LoadHandle(
      kind, in: host, world.workspace, options + ["to=\(Plan.wanVirtual)"],
      name: "\(kind)-\(who.filter { $0.isLetter })")
    loads.append((who, handle))
  }

  /// What no forward is about stays closed, though a rule would allow it.
  private func expectClosed() throws {
    let active = try world.waitForPair(active: nil)
    let port = "\(Service.sessions)"
    let probe = ["busybox", "nc", "-w", "1", "\(Plan.wanVirtual)", port, "-e", "true"]
    let (status, output) = try world.server.attempt(probe)
    try stage.expect(status != .exited(0), "\(active.name) answers at port \(port): \(output)")
  }

  private func expectAlive(_ what: String, _ lives: (String) -> Bool) throws {
    var words: [String] = []
    var wrong: [String] = []
    for (who, handle) in loads {
      let report = try handle.ask(.report)
      let text = "\(who) \(report.alive)/\(report.total)"
      words.append(text)
      if report.alive != (lives(who) ? report.total : 0) || report.resets != 0 {
        wrong.append("\(text), \(report.resets) reset, \(report.notes)")
      }
    }
    stage.tell("\(what): \(words.joined(separator: "; "))")
    try stage.expect(wrong.isEmpty, "\(what): \(wrong.joined(separator: "; "))")
  }

  /// Ends the streams: each must have come whole.
  private func finishBulk() throws {
    for (who, handle) in loads where who.hasSuffix("bulk") {
      let report = try handle.ask(.finish)
      stage.tell("\(who): \(report.alive) of \(report.total) whole, \(report.notes.last ?? "")")
      try stage.expect(
        report.alive == report.total && report.resets == 0, "\(who): \(report.notes)")
      handle.stop()
    }
    loads.removeAll { $0.who.hasSuffix("bulk") }
  }
}
