import Linux
import Wire

/// Hosts of the LAN with sessions to each other and outwards, in a world whose nodes are told apart by
/// who of them is active.
class HostScene {
  /// What `timeout` ends with when a connection is not answered, not even refused.
  private static let silence: Int32 = 124

  let stage: Stage
  let world: World
  private var servers: [String: LoadHandle] = [:]
  private var loads: [LoadHandle] = []

  init(_ stage: Stage, _ world: World) {
    self.stage = stage
    self.world = world
    stage.onEnd { [self] in
      for load in loads + Array(servers.values) { load.stop() }
    }
  }

  /// Has a host answer sessions.
  func serve(_ host: Host) throws {
    guard servers[host.name] == nil else { return }
    let server = try LoadHandle("session-server", in: host, world.workspace)
    servers[host.name] = server
    try server.ask(.ready)
  }

  /// Opens sessions to a host that answers them; returns once they run.
  func begin(from host: Host, to address: IPv4Address) throws -> LoadHandle {
    let work = try LoadHandle(
      "sessions", in: host, world.workspace, ["count=20", "to=\(address)"],
      name: "sessions of \(host.name)")
    loads.append(work)
    try work.ask(.ready)
    try work.ask(.mark)
    return work
  }

  func expectAlive(_ work: LoadHandle, _ what: String) throws {
    try world.pause(milliseconds: 1_000)
    try work.ask(.struck)
    try world.pause(milliseconds: 1_500)
    let report = try work.ask(.report)
    stage.tell("\(what): \(report.alive) of \(report.total) sessions alive")
    try stage.expect(report.alive == report.total && report.resets == 0, "\(what): sessions lost")
  }

  /// A connection is not even refused; the other end listens.
  func expectSilent(
    from host: Host, to address: IPv4Address, port: UInt16 = Service.sessions
  ) throws {
    let (status, output) = try host.attempt(
      ["timeout", "1", "bash", "-c", ">/dev/tcp/\(address)/\(port)"])
    try stage.expect(
      status == .exited(Self.silence), "\(host.name) to \(address):\(port): \(status) \(output)")
  }

  /// Nor is an echo answered.
  func expectClosed(
    from host: Host, to address: IPv4Address, port: UInt16 = Service.sessions
  ) throws {
    try expectSilent(from: host, to: address, port: port)
    let (echo, _) = try host.attempt(["ping", "-c", "1", "-W", "1", "\(address)"])
    try stage.expect(echo != .exited(0), "\(host.name) is answered by \(address)")
    stage.tell("\(host.name) to \(address), TCP \(port) and echo: silent")
  }

  /// The host is answered by the server on the WAN.
  func expectReaches(_ host: Host, _ source: IPv4Address) throws {
    try host.run(["ping", "-c", "2", "-i", "0.2", "-W", "2", "-I", "\(source)", "\(Plan.server)"])
  }

  /// The other node goes on.
  func takeOver(_ active: Node) throws {
    try world.cutPower(active)
    world.gateway(active).host.waitForEnd()
    try world.wait("a take-over", seconds: 20) { try world.actives() == [active.peer] }
  }
}
