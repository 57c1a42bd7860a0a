import JSON
import Linux
import Wire

extension ApplianceStory {
  /// The pair becomes another version and stays it.
  static let updateSteps = [
    Step(
      name: "update-pair",
      summary:
        "1.0.0 to 2.0.0 by one command at the portal, under a download: nothing breaks"
    ) { scene in
      _ = try scene.waitForPair()
      let fleet = try scene.runningFleet()
      let download = try scene.slowDownload()
      defer { download.stop() }
      try fleet.strike {}
      try scene.updateSite(to: .second)
      let active = try scene.waitForPair(seconds: 240)
      scene.stage.tell("\(active.name) is active, \(active.peer.name) in sync")
      for node in Node.allCases { try scene.expectVersion(node, .second) }
      let survival = try fleet.settle(seconds: 40)
      scene.stage.tell("two updates, two restarts: \(survival.summary)")
      if !survival.isWhole { scene.stage.tell(survival) }
      try scene.stage.expectWhole(survival)
      try scene.expectWhole(download)
    },
    Step(
      name: "update-downgrade", summary: "back to 1.0.0 is refused, said why"
    ) { scene in
      let active = try scene.waitForPair()
      // The web server of the loads offers it.
      _ = try scene.runningFleet()
      try scene.offer(.first)
      try scene.withShell(active.peer) { shell in
        let update = try shell.install(
          ApplianceImages.Build.first.rawValue, until: ["failed"], scene.world)
        scene.stage.tell("1.0.0: \(update["reason"].text ?? "")")
      }
      try scene.expectVersion(active.peer, .second)
    },
  ]
}

extension ApplianceScene {
  /// Gives the portal a bundle and has it update the site; tells each step.
  fileprivate func updateSite(to build: ApplianceImages.Build) throws {
    let admin = try admin()
    try admin.addSoftware(try Files.read(try images.bundle(build), limitBytes: 1 << 28))
    let path = "/api/v3/sites/\(try site().id)/update"
    let began = MonotonicClock.now()
    try admin.call("POST", path, .of(("version", .string(build.version))))
    var last = ""
    try world.wait("the update of the site to end", seconds: 1_200) {
      let update = try admin.call("GET", path)["update"]
      let steps = update["steps"].array.map {
        "\($0["gateway"].text ?? ""): \($0["step"].text ?? "")"
      }
      let phase = update["phase"].text ?? ""
      let words = [phase, steps.first ?? "", update["reason"].text ?? ""].joined(separator: " ")
      if words != last { stage.tell("\(Scenario.seconds(since: began)) s: \(words)") }
      last = words
      try stage.expect(!["failed", "cancelled"].contains(phase), "the update: \(words)")
      return phase == "done"
    }
  }

  /// A download that takes eight minutes, to the end of both updates.
  fileprivate func slowDownload() throws -> LoadHandle {
    let command = [
      "curl", "-sS", "--limit-rate", "25k", "-o", "/run/slow", "http://\(Plan.server)/long",
    ]
    let load = try LoadHandle(
      "transfer", in: world.client, world.workspace,
      [LoadOptions.packed(command), "file=/run/slow", "size=\(Fleet.longFile)"], name: "slow")
    try load.ask(.ready)
    return load
  }

  /// Waits for the download's end; it must be the original, octet for octet.
  fileprivate func expectWhole(_ download: LoadHandle) throws {
    var report = Report()
    try world.wait("the slow download to end", seconds: 600) {
      report = try download.ask(.report)
      return report.alive == 1 || !report.notes.isEmpty
    }
    try stage.expect(report.alive == 1, "the download: \(report.notes.joined(separator: "; "))")
    stage.tell("the download of \(Fleet.longFile >> 20) MiB is byte-exact")
  }
}
