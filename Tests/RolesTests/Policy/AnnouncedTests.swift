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
  /// Calls to a provider are allowed; with `deniesSecond` not the second telephone's.
  private static func configuration(
    _ version: Int, helpers: String = "\"sip\"", deniesSecond: Bool = false, members: String = ""
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
                  \(deniesSecond ? denial : "")]\(members)
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

  private static let far = IPv4Address(192, 0, 2, 80)

  /// What two telephones say (from ports 1, 2) and hear (11, 12), a call that the provider opened to the
  /// first one (13) with its media (14), and what is not between the ends of a call (20).
  private static func begin(_ mark: UInt32) throws {
    var batch = MessageBatch()
    func add(_ tuple: FlowTuple, of master: FlowTuple? = nil) {
      var flow = Flow(tuple: tuple)
      (flow.mark, flow.master) = (mark, master)
      if master != nil { flow.status = .expected }
      _ = batch.create(flow, timeoutSeconds: 60)
    }
    let telephones = [IPv4Address(10, 1, 0, 7), IPv4Address(10, 1, 0, 8)]
    for (index, telephone) in telephones.enumerated() {
      let dialogue = tuple(telephone, far, 5060, UInt16(1 + index))
      add(dialogue)
      add(tuple(far, telephone, 6000, UInt16(11 + index)), of: dialogue)
    }
    let call = tuple(far, telephones[0], 5060, 13)
    add(call, of: tuple(telephones[0], far, 5060, 1))
    add(tuple(far, telephones[0], 6004, 14), of: call)
    let stranger = IPv4Address(192, 0, 2, 81)
    add(tuple(stranger, telephones[0], 6002, 20), of: tuple(telephones[0], far, 5060, 1))
    batch.acknowledgeLast()
    try NetlinkDump.run(batch.bytes, subject: "test") { _ in true }
  }

  @Test("what was announced has the stamp of the moment while who announced it is allowed")
  func stamped() throws {
    try OwnNamespace.run {
      let enforcer = try PolicyEnforcer()
      func stamp(_ configuration: PolicyConfiguration) throws -> UInt32 {
        try enforcer.configure(configuration, at: .zero)
        #expect(enforcer.status.error.isEmpty && !enforcer.mustStampAnnounced)
        return try #require(enforcer.wanted?.ruleset.stamp)
      }
      let old = try stamp(try Self.configuration(42))
      try Self.begin(old)
      var marks: [UInt16: UInt32] = [1: old, 2: old, 11: old, 12: old, 13: old, 14: old, 20: old]
      #expect(try FlowMarks.all() == marks)
      func give(_ mark: UInt32, _ ports: UInt16...) { for port in ports { marks[port] = mark } }
      give(try stamp(try Self.configuration(43, deniesSecond: true)), 1, 11, 13, 14)
      #expect(try FlowMarks.all() == marks)
      // Of a helper that is not in the list, and without any.
      _ = try stamp(try Self.configuration(44, helpers: "\"ftp\""))
      _ = try stamp(try Self.configuration(45, helpers: ""))
      #expect(try FlowMarks.all() == marks)
      // A member of the quarantine may signal, and hears nothing.
      let quarantine = """
        , "quarantine": {"allow": ["sip"], "members": [{"address": "10.1.0.7", "reason": "test"}]}
        """
      give(try stamp(try Self.configuration(46, members: quarantine)), 1, 2, 12, 13)
      #expect(try FlowMarks.all() == marks)
      let last = try stamp(try Self.configuration(47))
      give(last, 1, 2, 11, 12, 13, 14)
      #expect(try FlowMarks.all() == marks)
      // A node that takes over, with what the other one had not stamped yet.
      try KernelConnections.mark(Set(try KernelConnections.announced().map(\.tuple)), old)
      enforcer.promoted()
      give(old, 20)
      #expect(try FlowMarks.all() == marks)
    }
  }
}
