import Linux
import Wire

extension ApplianceStory {
  /// The pair becomes another version and stays it.
  static let updateSteps = [
    Step(
      name: "update-pair",
      summary: "1.0.0 to 2.0.0 under a running download, the standby first: nothing breaks"
    ) { scene in
      let active = try scene.waitForPair()
      let fleet = try scene.runningFleet()
      try scene.offer(.second)
      let download = try scene.slowDownload()
      defer { download.stop() }
      try fleet.strike {}
      for node in [active.peer, active] {
        let began = MonotonicClock.now()
        try scene.install(.second, node)
        try EmergencyShell(scene, node).send("ztb update activate")
        try scene.waitUntilReady(node, since: began, seconds: 300)
        let now = try scene.waitForPair(seconds: 240)
        scene.stage.tell(
          "\(node.name): updated and in sync after \(Scenario.seconds(since: began)) s; "
            + "\(now.name) is active")
        try scene.expectVersion(node, .second)
      }
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
  /// A download that takes minutes, to the end of both updates.
  fileprivate func slowDownload() throws -> LoadHandle {
    let command = [
      "curl", "-sS", "--limit-rate", "60k", "-o", "/run/slow", "http://\(Plan.server)/long",
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
    try world.wait("the slow download to end", seconds: 400) {
      report = try download.ask(.report)
      return report.alive == 1 || !report.notes.isEmpty
    }
    try stage.expect(report.alive == 1, "the download: \(report.notes.joined(separator: "; "))")
    stage.tell("the download of \(Fleet.longFile >> 20) MiB is byte-exact")
  }
}
