import Linux
import Wire

extension Scenario {
  /// Changes that nobody has to confirm.
  static let canaries = [
    Scenario(
      name: "canaries",
      summary:
        "a policy is kept as soon as the other node and the page on the management port are there "
        + "under it, taken back where the other node is dead, and refused where nobody could come"
    ) { try Canaries($0).tell() }
  ]
}

/// A pair whose policy is changed from afar.
private struct Canaries {
  private let stage: Stage
  private let world: World

  init(_ stage: Stage) throws {
    self.stage = stage
    world = try stage.makeWorld()
  }

  func tell() throws {
    let active = try world.waitForPair(active: nil)
    let gateway = try world.product(active)
    try write(gateway, version: 43)
    let (status, words) = try gateway.attempt(
      "policy", "apply", "/run/next.json", "--canary", "peer,controller")
    try stage.expect(
      status != .exited(0) && words.contains("canary controller: no portal manages this gateway"),
      "a controller that nobody has: \(words)")
    try stage.expect(try version(gateway) == 42, "it was put in force all the same")

    stage.tell(try gateway.ztb("policy", "apply", "/run/next.json", "--canary", "peer,management"))
    try world.wait("its confirmation", seconds: 5) {
      try gateway.ztb("events").contains("config.confirmed")
    }
    try stage.expect(try version(gateway) == 43, "it is not in force")

    try world.cutPower(active.peer)
    world.gateway(active.peer).host.waitForEnd()
    try write(gateway, version: 44)
    try gateway.ztb(
      "policy", "apply", "/run/next.json", "--canary", "peer,management", "--confirm-within", "4")
    try stage.expect(try version(gateway) == 44, "it did not come into force")
    try world.wait("its end", seconds: 10) { try version(gateway) == 43 }
    let events = try gateway.ztb("events")
    let end = events.split(separator: "\n").last { $0.contains("config.rolled-back") } ?? ""
    stage.tell(String(end))
    try stage.expect(end.contains("not there in time: peer"), "it is not said why: \(events)")
  }

  private func write(_ gateway: ZtbGateway, version: Int) throws {
    var document = ZtbDocument(node: gateway.node, advertIntervalMs: 20)
    document.policyVersion = version
    try gateway.host.write("/run/next.json", document.text)
  }

  private func version(_ gateway: ZtbGateway) throws -> Int? {
    try JSON(parsing: try gateway.ztb("policy", "show", "--json"))["version"].int
  }
}
