import Linux
import Wire

/// A pair that must not change its roles whatever is done to it.
final class StillWatch {
  let stage: Stage
  let world: World
  let wire: Capture
  private var active: Node
  private var term: Int
  private let interval: Interval

  /// Watches a world with a settled pair; without one it makes one.
  init(_ stage: Stage, _ world: World? = nil) throws {
    guard case .ztb(_, let milliseconds) = stage.kind else {
      throw LabError.missing("this scenario is about the product's pair")
    }
    self.stage = stage
    interval = .milliseconds(milliseconds)
    self.world = try world ?? stage.makeWorld()
    wire = try Capture(self.world.fabric)
    self.world.companions.append(wire)
    active = try self.world.waitForPair(active: nil)
    term = try self.world.term()
  }

  /// After a change that was wanted.
  func settle() throws {
    active = try world.waitForPair(active: nil)
    term = try world.term()
  }

  /// Starts a load that ends with the scenario.
  @discardableResult
  func start(
    _ kind: String, in host: Host, _ options: [String] = [], name: String? = nil
  ) throws -> LoadHandle {
    let load = try LoadHandle(kind, in: host, world.workspace, options, name: name)
    stage.onEnd { load.stop() }
    return load
  }

  /// Lets time pass after an event, with `frames` sent 50 times a second into each network; roles
  /// and term stay as they were. Tells how regular the active's adverts were.
  func expectNoChange(
    _ what: String, seconds: Int, sending frames: ((Port) -> [[UInt8]])? = nil,
    during event: () throws -> Void = {}
  ) throws -> String {
    try wire.clear()
    let start = MonotonicClock.now()
    try event()
    let end = start + .seconds(seconds)
    while MonotonicClock.now() < end {
      for port in Referee.ports {
        for frame in frames?(port) ?? [] { try wire.send(frame, port) }
      }
      try world.pause(milliseconds: 20)
    }
    let claims = try wire.since(start).filter { ($0.advert?.priority ?? 0) > 0 }
    let rivals = claims.filter { $0.node == active.peer }
    try stage.expect(rivals.isEmpty, "\(what): the standby sent \(rivals.count) adverts")
    let gap = Referee.ports.map { longestGap(claims, $0, from: start) }.max() ?? .zero
    let after = try world.term()
    try stage.expect(after == term, "\(what): the term went from \(term) to \(after)")
    try stage.expect(try world.actives() == [active], "\(what): the active has changed")
    return "no change in \(seconds) s, \(claims.count) adverts, longest gap "
      + "\(gap.milliseconds.text(1)) ms at an interval of \(interval.milliseconds.text()) ms"
  }

  /// Cuts the standby off on every path until both are active, and lets them meet again.
  func splitAndHeal(_ standby: Node) throws -> String {
    let ports = [Port.lan, .wan, .ha].map { $0.switchPort(standby) }
    try world.fabric.block(ports, true)
    try world.wait("both to be active", seconds: 10) { try world.actives().count == 2 }
    try wire.clear()
    let healed = MonotonicClock.now()
    try world.fabric.block(ports, false)
    try world.pause(milliseconds: 1500)
    let frames = try wire.since(healed)
    let claims = frames.filter { ($0.advert?.priority ?? 0) > 0 }
    guard let survivor = claims.last?.node else { throw LabError.failed("nobody advertises") }
    let last = claims.last { $0.node == survivor.peer }
    let first = claims.first?.at ?? healed
    let together = last.map { $0.at - first } ?? .zero
    try stage.expect(together <= interval * 2, "both advertised for \(together)")
    let announced = frames.contains {
      $0.node == survivor && $0.arp?.isAnnouncement == true && $0.at >= last?.at ?? healed
    }
    try stage.expect(announced, "\(survivor.name), which stays, announces nothing")
    try world.wait("one active", seconds: 10) { try world.actives() == [survivor] }
    return "\(survivor.name) stays and announces; both advertised for "
      + "\(together.milliseconds.text(1)) ms after the paths were back"
  }

  private func longestGap(_ claims: [CapturedFrame], _ port: Port, from start: Instant) -> Interval
  {
    let times = [start] + claims.filter { $0.node == active && $0.port == port }.map(\.at)
    return zip(times.dropFirst(), times).map { $0 - $1 }.max() ?? .zero
  }
}

extension Port {
  /// A gateway's own address on the port.
  func address(_ node: Node) -> IPv4Address { self == .lan ? node.lanAddress : node.wanAddress }
}
