import Linux
import Wire

extension Scenario {
  /// Sessions live through the loss of the active node.
  static let survival = [
    Scenario(
      name: "survive-power",
      summary: "every kind of session lives through a power cut of the active"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, Fleet.Selection())
      let survival = try powerCut(world, fleet)
      stage.tell(survival)
      try stage.expectWhole(survival)
    },
    Scenario(
      name: "survive-power-ipv6",
      summary: "the same over IPv6, translated like IPv4; there and back"
    ) { stage in
      let world = try stage.makeShapedWorld("ipv6") { $0.hasBothFamilies = true }
      world.furnishing = { _, host in try host.sysctl(Plan.speakingIPv6) }
      try world.bootPair()
      try speakIPv6(world)
      let ping = ["ping", "-6", "-c", "2", "-W", "1", Plan.client6]
      let (status, _) = try world.server.attempt(ping)
      try stage.expect(status != .exited(0), "the policy lets IPv6 in from outside")
      let fleet = try stage.makeFleet(world, Fleet.Selection(family: .ipv6))
      for round in 1...2 {
        let active = try world.waitForPair(active: nil, seconds: 60)
        let survival = try powerCut(world, fleet)
        stage.tell(survival)
        try stage.expectWhole(survival)
        if round == 2 { break }
        try world.restorePower(active)
        try world.waitForPair(active: nil, seconds: 60)
        try fleet.renew()
      }
    },
    Scenario(
      name: "survive-there-and-back",
      summary: "again and again, each node in turn (20 rounds with --full, else 2)"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, Fleet.Selection())
      let rounds = stage.isFull ? 20 : 2
      for round in 1...rounds {
        let active = try world.waitForPair(active: nil, seconds: 60)
        let survival = try powerCut(world, fleet)
        stage.tell(
          "round \(round) of \(rounds): \(active.name) cut, blackout "
            + "\(survival.blackoutText), \(survival.summary)")
        if !survival.isWhole { stage.tell(survival) }
        try stage.expectWhole(survival)
        try world.restorePower(active)
        if round < rounds {
          try world.waitForPair(active: nil, seconds: 60)
          try fleet.renew()
        }
      }
    },
    Scenario(
      name: "survive-idle-ssh",
      summary:
        "an ssh session that is silent before the cut goes on (10 min with --full, else 15 s)"
    ) { stage in
      let world = try stage.makeWorld()
      let selection = Fleet.Selection(
        sessions: 0, bulk: false, datagrams: 0, echoes: 0, programs: false, idleShell: true)
      let fleet = try stage.makeFleet(world, selection)
      let seconds = stage.isFull ? 600 : 15
      stage.tell("silent for \(seconds) s")
      try world.pause(milliseconds: seconds * 1000)
      let survival = try powerCut(world, fleet)
      stage.tell(survival)
      try stage.expectWhole(survival)
    },
    Scenario(
      name: "survive-300k",
      summary: "the same with 300 000 further sessions in the table"
    ) { stage in
      let crowd = 300_000
      try KernelLimits(record: stage.workspace.path).raise(entries: 1_000_000)
      let world = try stage.makeWorld()
      let active = try world.waitForPair(active: nil)
      let seconds = try world.insert(crowd, at: active, timeout: 60)
      stage.tell("\(crowd) sessions inserted and on the standby after \(seconds.text(1)) s")
      let fleet = try stage.makeFleet(world, Fleet.Selection(programs: false))
      let survival = try powerCut(world, fleet)
      stage.tell(survival)
      try stage.expectWhole(survival)
      let median = survival["sessions"]?.report.stallsMs.median ?? .nan
      try stage.expect(median < 500, "the median stall is \(median.text()) ms")
    },
  ]

  /// Gives client and server addresses of IPv6; the way of each is the pair.
  static func speakIPv6(_ world: World) throws {
    for (host, address, router) in [
      (world.client, Plan.client6, Plan.lanVirtual6),
      (world.server, Plan.server6, Plan.wanVirtual6),
    ] {
      try host.sysctl(["net/ipv6/conf/eth0/disable_ipv6": "0"])
      try host.ip([
        "addr add \(address)/64 dev eth0 nodad", "route add ::/0 via \(router) dev eth0",
      ])
    }
  }

  /// Cuts the power of the active under a running fleet.
  static func powerCut(_ world: World, _ fleet: Fleet) throws -> Survival {
    try world.pause(milliseconds: 1000)
    guard let active = try world.actives().first else { throw LabError.failed("no active node") }
    try fleet.strike { try world.cutPower(active) }
    return try fleet.settle(seconds: 20)
  }
}

extension Survival {
  /// All rows in one line.
  var summary: String {
    rows.filter { $0.name != "probe" }.map { "\($0.name) \($0.kept)/\($0.report.total)" }
      .joined(separator: ", ")
  }

  /// How long nobody answered the probe, such as `38 ms`.
  var blackoutText: String { "\((probe?.gapMs ?? .nan).text()) ms" }
}

extension World {
  /// Puts `count` sessions into a node's table and waits until the other node's kernel has them
  /// too; the seconds that took.
  func insert(_ count: Int, at node: Node, rate: Int = 0, timeout: Int) throws -> Double {
    let before = try gateway(node.peer).heldSessions()
    let load = try LoadHandle(
      "insert", in: gateway(node).host, workspace, ["count=\(count)", "rate=\(rate)"])
    defer { load.stop() }
    try load.ask(.ready)
    let began = MonotonicClock.now()
    try load.ask(.mark)
    let report = try load.ask(.finish, seconds: Int32(timeout))
    guard report.resets == 0 else {
      throw LabError.failed("the kernel refused \(report.resets) of \(count) sessions")
    }
    var held = 0
    do {
      try wait("the standby", seconds: timeout) {
        held = try gateway(node.peer).heldSessions() - before
        return held >= count
      }
    } catch LabError.timeout {
      throw LabError.failed("the standby holds \(held) of \(count) sessions")
    }
    return (MonotonicClock.now() - began).milliseconds / 1000
  }
}
