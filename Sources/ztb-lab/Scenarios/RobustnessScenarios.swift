import Glibc
import Linux
import Wire

extension Scenario {
  /// Junk, storms, losses, forgeries: the roles stay where they are.
  static let robustness = [
    Scenario(
      name: "junk-flood",
      summary: "R01: wrong adverts of the same group at 25, 250 and 1 000 Hz change nothing"
    ) { stage in
      let watch = try StillWatch(stage)
      for rate in [25, 250, 1000] {
        let flood = try watch.start("junk", in: watch.world.fabric.host, ["rate=\(rate)"])
        let seen = try watch.expectNoChange("\(rate) Hz", seconds: stage.isFull ? 60 : 4)
        let sent = try flood.ask(.finish).total
        stage.tell("R01 \(rate) Hz: \(sent) frames on each network, \(seen)")
        flood.stop()
      }
    },
    Scenario(
      name: "storms",
      summary: "R02: processor, fork and disk storms and junk at 1 kHz: no false role change "
        + "(10 min with --full, else 20 s)"
    ) { stage in
      let watch = try StillWatch(stage)
      let file = watch.world.workspace.path + "/storm"
      let client = watch.world.client
      for number in 1...2 { try watch.start("spin", in: client, name: "spin-\(number)") }
      try watch.start("storm", in: client, ["kind=fork"], name: "forks")
      try watch.start("storm", in: client, ["kind=fsync", "file=\(file)"], name: "fsyncs")
      try watch.start("junk", in: watch.world.fabric.host, ["rate=1000"])
      let seconds = stage.isFull ? 600 : 20
      stage.tell("R02 \(seconds) s: \(try watch.expectNoChange("storms", seconds: seconds))")
    },
    Scenario(
      name: "clock-step",
      summary: "R04: the wall clock steps by an hour to and fro under sessions, and the active "
        + "loses power with the clock wrong (where the machine is the lab's own)"
    ) { stage in
      let kernel = String(decoding: try Files.read("/proc/cmdline"), as: UTF8.self)
      guard kernel.contains("ztb.job=") else {
        throw LabError.missing("the clock is of the whole machine: Scripts/test kernel")
      }
      let watch = try StillWatch(stage)
      let world = watch.world
      let fleet = try stage.makeFleet(world, .light)
      let list = Checklist(stage)
      for (what, seconds) in [
        ("forward", 3600), ("back", -3600), ("back again", -3600), ("forward again", 3600),
        ("forward, for the power cut", 3600),
      ] {
        try list.check("R04 an hour \(what)") {
          let before = MonotonicClock.offsetFromRealTime()
          try world.client.run(["date", "-s", "\(seconds) seconds"])
          let step = before - MonotonicClock.offsetFromRealTime()
          try stage.expect(
            abs((step - .seconds(seconds)).nanoseconds) < 1_000_000_000, "the clock went \(step)")
          return try watch.expectNoChange(what, seconds: 5)
        }
      }
      try list.finish()
      try world.waitForPair(active: nil)
      let survival = try powerCut(world, fleet)
      stage.tell("R04 power cut: \(survival.summary)")
      try stage.expectWhole(survival)
    },
    Scenario(
      name: "adverts-lost",
      summary: "R05, R06: a fifth of everything lost, adverts blocked one way and both ways"
    ) { stage in
      let watch = try StillWatch(stage)
      let list = Checklist(stage)
      let seconds = stage.isFull ? 60 : 5
      let fabric = watch.world.fabric
      try list.check("R05 20 % lost on all networks") {
        try fabric.lose("meta protocol != arp numgen random mod 100 < 20")
        defer { try? fabric.loseNothing() }  // the world goes anyway
        return try watch.expectNoChange("loss", seconds: seconds)
      }
      let standby = try watch.world.waitForPair(active: nil).peer
      let deaf = [Port.lan, .wan].map { "\"\($0.switchPort(standby))\"" }.joined(separator: ", ")
      for (name, rule) in [
        ("R06 the standby hears no advert", "oifname { \(deaf) } ip protocol vrrp"),
        ("R06 no advert passes either way", "ip protocol vrrp"),
      ] {
        try list.check(name) {
          try fabric.lose(rule)
          defer { try? fabric.loseNothing() }  // the world goes anyway
          return try watch.expectNoChange(name, seconds: seconds)
        }
      }
      try list.finish()
    },
    Scenario(
      name: "forged-adverts",
      summary: "R11, R12: adverts in a router's name and a recorded stream move no role"
    ) { stage in
      let watch = try StillWatch(stage)
      let list = Checklist(stage)
      let active = try watch.world.waitForPair(active: nil)
      for (name, priority, node) in [
        ("R11 good-bye in the active's name", UInt8(0), active),
        ("R11 priority 255 in the active's name", 255, active),
        ("R11 priority 255 in the standby's name", 255, active.peer),
        ("R11 the same priority, higher address", UInt8(active.priority), active.peer),
      ] {
        try list.check(name) {
          try watch.expectNoChange(name, seconds: 2) { port in
            [ForgedAdvert(port, from: port.address(node), priority: priority).frame]
          }
        }
      }
      let recorded = watch.wire.frames.filter { $0.node == active && $0.advert != nil }.suffix(200)
      for port in Referee.ports {
        try stage.expect(
          recorded.contains { $0.port == port }, "no advert of the active was recorded on \(port)")
      }
      try watch.world.switchOver(active)
      try watch.settle()
      try list.check("R12 the stream of the former active again") {
        try watch.expectNoChange("replay", seconds: 2) { port in
          recorded.filter { $0.port == port }.prefix(1).map { frame in
            // The frame's own source would move the virtual MAC as well: that is another attack.
            Array(frame.octets[..<6]) + Capture.askerMAC(port).octets + frame.octets[12...]
          }
        }
      }
      try list.finish()
    },
    Scenario(
      name: "both-paths-dead",
      summary: "R07, R08: ge4 dead changes nothing; all dead makes two actives, which heal to one"
    ) { stage in
      let watch = try StillWatch(stage)
      let list = Checklist(stage)
      let world = watch.world
      let standby = try world.waitForPair(active: nil).peer
      try list.check("R07 ge4 dead") {
        try world.fabric.block([Port.ha.switchPort(standby)], true)
        defer { try? world.fabric.block([Port.ha.switchPort(standby)], false) }  // goes anyway
        return try watch.expectNoChange("ge4 dead", seconds: stage.isFull ? 60 : 4)
      }
      try world.waitForPair(active: standby.peer)
      try list.check("R08 all dead, then healed") { try watch.splitAndHeal(standby) }
      try list.finish()
    },
    Scenario(
      name: "operator-hands",
      summary: "S11: an operator deletes the active's virtual interface, its LAN address and its "
        + "default route; each is put back"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, .light)
      let device = "vr4-ge2-\(Plan.group)"
      for (what, command, event) in [
        ("virtual interface", "link del \(device)", "interface \(device) was gone"),
        ("LAN address", "addr del ADDRESS dev ge2", "ADDRESS of ge2"),
        ("default route", "route del default", "route to 0.0.0.0/0 via"),
      ] {
        let active = try world.waitForPair(active: nil)
        let gateway = try world.product(active)
        let address = "\(active.lanAddress)/24"
        let line = command.replacing("ADDRESS", with: address)
        let told = event.replacing("ADDRESS", with: address)
        let survival = try world.under(fleet, pause: 3000) { try gateway.host.ip([line]) }
        let now = try world.waitForPair(active: nil)
        stage.tell(
          "S11 \(what) deleted: the role \(now == active ? "stays" : "moves"), blackout "
            + "\(survival.blackoutText), \(survival.summary)")
        try stage.expect(
          try gateway.ztb("events").contains(told), "no event about \(told)")
        try stage.expectWhole(survival)
        try stage.expectOneAnswer(survival)
      }
    },
    Scenario(
      name: "reload",
      summary: "R09: a change of the policy costs no advertisement"
    ) { stage in
      let watch = try StillWatch(stage)
      for node in Node.allCases {
        let gateway = try watch.world.product(node)
        let seen = try watch.expectNoChange(
          "reload", seconds: 4,
          during: {
            var document = ZtbDocument(node: node, advertIntervalMs: 20)
            document.policyVersion = 43
            try gateway.host.write("/run/next.json", document.text)
            try gateway.ztb("config", "apply", "/run/next.json")
          })
        stage.tell("R09 \(node.name): \(seen)")
      }
    },
    Scenario(
      name: "flush-ruleset",
      summary:
        "somebody flushes every ruleset of the active: nothing that is denied passes, sessions "
        + "go on (20 times with --full, else 5)"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, .light)
      // An intruder's way in would be the pair, too.
      try world.server.ip(["route add \(Plan.lan) via \(Plan.wanVirtual)"])
      try world.client.nft(intruders)
      for round in 1...(stage.isFull ? 20 : 5) {
        let active = try world.waitForPair(active: nil)
        let gateway = try world.product(active)
        var took = Interval.zero
        let survival = try world.under(fleet, pause: 2000) {
          let knocking = try world.server.start(
            ["ping", "-q", "-i", "0.002", "-w", "3", "\(Plan.client)"], log: "ping")
          try world.pause(milliseconds: 200)
          try gateway.host.run(["nft", "flush", "ruleset"])
          let flushed = MonotonicClock.now()
          try world.wait("the policy", seconds: 3) {
            try gateway.host.attempt(["nft", "list", "map", "inet", "ztb", "loaded"]).0
              == .exited(0)
          }
          took = MonotonicClock.now() - flushed
          _ = knocking.wait(milliseconds: 5000)
        }
        stage.tell(
          "flush \(round): the policy is back after \(took.milliseconds.text(0)) ms, blackout "
            + "\(survival.blackoutText), \(survival.summary)")
        try stage.expect(took < .seconds(1), "the policy was gone for \(took)")
        try stage.expectWhole(survival)
        try stage.expect(
          try gateway.ztb("events").contains("policy.repaired"), "no event about the repair")
      }
      let counter = try world.client.run(["nft", "list", "counter", "inet", "watch", "intruders"])
      try stage.expect(counter.contains("packets 0 "), "denied packets came in: \(counter)")
    },
    Scenario(
      name: "kill-in-transition",
      summary: "R10: SIGKILL of vrrp or fence at any moment of a planned move (100 with --full, "
        + "else 6)"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, .light)
      var generator = SystemRandomNumberGenerator()
      for round in 1...(stage.isFull ? 100 : 6) {
        let active = try world.waitForPair(active: nil, seconds: 60)
        let gateway = try world.product(active)
        let victim = round % 2 == 0 ? active : active.peer
        let role = round % 3 == 0 ? "fence" : "vrrp"
        let delay = Int.random(in: 0...60, using: &generator)
        guard let pid = try world.product(victim).rolePid(role) else {
          throw LabError.failed("\(victim.name) has no running \(role)")
        }
        let survival = try world.under(fleet, pause: 2000) {
          let order = try gateway.startZtb("ha", "switchover")
          try world.pause(milliseconds: delay)
          try world.gateway(victim).host.signal(pid, SIGKILL)
          _ = order.wait(milliseconds: 5000)
        }
        stage.tell(
          "R10 \(round): \(role) of the \(victim == active ? "old" : "new") active killed "
            + "\(delay) ms into the move: blackout \(survival.blackoutText), two answered for "
            + "\((survival.arp?.gapMs ?? .nan).text()) ms")
        try stage.expectWhole(survival)
        try stage.expectOneAnswer(survival)
      }
      try world.waitForPair(active: nil, seconds: 60)
    },
  ]

  /// Counts on the client what the server asks it for.
  private static let intruders = """
    table inet watch {
      counter intruders { }
      chain in {
        type filter hook prerouting priority raw; policy accept;
        ip saddr \(Plan.server) icmp type echo-request counter name "intruders"
      }
    }

    """
}
