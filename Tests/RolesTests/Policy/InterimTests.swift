import Configuration
import Testing
import Wire

@testable import Policy

@Suite(
  "Between the two transactions of a change, in a kernel",
  .enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct InterimTests {
  /// Hosts outside reach a range of ports inside.
  private static func document(_ ports: String) throws -> ConfigurationDocument {
    let table = SemanticsTable(
      name: "interim",
      policy: """
        "services": {"some": [{"proto": "tcp", "ports": ["\(ports)"]}]},
        "rules": [{"id": "in", "tier": "allow", "from": ["any"], "to": ["lan"], "service": "some"}]
        """, cases: [])
    return try ConfigurationDocument(parsing: Array(table.document.utf8))
  }

  private static func ruleset(_ document: ConfigurationDocument, version: UInt32) -> Ruleset {
    var policy = document.policy
    policy.version = version
    let hash = [UInt8](repeating: UInt8(version), count: 32)
    return PolicyCompiler.compile(policy, document.policyContext(hash: hash))
  }

  private static func packet(_ port: UInt16) throws -> PolicyPacket {
    PolicyPacket(
      inInterface: "ge3", outInterface: "ge2", source: try #require(IPAddress("192.0.2.80")),
      destination: try #require(IPAddress("10.1.0.9")), protocolNumber: 6, port: port)
  }

  @Test(
    "the old stamp counts until the second one, and what was allowed meanwhile no longer than that")
  func steps() throws {
    let (before, after) = (try Self.document("8000-8010"), try Self.document("9000-9010"))
    let (old, new) = (Self.ruleset(before, version: 1), Self.ruleset(after, version: 2))
    let steps = new.deltas(from: old)
    #expect(steps.count == 2)
    try OwnNamespace.run {
      let router = try DocumentRouter(before)
      // One connection for each port.
      func passes(_ port: UInt16) throws -> Bool {
        let packet = try Self.packet(port)
        return try router.wayOut(packet, as: packet, sourcePort: port) == "ge2"
      }
      try router.run(old.text)
      #expect(try passes(8001) && !passes(9001))
      try router.run(steps[0])
      // The rules are the new ones, the connections of the old ones go on.
      #expect(try passes(8001) && !passes(8002))
      #expect(try passes(9001) && passes(9001))
      // Taken back: what was allowed meanwhile is judged again.
      for text in [old.texts(over: [1, 0, 0]).rules, old.texts(over: [1, 0, 0]).stamp] {
        try router.run(text)
      }
      #expect(try passes(8001) && !passes(9001))
      // Kept: so are those from before.
      for step in steps { try router.run(step) }
      #expect(try !passes(8001) && passes(9001))
      // Whose stamp nobody knows is judged when the second transaction is there.
      let texts = new.texts(over: [])
      try router.run(texts.rules)
      #expect(try !passes(9001) && !passes(9002))
      try router.run(texts.stamp)
      #expect(try passes(9001) && passes(9002) && !passes(8001))
    }
  }
}
