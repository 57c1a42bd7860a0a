import Linux
import Wire

extension Scenario {
  /// What a pair knows of its own health, and the drill that proves the other half of it.
  static let health = [
    Scenario(
      name: "path-check",
      summary: "the role goes to the node whose path works; a target that both lost moves nothing; "
        + "with --full also a check that flaps"
    ) { stage in
      let world = try stage.makeShapedWorld("checked") { $0.checkedTarget = Plan.isp }
      // Nobody else asks it: the loads count what reaches the server.
      _ = try world.addGuest("target", Plan.isp)
      try world.bootPair()
      let scene = PathScene(stage, world)
      let list = Checklist(stage)
      try list.check("a target lost by both nodes", scene.loseForBoth)
      try list.check("a target lost by the active alone", scene.loseForActive)
      if stage.isFull { try list.check("a check that flaps", scene.flap) }
      try list.finish()
    },
    Scenario(
      name: "ha-drill",
      summary: "ztb ha drill: the verdict first, there and back under sessions, a refusal with its "
        + "remedy"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, .light)
      let active = try world.waitForPair(active: nil)
      let gateway = try world.product(active)
      let term = try world.term()
      let dry = try JSON(parsing: gateway.ztb("ha", "drill", "--dry-run", "--json"))["drill"]
      stage.tell("dry run: \(dry["verdict"].text ?? "no verdict")")
      try stage.expect(
        dry["verdict"].text?.hasPrefix("would hand over") == true && dry["isDryRun"].bool == true,
        "the dry run does not say that it would hand over")
      try stage.expect(try world.term() == term, "the dry run moved the role")

      var report = JSON(nil)
      let survival = try world.under(fleet, pause: 1000) {
        report = try JSON(parsing: gateway.ztb("ha", "drill", "--json"))
      }
      let steps = report["drill"]["steps"].array
      for step in steps {
        stage.tell(
          "\(step["text"].text ?? ""): outage \((step["outageMs"].number ?? .nan).text(1)) ms, "
            + "\(step["probesLost"].int ?? -1) probes lost (\(step["by"].text ?? ""))")
      }
      stage.tell(survival)
      try stage.expect(
        report["done"].bool == true, "the drill failed: \(report["text"].text ?? "")")
      let measured = steps.filter { $0["by"].text == "probe" && $0["probesLost"].int != nil }
      for way in ["went to the other node", "came back"] {
        try stage.expect(
          measured.count { $0["text"].text?.hasSuffix(way) == true } == 1,
          "the probe did not measure that the address \(way)")
      }
      let wanted = term + 2
      try stage.expect(try world.term() == wanted, "the role did not go and come back")
      try stage.expect(try world.actives() == [active], "the role is not back")
      try stage.expectWhole(survival)
      try stage.expectOneAnswer(survival)

      try world.fabric.block([Port.ha.switchPort(active.peer)], true)
      try world.wait("the sessions to be out of step", seconds: 20) {
        try !gateway.isReadyToTakeOver()
      }
      for (status, text) in [
        try gateway.attempt("ha", "drill", "--dry-run"), try gateway.attempt("ha", "drill"),
      ] {
        stage.tell("without the HA link: \(text)")
        try stage.expect(
          status == .exited(1) && text.contains("would refuse"), "it was not refused: \(text)")
      }
      try stage.expect(try world.term() == wanted, "a refused drill moved the role")
    },
    Scenario(
      name: "direct-cable",
      summary: "a direct cable between the two ports ge4 is recognised, and a switch is not"
    ) { stage in
      for isDirect in [false, true] {
        let world = try stage.makeEmptyWorld()
        if isDirect { try world.fabric.passLinkLayerDiscovery(.ha) }
        try world.bootPair()
        // One round of frames: the first of a node may leave before its peer listens.
        let seconds = 40
        var heard = 0
        for node in Node.allCases {
          let gateway = try world.product(node)
          if isDirect {
            try world.wait("\(node.name) to show a direct cable", seconds: seconds) {
              try gateway.status()["ha"]["link"]["direct"].bool == true
            }
            let text = try gateway.ztb("ha", "status")
            try stage.expect(text.contains("direct cable"), "ha status does not say so: \(text)")
          } else {
            if heard == 0 { try world.pause(milliseconds: seconds * 1000) }
            let shown = try gateway.status()["ha"]["link"]["direct"].bool
            try stage.expect(shown == false, "\(node.name) takes the switch for a cable")
          }
          heard += 1
        }
        stage.tell(isDirect ? "a cable: both nodes say so" : "a switch: no node says cable")
        world.tearDown()
      }
    },
  ]
}

