import HTTP
import HTTPClient
import JSON
import Linux
import Wire

extension Scenario {
  /// The portal for itself.
  static let portal = [
    Scenario(
      name: "portal-hostile",
      summary: "hostile requests, each met with the right status; the portal goes on for others"
    ) { stage in
      let (world, portal, admin) = try stage.makePortal()
      try world.attach(world.laptop, .wan, Plan.laptopWireless, interface: "wlan0")
      let scene = try HostileScene(try Attacker(world.laptop, world), admin)
      let all =
        HostileRequest.anonymous + HostileRequest.activation + HostileRequest.users
        + HostileRequest.gateways
      var rows: [[String]] = []
      var wrong: [String] = []
      for request in all {
        let outcome = try request.send(scene)
        let isRight = request.expected.contains(outcome)
        rows.append([request.title, outcome.description, isRight ? "" : "WRONG"])
        if !isRight {
          let wanted = request.expected.map(\.description).joined(separator: " or ")
          wrong.append("\(request.title): \(outcome) instead of \(wanted)")
        }
      }
      Output.table(rows.map { ["   "] + $0 })
      stage.tell("\(all.count) hostile requests, \(wrong.count) of them met wrongly")
      try expectPatience(stage, scene)
      try stage.expect(portal.isRunning, "the portal has ended")
      try stage.expect(
        try admin.site(scene.site.id).gateways.count == 2, "the portal has lost a site")
      try stage.expect(wrong.isEmpty, wrong.joined(separator: "; "))
    },
    Scenario(
      name: "portal-crash",
      summary: "SIGKILL under load loses nothing that the portal acknowledged (10 rounds, else 3)"
    ) { stage in
      let (world, portal, admin) = try stage.makePortal()
      let template = try admin.template("zt400", isPair: true)
      let body = String(
        decoding: SiteShape("NAME").body(template: template).canonical, as: UTF8.self)
      let headers = (admin.headers + [HTTPField("Content-Type", "application/json")])
        .map { "\($0.name):\($0.value)" }.joined(separator: "\u{1f}")
      var acknowledged: Set<Int> = []
      for round in 1...(stage.isFull ? 10 : 3) {
        let writers = try LoadHandle(
          "writers", in: portal.host, world.workspace,
          [
            "url=\(Portal.url)", "path=/api/v3/sites", "body=\(body)", "headers=\(headers)",
            "prefix=round-\(round)", "count=8",
          ])
        defer { writers.stop() }
        try world.pause(milliseconds: 1500 + 137 * round)
        portal.kill()
        let report = try writers.ask(.finish)
        let new = report.notes.compactMap { Int($0) }
        acknowledged.formUnion(new)
        try portal.start()
        let kept = Set(
          try admin.call("GET", "/api/v3/sites")["sites"].array.compactMap { $0["id"].int })
        let lost = acknowledged.subtracting(kept)
        stage.tell(
          "round \(round): \(new.count) acknowledged writes, \(report.lost) without an answer, "
            + "\(lost.count) lost; \(kept.count) sites in all")
        try stage.expect(!new.isEmpty, "nothing was written before the crash")
        try stage.expect(lost.isEmpty, "acknowledged and lost: \(lost.sorted())")
      }
    },
  ]

  /// 300 connections that say nothing, and a body that never ends, are nobody else's trouble.
  private static func expectPatience(_ stage: Stage, _ scene: HostileScene) throws {
    let silent = try scene.attacker.silentConnections(300)
    try scene.attacker.host.start(
      [
        "sh", "-c",
        "{ printf 'POST /api/v3/activation/anchor HTTP/1.1\\r\\nHost: x\\r\\n"
          + "Content-Type: application/json\\r\\nContent-Length: 1000\\r\\n\\r\\n{'; "
          + "for i in 1 2 3 4 5 6; do sleep 1; printf x; done; } | timeout 8 openssl s_client -quiet "
          + "-connect \(Plan.portal):\(Plan.portalPort)",
      ], log: "slow")
    var longest = 0.0
    for _ in 0..<20 {
      let began = MonotonicClock.now()
      _ = try scene.admin.call("GET", "/api/v3/sites/\(scene.site.id)")
      longest = max(longest, (MonotonicClock.now() - began).milliseconds)
    }
    stage.tell(
      "\(silent.count) silent connections and a slow body: others wait \(longest.text()) ms at most"
    )
    try stage.expect(longest < 1000, "an honest request took \(longest.text()) ms")
  }
}

extension Stage {
  /// A portal that was set up, in a world without gateways.
  func makePortal() throws -> (World, Portal, PortalAdmin) {
    guard case .ztb(let program, _) = kind else { throw LabError.missing("a peer has no portal") }
    let world = try makeEmptyWorld()
    let portal = try Portal(world, program: try Portal.program(beside: program))
    return (world, portal, try PortalAdmin(portal, world))
  }
}
