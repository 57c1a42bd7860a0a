import Linux
import Wire

extension ApplianceStory {
  /// One machine whose updates go wrong: each time the old version runs, and says why.
  static let returns = ApplianceStory(
    name: "returns",
    steps: [
      Step(name: "activate-one", summary: "a single gateway, by code", isFoundation: true) {
        scene in
        try scene.boot(.a)
        let site = try scene.addSite(isPair: false)
        try scene.activateByCode(.a, site.gateways[0])
        try scene.admin().waitForState(site, 0, "Standalone", seconds: 120)
        try scene.serveBundles()
      },
      Step(
        name: "update-refused",
        summary: "broken bundle, wrong signature, cut short: refused, said why"
      ) { scene in
        for damage in BundleDamage.allCases {
          try scene.withShell(.a) { shell in
            let update = try shell.install(damage.rawValue, until: ["failed"], scene.world)
            let reason = update["reason"].text ?? ""
            scene.stage.tell("\(damage.rawValue): \(reason)")
            try scene.stage.expect(!reason.isEmpty, "\(damage.rawValue): no reason is given")
          }
          try scene.expectVersion(.a, .first)
        }
      },
      Step(
        name: "update-corrupt", summary: "the new root is corrupted on the disk: automatic return"
      ) { scene in
        try scene.install(.second, .a)
        try scene.world.cutPower(.a)
        try scene.disk(.a).flip("root-b")
        try scene.expectReturn(.a) { try scene.world.restorePower(.a) }
      },
      Step(
        name: "update-crashing", summary: "the new supervisor ends at once: automatic return"
      ) { scene in
        try scene.install(.crashing, .a)
        try scene.expectReturn(.a) {
          let machine = try scene.machine(.a)
          try machine.control("system_reset")
        }
      },
      Step(
        name: "update-power-cut",
        summary: "power cut at five points of writing: the old version runs"
      ) { scene in
        // The last in its story: a cut after the end starts the new version.
        for percent in [0, 25, 50, 75, 99] { try scene.cutPower(.a, whileWriting: percent) }
      },
    ])
}

/// What can be wrong with a bundle; the raw value names its file.
enum BundleDamage: String, CaseIterable {
  case octet, signature, short

  /// The octets of a good bundle, spoilt.
  func apply(to octets: [UInt8]) throws -> [UInt8] {
    var spoilt = octets
    switch self {
    case .octet: spoilt[octets.count / 2] ^= 1
    case .short: spoilt.removeLast(100_000)
    case .signature:
      // Magic 8, format 4, length of the manifest 4, manifest, signature 64.
      let length = octets[12..<16].reduce(0) { $0 << 8 | Int($1) }
      guard 16 + length + 64 < octets.count else { throw LabError.failed("this is no bundle") }
      spoilt[16 + length + 10] ^= 1
    }
    return spoilt
  }
}

extension EmergencyShell {
  /// The `software` part of the status document.
  func software() throws -> JSON {
    let text = try run("ztb status --json")
    guard let start = text.firstIndex(of: "{"), let end = text.lastIndex(of: "}") else {
      throw LabError.failed("the shell shows no status: \(text.suffix(300))")
    }
    return try JSON(parsing: String(text[start...end]))["software"]
  }

  /// What the boot loader finds, and what the box noted of its software.
  func entries() throws -> String {
    try run(
      "mkdir -p /tmp/esp; mount -t vfat -o ro /dev/ztb/esp /tmp/esp; ls /tmp/esp/EFI/Linux; "
        + "umount /tmp/esp; ztb events | grep -i -e update -e boot; grep -i -e entries -e loader /data/log/ztbd.log"
    )
  }

  /// Begins to install a bundle of the server. The command may show its progress to the end, so it
  /// is left behind.
  func install(_ name: String) throws {
    let address = "http://\(Plan.server)/\(name).ztb"
    let answer = try run(
      "ztb update install \(address) >/tmp/update 2>&1 & sleep 3; cat /tmp/update", seconds: 60)
    guard !answer.contains("usage:") else { throw LabError.missing("ztb knows no updates") }
  }

