import Configuration
import Linux
import Messages
import Netlink
import Policy
import Testing
import Wire

@testable import Roles

/// Connections that helpers announced, in a kernel.
@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct AnnouncedTests {
  /// Calls to a provider are allowed; in the second version not those of the guests' telephones.
  private static func configuration(
    _ version: Int, helpers: String = "\"sip\"", deniesSecond: Bool = false
  ) throws -> PolicyConfiguration {
    let denial = """
      ,{"id": "no", "tier": "deny", "from": ["second"], "to": ["wan"], "service": "sip"}
      """
    let table = SemanticsTable(
      name: "announced",
      policy: """
        "groups": {"second": {"id": 12, "zone": "lan", "nets": ["10.1.0.8/32"]}},
        "services": {"sip": [{"proto": "udp", "ports": ["5060"]}]},
        "rules": [{"id": "out", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "sip"}
                  \(deniesSecond ? denial : "")]
        """, cases: [])
    let text = table.document
      .replacing("\"version\": 42", with: "\"version\": \(version)")
      .replacing("\"nat\":", with: "\"helpers\": [\(helpers)], \"nat\":")
    let document = try ConfigurationDocument(parsing: Array(text.utf8))
    return PolicyConfiguration(
      document: document.canonical,
      appliedHash: [UInt8](repeating: UInt8(truncatingIfNeeded: version), count: 32))
  }

  private static func tuple(
    _ from: IPv4Address, _ to: IPv4Address, _ port: UInt16, _ sourcePort: UInt16
  ) -> FlowTuple {
    FlowTuple(
      transport: .udp, source: FlowAddress(from), destination: FlowAddress(to),
      sourcePort: sourcePort, destinationPort: port)
  }

  @Test("what was announced has the stamp of the moment while who announced it is allowed")
  func stamped() throws {
    try OwnNamespace.run {
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(try Self.configuration(42), at: .zero)
      let first = try #require(enforcer.wanted?.ruleset.stamp)
      let far = IPv4Address(192, 0, 2, 80)
      var batch = MessageBatch()
      // By the source ports: what telephones say (1, 2) and hear (11, 12), and what nobody announced.
      for host: UInt8 in [1, 2] {
        let telephone = IPv4Address(10, 1, 0, 6 + host)
        var dialogue = Flow(tuple: Self.tuple(telephone, far, 5060, UInt16(host)))
        var media = Flow(tuple: Self.tuple(far, telephone, 6000, UInt16(10 + host)))
        media.master = dialogue.tuple
        media.status = .expected
        (dialogue.mark, media.mark) = (first, first)
        _ = batch.create(dialogue, timeoutSeconds: 60)
        _ = batch.create(media, timeoutSeconds: 60)
      }
      var stranger = Flow(tuple: Self.tuple(far, IPv4Address(10, 1, 0, 7), 6002, 20))
      stranger.mark = first
      _ = batch.create(stranger, timeoutSeconds: 60)
      batch.acknowledgeLast()
      try NetlinkDump.run(batch.bytes, subject: "test") { _ in true }
      #expect(try FlowMarks.all() == [1: first, 2: first, 11: first, 12: first, 20: first])
      try enforcer.configure(try Self.configuration(43, deniesSecond: true), at: .zero)
      let second = try #require(enforcer.wanted?.ruleset.stamp)
      #expect(second != first && enforcer.status.error.isEmpty)
      #expect(try FlowMarks.all() == [1: first, 2: first, 11: second, 12: first, 20: first])
      // Without a helper nobody goes by what was announced.
      try enforcer.configure(try Self.configuration(44, helpers: ""), at: .zero)
      #expect(try FlowMarks.all() == [1: first, 2: first, 11: second, 12: first, 20: first])
      // A node that takes over, with what the other one had not stamped yet.
      try enforcer.configure(try Self.configuration(45), at: .zero)
      let last = try #require(enforcer.wanted?.ruleset.stamp)
      #expect(try FlowMarks.all() == [1: first, 2: first, 11: last, 12: last, 20: first])
      try KernelConnections.mark(Set(try KernelConnections.announced().map(\.tuple)), first)
      enforcer.promoted()
      #expect(try FlowMarks.all() == [1: first, 2: first, 11: last, 12: last, 20: first])
    }
  }
}