/// A pair whose nodes ask whether a machine on the WAN answers.
private final class PathScene {
  private let stage: Stage
  private let world: World
  /// Name and weight as in the document.
  private let cause = "check isp fails (60)"

  init(_ stage: Stage, _ world: World) {
    self.stage = stage
    self.world = world
  }

  /// What is wrong behind both nodes is no reason to move.
  func loseForBoth() throws -> String {
    let active = try world.waitForPair(active: nil)
    let term = try world.term()
    try lose(for: Node.allCases)
    for node in Node.allCases { try wait(node, demotedBy: [cause]) }
    try world.pause(milliseconds: 5000)
    try stage.expect(try world.term() == term, "the role moved")
    let text = try world.product(active).ztb("ha", "status")
    try stage.expect(
      text.contains("demoted by \(cause)") && text.contains("check isp is down"),
      "ha status does not say why: \(text)")
    try heal()
    return "both demoted by \(cause), nothing moved"
  }

  /// The other node's path works, so the role goes there, with every session.
  func loseForActive() throws -> String {
    let active = try world.waitForPair(active: nil)
    let fleet = try stage.makeFleet(world, .light)
    var time = Interval.zero
    let survival = try world.under(fleet, pause: 1000) {
      let start = MonotonicClock.now()
      try lose(for: [active])
      try world.wait("the role to move", seconds: 15) { try world.actives() == [active.peer] }
      time = MonotonicClock.now() - start
      try wait(active, demotedBy: [cause])
    }
    let rank = try world.product(active).status()["ha"]["rank"]
    try stage.expect(
      rank["effective"].int == active.priority - 60, "the priority is \(rank["effective"].int ?? 0)"
    )
    try stage.expectWhole(survival)
    try stage.expectOneAnswer(survival)
    fleet.stop()
    try heal()
    try stage.expect(try world.actives() == [active.peer], "the role went back by itself")
    return "the role moved after \(time.milliseconds.text()) ms, blackout "
      + "\(survival.blackoutText), \(survival.summary); healed, it stays"
  }

  /// A check that goes to and fro carries the role with it until one of the nodes has taken it six
  /// times within a minute.
  func flap() throws -> String {
    var moves = 0
    let start = MonotonicClock.now()
    while MonotonicClock.now() - start < .seconds(120) {
      let active = try world.waitForPair(active: nil)
      try lose(for: [active])
      let end = MonotonicClock.now() + .seconds(6)
      while MonotonicClock.now() < end, try world.actives() != [active.peer] {
        try world.pause(milliseconds: 20)
      }
      let moved = try world.actives() == [active.peer]
      let held = try world.product(active.peer).status()["ha"]["rank"]["heldMs"].number
      let text = try world.product(active.peer).ztb("ha", "status")
      try heal()
      if moved { moves += 1 }
      if let held, !moved {
        try stage.expect(
          text.contains("held back by the flap limiter") && text.contains("moved too often"),
          "ha status does not say why: \(text)")
        return "\(moves) moves, then \(active.peer.name) holds back for \((held / 1000).text()) s"
      }
    }
    throw LabError.failed("\(moves) moves in two minutes, and nobody held back")
  }

  private func lose(for nodes: [Node]) throws {
    let sources = nodes.map { "\($0.wanAddress)" }.joined(separator: ", ")
    try world.fabric.lose("ip saddr { \(sources) } ip daddr \(Plan.isp) ip protocol icmp")
  }

  private func heal() throws {
    try world.fabric.loseNothing()
    for node in Node.allCases { try wait(node, demotedBy: []) }
  }

  private func wait(_ node: Node, demotedBy causes: [String]) throws {
    try world.wait("\(node.name) to be demoted by \(causes)", seconds: 10) {
      try world.product(node).status()["ha"]["rank"]["causes"].array.compactMap(\.text) == causes
    }
  }
}
