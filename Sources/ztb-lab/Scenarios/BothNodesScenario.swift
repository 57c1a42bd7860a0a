import Linux
import Wire

extension Scenario {
  /// One command for both nodes.
  static let bothNodes = [
    Scenario(
      name: "apply-both",
      summary:
        "one command puts a policy in force on both nodes, under load, and both keep it or both take "
        + "it back: confirmed, not confirmed, refused by the other node, or with the other node dead"
    ) { try BothNodes($0).tell() }
  ]
}

/// A pair, and an engineer at its active node.
private final class BothNodes {
  /// Seconds for a confirmation that does not come.
  private static let seconds = 6

  private let stage: Stage
  private let world: World
  private let server: LoadHandle
  private let sessions: LoadHandle

  init(_ stage: Stage) throws {
    self.stage = stage
    world = try stage.makeWorld()
    server = try LoadHandle("session-server", in: world.server, world.workspace)
    try server.ask(.ready)
    sessions = try LoadHandle("sessions", in: world.client, world.workspace, ["count=50"])
    stage.onEnd { [self] in
      sessions.stop()
      server.stop()
    }
    try sessions.ask(.ready)
  }

  func tell() throws {
    let active = try world.waitForPair(active: nil)
    try sessions.ask(.mark)
    stage.tell(try apply(43, on: active))
    try expectBoth(43, "at once")
    try expectKept("without a wish to confirm")

    stage.tell(try apply(44, on: active, "--confirm-within", "\(Self.seconds)"))
    try expectBoth(44, "before anybody confirmed")
    try world.wait("the way back of both", seconds: 60) {
      try Node.allCases.allSatisfy { try version($0) == 43 }
    }

    try apply(45, on: active, "--confirm-within", "60")
    stage.tell(try world.product(active).ztb("policy", "confirm"))
    try expectBoth(45, "confirmed")
    try expectKept("after the confirmation")

    try expectRefusal(on: active.peer, "this node is not the active one")
    // A change of its own on the other node is in the way.
    try apply(46, on: active.peer, both: false, "--confirm-within", "600")
    try expectRefusal(on: active, "the other node: another change is not confirmed yet")
    try world.product(active.peer).ztb("policy", "rollback")
    try expectBoth(45, "after a refusal")

    try expectLateWord(on: active)

    try sessions.ask(.struck)
    try world.pause(milliseconds: 1_500)
    let report = try sessions.ask(.report)
    stage.tell("sessions \(report.alive)/\(report.total)")
    try stage.expect(report.alive == report.total && report.resets == 0, "sessions ended")

    try world.cutPower(active.peer)
    world.gateway(active.peer).host.waitForEnd()
    try world.wait("the loss of the other node", seconds: 20) {
      try world.product(active).status()["sync"]["ready"].bool == false
    }
    try expectRefusal(on: active, "the other node")
    try stage.expect(try version(active) == 48, "it was put in force all the same")
  }

  /// The word to keep it is lost with the HA link, and is said again when the nodes speak again; so is the
  /// word to take it back.
  private func expectLateWord(on active: Node) throws {
    let cable = Port.ha.switchPort(active)
    for (policy, verb, kept) in [(48, "confirm", 48), (49, "rollback", 48)] {
      try apply(policy, on: active, "--confirm-within", "60")
      try expectBoth(policy, "before the HA link broke")
      try world.fabric.plug(cable, in: false)
      try world.wait("the loss of the HA link", seconds: 20) {
        try world.product(active).status()["sync"]["ready"].bool == false
      }
      stage.tell("without the HA link: " + (try world.product(active).ztb("policy", verb)))
      try stage.expect(
        try version(active) == kept && version(active.peer) == policy, "the word went through")
      try world.fabric.plug(cable, in: true)
      // Long before the other node would take it back by itself.
      try world.wait("the late word to \(verb)", seconds: 20) {
        try Node.allCases.allSatisfy { try version($0) == kept }
      }
      _ = try world.waitForPair(active: active)
      try expectKept("after the late word to \(verb)")
    }
  }

  @discardableResult
  private func apply(
    _ version: Int, on node: Node, both: Bool = true, _ options: String...
  ) throws -> String {
    let (status, words) = try attempt(version, on: node, both: both, options)
    try stage.expect(status == .exited(0), "policy \(version) on \(node.name): \(words)")
    return words
  }

  private func attempt(
    _ version: Int, on node: Node, both: Bool = true, _ options: [String] = []
  ) throws -> (ExitStatus, String) {
    var document = ZtbDocument(node: node, advertIntervalMs: 20)
    document.policyVersion = version
    let gateway = try world.product(node)
    try gateway.host.write("/run/next.json", document.text)
    let arguments = ["policy", "apply", "/run/next.json"] + (both ? ["--both"] : []) + options
    return try gateway.attempt(arguments)
  }

  private func expectRefusal(on node: Node, _ words: String) throws {
    let (status, text) = try attempt(47, on: node)
    stage.tell("\(node.name): \(text)")
    try stage.expect(status != .exited(0) && text.contains(words), "not refused so: \(text)")
  }

  private func expectBoth(_ wanted: Int, _ when: String) throws {
    for node in Node.allCases {
      let found = try version(node)
      try stage.expect(found == wanted, "\(when): \(node.name) has \(found ?? -1), not \(wanted)")
    }
  }

  /// Nothing waits on either node to be confirmed.
  private func expectKept(_ when: String) throws {
    try world.wait("both nodes keep it, \(when)", seconds: 5) {
      try Node.allCases.allSatisfy { node in
        try world.product(node).status()["alarms"].array.allSatisfy {
          $0.text?.contains("waits for ztb config confirm") == false
        }
      }
    }
  }

  private func version(_ node: Node) throws -> Int? {
    try JSON(parsing: try world.product(node).ztb("policy", "show", "--json"))["version"].int
  }
}
