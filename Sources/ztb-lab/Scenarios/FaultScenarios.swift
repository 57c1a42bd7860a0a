import Glibc
import Linux
import Wire

extension Scenario {
  /// Blackouts, as figures.
  static let blackouts = Outage.allCases.map { outage in
    Scenario(
      name: "blackout-\(outage.word)",
      summary: "blackout of a 2 ms probe stream: \(outage.title)"
    ) { try $0.measure(outage) }
  }

  /// Parts of a node fail, freeze or are cut off.
  static let faults = [
    Scenario(
      name: "no-false-failover",
      summary: "both cores busy, nothing wrong, no change of role (5 min with --full, else 30 s)"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, Fleet.Selection.light)
      let before = try world.term()
      let active = try world.waitForPair(active: nil)
      let hogs = try (1...2).map {
        try LoadHandle("spin", in: world.client, world.workspace, name: "spin-\($0)")
      }
      defer { hogs.forEach { $0.stop() } }
      let seconds = stage.isFull ? 300 : 30
      let survival = try world.under(fleet, pause: seconds * 1000) {}
      stage.tell(
        "\(seconds) s busy: longest gap \(survival.blackoutText), "
          + "\(survival.probe?.lost ?? 0) probes lost")
      try stage.expect(try world.actives() == [active], "the active node has changed")
      let after = try world.term()
      try stage.expect(before == after, "the term went from \(before) to \(after)")
      try stage.expectWhole(survival)
    },
    Scenario(
      name: "kill-role",
      summary: "SIGKILL of each role and of the supervisor, on the active and on the standby"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, Fleet.Selection.light)
      for role in ["vrrp", "fence", "sync", "policy", "supervisor"] {
        for isActive in [true, false] {
          let active = try world.waitForPair(active: nil, seconds: 60)
          let node = isActive ? active : active.peer
          let survival = try world.under(fleet, pause: 3000) { try world.kill(role, of: node) }
          stage.tell(
            "\(role) of the \(isActive ? "active" : "standby"): blackout "
              + "\(survival.blackoutText), two answered ARP for "
              + "\((survival.arp?.gapMs ?? .nan).text()) ms, \(survival.summary)")
          try stage.expectWhole(survival)
          try stage.expectOneAnswer(survival)
        }
      }
      try world.waitForPair(active: nil, seconds: 60)
    },
    Scenario(
      name: "freeze-thaw",
      summary: "every process of the active stopped for 5 s, then continued"
    ) { stage in
      let world = try stage.makeWorld()
      var selection = Fleet.Selection.light
      // The frozen node's kernel goes on answering ARP; asking would teach the switch the wrong
      // way.
      selection.arpWatch = false
      let fleet = try stage.makeFleet(world, selection)
      let active = try world.waitForPair(active: nil)
      let host = world.gateway(active).host
      let frozen = try world.under(fleet, pause: 5000) { try host.signalAll(SIGSTOP) }
      stage.tell("frozen: \(frozen.summary)")
      let thawed = try world.under(fleet, pause: 3000) { try host.signalAll(SIGCONT) }
      stage.tell("thawed: \(thawed.summary)")
      let now = try world.waitForPair(active: nil, seconds: 60)
      stage.tell("\(active.name) was active, \(now.name) is")
      try stage.expectWhole(thawed)
    },
    Scenario(
      name: "cold-boot-both",
      summary: "both nodes get power at the same time: one becomes active"
    ) { stage in
      let world = try stage.makeWorld()
      for _ in 1...(stage.isFull ? 5 : 1) {
        for node in Node.allCases { try world.cutPower(node) }
        try world.pause(milliseconds: 300)
        for node in Node.allCases { try world.restorePower(node) }
        let active = try world.waitForPair(active: nil, seconds: 60)
        try world.pause(milliseconds: 2000)
        try stage.expect(try world.actives() == [active], "not one steady active node")
      }
      let fleet = try stage.makeFleet(world, Fleet.Selection.light)
      let survival = try world.under(fleet, pause: 1000) {}
      stage.tell("sessions afterwards: \(survival.summary)")
      try stage.expectWhole(survival)
    },
    Scenario(
      name: "wan-switch-dead",
      summary: "the WAN switch loses power for 5 s: afterwards one active, sessions go on"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, Fleet.Selection.light)
      let dark = try world.under(fleet, pause: 5000, judge: false) {
        try world.fabric.power(.wan, on: false)
      }
      stage.tell("two answered ARP for \((dark.arp?.gapMs ?? .nan).text()) ms")
      let light = try world.under(fleet, pause: 3000) { try world.fabric.power(.wan, on: true) }
      stage.tell("afterwards: \(light.summary)")
      try stage.expectWhole(light)
      try stage.expectOneAnswer(dark, mustAnswer: false)
      try stage.expectOneAnswer(light)
      try world.waitForPair(active: nil, seconds: 60)
    },
    partition("partition-lan", "the standby cut off on the LAN, with carrier", [.lan]),
    partition("partition-ha", "ge4 passes nothing, with carrier", [.ha]),
    partition("partition-lan-ha", "the standby cut off on the LAN and on ge4", [.lan, .ha]),
  ]

  /// Frames of the standby are lost on some networks for 5 s; its links stay up.
  private static func partition(_ name: String, _ summary: String, _ ports: [Port]) -> Scenario {
    Scenario(name: name, summary: summary + ": one active, no session swept") { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, Fleet.Selection.light)
      let active = try world.waitForPair(active: nil)
      let blocked = ports.map { $0.switchPort(active.peer) }
      let apart = try world.under(fleet, pause: 4000) { try world.fabric.block(blocked, true) }
      stage.tell("apart: \(apart.summary)")
      // These begin while the standby cannot learn of them.
      let late = try LoadHandle(
        "sessions", in: world.client, world.workspace, ["count=50"], name: "late sessions")
      defer { late.stop() }
      try late.ask(.ready)
      try late.ask(.mark)
      let healed = try world.under(fleet, pause: 3000) {
        try world.fabric.block(blocked, false)
        try late.ask(.struck)
      }
      let report = try late.ask(.report)
      stage.tell("healed: \(healed.summary), sessions begun meanwhile \(report.alive)/50")
      try stage.expectWhole(apart)
      try stage.expectWhole(healed)
      try stage.expect(report.alive == 50, "a session begun during the partition was swept")
      try stage.expectOneAnswer(apart)
      try stage.expectOneAnswer(healed)
      let now = try world.waitForPair(active: nil, seconds: 60)
      try stage.expect(now == active, "the role has moved without need")
    }
  }
}

