import Configuration
import Testing
import Wire

@testable import Policy

/// The meaning of a policy, case by case: what the evaluator says, what `policy explain` says, and
/// what a kernel does with the packet.
@Suite(
  "Semantics of a policy", .enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct SemanticsTests {
  @Test("evaluator, explanation and kernel agree with the table", arguments: SemanticsTable.all)
  func table(_ table: SemanticsTable) throws {
    let document = try ConfigurationDocument(parsing: Array(table.document.utf8))
    try OwnNamespace.run {
      let router = try DocumentRouter(document)
      for entry in table.cases {
        try Self.check(entry, document, router, at: Timestamp.seconds(table.time))
      }
    }
  }

  @Test("the table has at least 60 cases, of both families, each with a name of its own")
  func size() {
    for table in SemanticsTable.all {
      #expect(Set(table.cases.map(\.name)).count == table.cases.count)
    }
    let cases = SemanticsTable.all.flatMap(\.cases)
    #expect(cases.count >= 60)
    #expect(cases.count { IPAddress($0.from)?.family == .ipv6 } >= 20)
  }

  private static func check(
    _ entry: SemanticsTable.Case, _ document: ConfigurationDocument, _ router: DocumentRouter,
    at time: Int64?
  ) throws {
    let (number, port) = try #require(service(entry.service))
    let answer = document.explain(
      from: try #require(IPAddress(entry.from)), to: try #require(IPAddress(entry.to)),
      protocolNumber: number, port: port, at: time)
    #expect(outcome(answer.outcome) == entry.outcome, "\(entry.name): explained otherwise")

    let packet = PolicyPacket(
      inInterface: try #require(answer.from.interface),
      outInterface: try #require(answer.to.interface),
      source: answer.from.address, destination: try #require(IPAddress(entry.to)),
      protocolNumber: number, port: port)
    // What the policy sees, and what leaves.
    var translated = document.policyContext(hash: []).forwarded(packet)
    #expect(translated.destination == answer.to.address, "\(entry.name): explained elsewhere")
    let verdict = document.policy.evaluate(translated, at: time)
    if let source = answer.translation?.to { translated.source = source }
    #expect(
      outcome(verdict.decider, verdict.allowed, document.policy) == entry.outcome,
      "\(entry.name): evaluated otherwise")

    try router.load(at: time)
    let way = try router.wayOut(packet, as: translated)
    #expect(way == nil || way == packet.outInterface, "\(entry.name): leaves by another interface")
    let decider = try #require(try router.decider(), "\(entry.name): nothing has counted")
    #expect(
      outcome(decider, way != nil, document.policy) == entry.outcome,
      "\(entry.name): the kernel does otherwise")
  }

  /// What a verdict, or a kernel that counted and let pass or not, makes of a packet.
  private static func outcome(
    _ decider: PolicyVerdict.Decider, _ passes: Bool, _ policy: PolicyDocument
  ) -> SemanticsTable.Outcome? {
    switch decider {
    case .quarantine: passes ? nil : .quarantined
    case .killSwitch: passes ? nil : .closed
    case .byDefault: passes ? .monitored(nil) : .deniedByDefault
    case .rule(let id):
      if policy.rules.first(where: { $0.id == id })?.tier != .deny {
        passes ? .allowed(id) : nil
      } else {
        passes ? .monitored(id) : .denied(id)
      }
    }
  }

  private static func outcome(_ explained: PolicyExplanation.Outcome) -> SemanticsTable.Outcome? {
    switch explained {
    case .allowed(let rule): .allowed(rule)
    case .denied(let rule): .denied(rule)
    case .deniedByDefault: .deniedByDefault
    case .quarantined: .quarantined
    case .closed: .closed
    case .monitored(let rule): .monitored(rule)
    case .notForwarded: nil
    }
  }

  /// `tcp/443`, `icmp`, `99`.
  private static func service(_ text: String) -> (UInt8, UInt16)? {
    let parts = text.split(separator: "/")
    let named = TransportProtocol.allCases.first { $0.name == parts[0] }?.rawValue
    guard let number = named ?? UInt8(parts[0]) else { return nil }
    return (number, parts.count > 1 ? UInt16(parts[1]) ?? 0 : 0)
  }
}
