import Glibc
import Linux
import Wire

extension Scenario {
  /// As many sessions as the table of the appliance can hold.
  static let million = [
    Scenario(
      name: "million",
      summary: "1 000 000 sessions: copied, copied again, through a failover and back, with figures"
        + " (only with --full)"
    ) { stage in
      guard stage.isFull else { throw LabError.missing("a million sessions: only with --full") }
      try KernelLimits(record: stage.workspace.path).raise(entries: 1_200_000)
      let story = MillionStory(stage, try stage.makeWorld())
      try story.tell()
    }
  ]
}

/// What a million sessions cost at each turn.
private final class MillionStory {
  private let stage: Stage
  private let world: World

  private static let count = 1_000_000
  /// What the synchronising process of either node may use, in megabytes: about 500 octets a session.
  private static let memoryMB = 512.0

  init(_ stage: Stage, _ world: World) {
    self.stage = stage
    self.world = world
  }

  func tell() throws {
    let active = try world.waitForPair(active: nil)
    let before = try ProcessCost(world) { try $0.synchronisingProcess() }
    let seconds = try world.insert(MillionStory.count, at: active, timeout: 300)
    try world.waitForPair(active: active, seconds: 120)
    stage.tell("inserted flat out, all on the standby after \(seconds.text(1)) s")
    let after = try ProcessCost(world) { try $0.synchronisingProcess() }
    for node in [active, active.peer] {
      let used = after.cpuSeconds(node, since: before) * 100_000 / Double(MillionStory.count)
      stage.tell(
        "sync of the \(node == active ? "active" : "standby"): \(used.text(2)) CPU s per 100 000")
    }
    try judgeMemory("after the copy")
    try copyAgain(active)
    let fleet = try stage.makeFleet(
      world, Fleet.Selection(sessions: 200, bulk: false, datagrams: 20, echoes: 10, programs: false)
    )
    try failOver(fleet, active)
    try bringBack(fleet, active)
  }

  /// The standby's process starts anew: it reads its own table and takes a full copy.
  private func copyAgain(_ active: Node) throws {
    let began = MonotonicClock.now()
    try world.kill("sync", of: active.peer)
    try world.pause(milliseconds: 500)
    try world.waitForPair(active: active, seconds: 180)
    let seconds = (MonotonicClock.now() - began).milliseconds / 1000
    stage.tell("sync of the standby killed: in step again after \(seconds.text(1)) s")
    try expectHeld(active.peer)
  }

  private func failOver(_ fleet: Fleet, _ active: Node) throws {
    try world.pause(milliseconds: 1000)
    try fleet.strike { try world.cutPower(active) }
    let survival = try fleet.settle(seconds: 30)
    stage.tell("power of the active cut: blackout \(survival.blackoutText), \(survival.summary)")
    try stage.expectWhole(survival)
    try expectHeld(active.peer)
  }

  /// The dead node comes with an empty kernel, gets everything, and then the role.
  private func bringBack(_ fleet: Fleet, _ former: Node) throws {
    try world.restorePower(former)
    let began = MonotonicClock.now()
    try world.waitForPair(active: former.peer, seconds: 180)
    let seconds = (MonotonicClock.now() - began).milliseconds / 1000
    stage.tell("the other node booted: ready \(seconds.text(1)) s after its start")
    try judgeMemory("after the failover")
    try fleet.strike { try world.switchOver(former.peer) }
    try world.waitForPair(active: former, seconds: 60)
    let survival = try fleet.settle(seconds: 30)
    stage.tell("planned failback: blackout \(survival.blackoutText), \(survival.summary)")
    try stage.expectWhole(survival)
    try expectHeld(former)
    try judgeMemory("after the failback")
  }

  private func expectHeld(_ node: Node) throws {
    let held = try world.gateway(node).heldSessions()
    try stage.expect(
      held >= MillionStory.count, "\(node.name) holds \(held) of \(MillionStory.count) sessions")
  }

  private func judgeMemory(_ moment: String) throws {
    let cost = try ProcessCost(world) { try $0.synchronisingProcess() }
    let sizes = Node.allCases.map { cost.residentMB($0) }
    stage.tell(
      "memory of sync \(moment): \(sizes[0].text()) MB and \(sizes[1].text()) MB (at most "
        + "\(MillionStory.memoryMB.text()))")
    try stage.expect(sizes.allSatisfy { $0 < MillionStory.memoryMB }, "sync uses too much memory")
  }
}