extension Stage {
  /// Fails when both nodes answered for one virtual address for longer than a second, or when none
  /// answers now.
  func expectOneAnswer(_ survival: Survival, mustAnswer: Bool = true) throws {
    guard let arp = survival.arp else { return }
    try expect(!mustAnswer || arp.alive == arp.total, "nobody answers ARP for a virtual address")
    try expect(
      arp.gapMs <= 1000, "two nodes answered ARP for one address for \(arp.gapMs.text()) ms")
  }
}

extension World {
  /// Lets something happen under a running fleet and tells how it lives afterwards.
  func under(
    _ fleet: Fleet, pause length: Int, judge: Bool = true, _ event: () throws -> Void
  ) throws -> Survival {
    try fleet.strike(event)
    try pause(milliseconds: length)
    return try fleet.settle(seconds: judge ? 20 : 0)
  }

  /// Kills one role of a node, or `supervisor`.
  func kill(_ role: String, of node: Node) throws {
    let gateway = try product(node)
    if role == "supervisor" { return gateway.killSupervisor() }
    guard let pid = try gateway.rolePid(role) else {
      throw LabError.failed("\(node.name) has no running \(role)")
    }
    try gateway.host.signal(pid, SIGKILL)
  }

  /// The highest term that a node of the product knows, which grows with each activation; 0 where
  /// there is none. What a standby knows of its peer's may be a second old.
  func term() throws -> Int {
    try Node.allCases.compactMap { node in
      try (gateway(node) as? ZtbGateway)?.status()["ha"]["term"].int
    }.max() ?? 0
  }
}
