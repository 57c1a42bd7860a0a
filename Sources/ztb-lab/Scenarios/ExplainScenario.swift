import Linux
import Wire

extension Scenario {
  /// Real packets, explained.
  static let explanation = [
    Scenario(
      name: "explain-live",
      summary:
        "of packets that come by it is said what the kernel did with them and by which rule; on the "
        + "standby none come by; nothing of it stays in the kernel, and nothing is taken for tampering"
    ) { try LiveExplanation($0).tell() }
  ]
}

/// A pair, a client that asks the server for something, and an engineer who watches.
private struct LiveExplanation {
  /// Denied by a rule of its own.
  private static let closedPort = 9
  private static let seconds = 6
  /// The kernel is told to follow for so much longer than anybody watches.
  private static let afterwards = 3_000

  private let stage: Stage
  private let world: World

  init(_ stage: Stage) throws {
    self.stage = stage
    world = try stage.makeWorld()
  }

  func tell() throws {
    let active = try world.waitForPair(active: nil)
    for node in [active.peer, active] { try apply(node) }
    // One packet for the rule, the others are of its connection.
    let echo = try watch(active, "icmp", "ping -c 5 -i 0.2 \(Plan.server)")
    try expect(echo, "5 echo requests", ["allowed lan-out"] + Array(repeating: "passed", count: 4))
    let closed = try watch(
      active, "tcp/\(Self.closedPort)",
      "timeout 0.5 bash -c '>/dev/tcp/\(Plan.server)/\(Self.closedPort)'")
    try expect(closed, "a denied connection", ["denied no-nine"])
    let none = try watch(active.peer, "icmp", "ping -c 2 -i 0.2 \(Plan.server)")
    try expect(none, "the standby", [])

    try world.pause(milliseconds: Self.afterwards)
    for node in Node.allCases {
      let gateway = try world.product(node)
      let tables = try gateway.host.run(["nft", "list", "tables"])
      try stage.expect(!tables.contains("trace"), "left in the kernel of \(node.name): \(tables)")
      let events = try gateway.ztb("events")
      try stage.expect(!events.contains("policy.repaired"), "it was taken for tampering: \(events)")
    }
  }

  private func apply(_ node: Node) throws {
    var document = ZtbDocument(node: node, advertIntervalMs: 20)
    document.policyVersion = 43
    document.services = "\"nine\": [{\"proto\": \"tcp\", \"ports\": [\"\(Self.closedPort)\"]}]"
    document.rules =
      "{\"id\": \"no-nine\", \"tier\": \"deny\", \"from\": [\"lan\"], \"to\": [\"any\"], "
      + "\"service\": \"nine\"},"
    let gateway = try world.product(node)
    try gateway.host.write("/run/next.json", document.text)
    try gateway.ztb("config", "apply", "/run/next.json")
  }

  /// What is said of a service while the client, two seconds later, runs a command.
  private func watch(_ node: Node, _ service: String, _ command: String) throws -> JSON {
    try world.client.start(["sh", "-c", "sleep 2; \(command)"], log: "explained")
    let text = try world.product(node).ztb(
      "policy", "explain", "--from", "\(Plan.client)", "--to", "\(Plan.server)", "--service",
      service, "--live", "\(Self.seconds)", "--json")
    return try JSON(parsing: text)
  }

  private func expect(_ found: JSON, _ what: String, _ expected: [String]) throws {
    let packets = found["packets"].array
    let ends = packets.map { packet in
      [packet["verdict"].text, packet["rule"].text].compactMap { $0 }.joined(separator: " ")
    }
    let ways = Set(packets.map { "\($0["came"].text ?? "-") to \($0["left"].text ?? "-")" })
    stage.tell("\(what): \(ends) by \(ways.sorted()), \(found["seen"].int ?? -1) seen")
    try stage.expect(ends == expected, "\(what): \(ends), expected \(expected)")
    try stage.expect(
      found["seen"].int == expected.count, "\(what): seen \(found["seen"].int ?? -1)")
  }
}