  /// Installs a bundle of the server until it is in one of these states; what is told of it.
  func install(_ name: String, until states: [String], _ world: World) throws -> JSON {
    try install(name)
    var update = JSON(nil)
    do {
      try world.wait("", seconds: 240) {
        // Each question costs the emulated processor a good part of a second.
        try world.pause(milliseconds: 4_000)
        update = try software()["update"]
        return states.contains(update["state"].text ?? "")
      }
    } catch LabError.timeout {
      throw LabError.timeout(
        "the update to be \(states.joined(separator: " or ")); it is "
          + "\(update["state"].text ?? "unknown") \(update["percent"].int ?? 0) % "
          + "\(update["reason"].text ?? "")")
    }
    return update
  }
}

extension ApplianceScene {
  /// A web server with good and spoilt bundles.
  fileprivate func serveBundles() throws {
    let server = world.server
    try server.write("/run/nginx.conf", RealPrograms.nginx(listen: "80", rate: "0"))
    try offer(.second)
    try offer(.crashing)
    let good = try Files.read(try images.bundle(.second), limitBytes: 1 << 28)
    try server.inside {
      for damage in BundleDamage.allCases {
        try Files.replace(
          "/run/data/\(damage.rawValue).ztb", with: try damage.apply(to: good), mode: 0o644)
      }
    }
    try server.start(["nginx", "-c", "/run/nginx.conf", "-e", "stderr"], log: "nginx")
  }

  /// Puts a bundle where the server's web server finds it.
  func offer(_ build: ApplianceImages.Build) throws {
    try world.server.run(["cp", try images.bundle(build), "/run/data/\(build.rawValue).ztb"])
  }

  /// Runs `body` with a root shell at a node's console.
  func withShell(_ node: Node, _ body: (EmergencyShell) throws -> Void) throws {
    let shell = try EmergencyShell(self, node)
    try body(shell)
    try shell.leave()
  }

  /// Fails unless a node runs the version of a build.
  @discardableResult
  func expectVersion(_ node: Node, _ build: ApplianceImages.Build) throws -> JSON {
    var software = JSON(nil)
    try withShell(node) { software = try $0.software() }
    try stage.expect(
      software["version"].text == build.version,
      "\(node.name) runs \(software["version"].text ?? "nothing"), not \(build.version)")
    return software["update"]
  }

  /// Installs a good bundle; the next start is its trial.
  func install(_ build: ApplianceImages.Build, _ node: Node) throws {
    try withShell(node) { shell in
      let update = try shell.install(build.rawValue, until: ["installed", "failed"], world)
      try stage.expect(
        update["state"].text == "installed", "\(build.version): \(update["reason"].text ?? "")")
    }
  }

  /// Cuts the power when writing has come so far; afterwards the old version runs.
  fileprivate func cutPower(_ node: Node, whileWriting percent: Int) throws {
    let shell = try EmergencyShell(self, node)
    try shell.install(ApplianceImages.Build.second.rawValue)
    var seen = JSON(nil)
    try world.wait("writing to be at \(percent) %", seconds: 240) {
      // Often enough to hit the point, not so often that nothing else runs.
      try world.pause(milliseconds: 700)
      seen = try shell.software()["update"]
      switch seen["state"].text {
      case "writing": return seen["percent"].int ?? 0 >= percent
      case "installed": return true
      case "failed": throw LabError.failed(seen["reason"].text ?? "no reason")
      default: return false
      }
    }
    try world.cutPower(node)
    try restorePower(node)
    let now = seen["state"].text == "installed" ? nil : try expectVersion(node, .first)
    stage.tell(
      "cut at \(seen["state"].text ?? "") \(seen["percent"].int ?? 0) %: "
        + (now.map { "1.0.0 runs; \($0["state"].text ?? "") \($0["reason"].text ?? "")" }
          ?? "the installation had ended"))
  }

  /// Starts the trial of a version that cannot work; the old one must come back and say why.
  fileprivate func expectReturn(_ node: Node, _ start: () throws -> Void) throws {
    let began = MonotonicClock.now()
    try start()
    let readiness = try waitUntilReady(node, since: began, seconds: 600)
    let update = try expectVersion(node, .first)
    stage.tell(
      "returned after \(readiness.seconds.text()) s; \(update["state"].text ?? ""): "
        + "\(update["reason"].text ?? "")")
    if update["state"].text != "returned" { try withShell(node) { stage.tell(try $0.entries()) } }
    try stage.expect(update["state"].text == "returned", "it does not say that it returned")
    try stage.expect(update["reason"].text?.isEmpty == false, "it does not say why")
  }
}
