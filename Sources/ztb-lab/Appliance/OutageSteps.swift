import Linux
import Wire

extension ApplianceStory {
  /// Outages under live sessions.
  static let outageSteps = [
    Step(
      name: "power-cut",
      summary: "SIGKILL of the active: scp, HTTP and sessions go on, byte-exact; it returns in sync"
    ) { scene in
      let active = try scene.waitForPair()
      // Also where a session is lost: the next step wants a whole pair.
      let outcome = Result {
        try scene.expectSurvival("power cut of \(active.name)") {
          try scene.world.cutPower(active)
        }
      }
      try scene.waitForOneActive(active.peer)
      let readiness = try scene.restorePower(active)
      scene.stage.tell("\(active.name): ready again after \(readiness.seconds.text(1)) s")
      _ = try scene.waitForPair(active: active.peer)
      scene.stage.tell("\(active.name) is standby and in sync")
      try outcome.get()
    },
    Step(
      name: "cut-lan", summary: "LAN cable of the active out: the role moves, sessions go on"
    ) { scene in
      let active = try scene.waitForPair()
      let machine = try scene.machine(active)
      // Also where a session is lost: the next step wants a whole pair.
      defer { _ = try? machine.plug(.lan, in: true) }
      try scene.expectSurvival("LAN cable of \(active.name) out") {
        try machine.plug(.lan, in: false)
      }
      try scene.waitForOneActive(active.peer)
      try machine.plug(.lan, in: true)
      _ = try scene.waitForPair(active: active.peer)
    },
    Step(
      name: "cut-ha", summary: "HA cable out: no role change, an alarm; in again: in sync"
    ) { scene in
      let active = try scene.waitForPair()
      let machine = try scene.machine(active)
      try machine.plug(.ha, in: false)
      // Also where an expectation fails: the next step wants a whole pair.
      defer { _ = try? machine.plug(.ha, in: true) }
      let index = active == .a ? 0 : 1
      var alarms: [String] = []
      try scene.world.wait("an alarm about the HA link", seconds: 60) {
        alarms = try scene.report(index)["alarms"].array.compactMap(\.text)
        return !alarms.isEmpty
      }
      scene.stage.tell("\(active.name): \(alarms.joined(separator: "; "))")
      try scene.world.pause(milliseconds: 5000)
      try scene.waitForOneActive(active, seconds: 10)
      try machine.plug(.ha, in: true)
      _ = try scene.waitForPair(active: active)
    },
    Step(
      name: "freeze", summary: "the active stands still for 10 s: one active afterwards"
    ) { scene in
      let active = try scene.waitForPair()
      let machine = try scene.machine(active)
      try machine.control("stop")
      // Also where nobody took over: the next step wants a whole pair.
      defer { _ = try? machine.control("cont") }
      let began = MonotonicClock.now()
      try scene.waitForOneActive(active.peer)
      while MonotonicClock.now() - began < .seconds(10) {
        try scene.world.pause(milliseconds: 100)
      }
      try machine.control("cont")
      let now = try scene.waitForPair()
      scene.stage.tell("\(active.name) stood still; afterwards \(now.name) alone is active")
    },
  ]
}

extension ApplianceScene {
  /// What runs while something breaks: a size that lasts several seconds through an emulator.
  private static let selection = Fleet.Selection(
    sessions: 40, bulk: false, datagrams: 10, echoes: 5, programs: true, probe: true)

  /// Fails unless all loads go on, unchanged, after `event`.
  func expectSurvival(_ what: String, _ event: () throws -> Void) throws {
    let fleet = try runningFleet()
    try world.pause(milliseconds: 1000)
    try fleet.strike(event)
    // Twelve megabytes five times over take an emulated pair that long on a bad day.
    let survival = try fleet.settle(seconds: 120)
    stage.tell("\(what): blackout \(survival.blackoutText), \(survival.summary)")
    if !survival.isWhole { stage.tell(survival) }
    try stage.expectWhole(survival)
  }

  /// The loads, with transfers that have just begun.
  func runningFleet() throws -> Fleet {
    if let fleet {
      try fleet.renew()
      return fleet
    }
    let fleet = try Fleet(world, ApplianceScene.selection)
    // Kept before it is known to work: its servers hold their ports.
    self.fleet = fleet
    stage.onEnd { fleet.stop() }
    try fleet.start()
    return fleet
  }
}
