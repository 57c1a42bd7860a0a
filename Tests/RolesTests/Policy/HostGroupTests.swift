import Configuration
import Linux
import Messages
import Netlink
import Policy
import Testing
import Wire

@testable import Roles

/// Hosts that come into groups and leave them, in a kernel.
@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct HostGroupTests {
  private static let mac = MACAddress(0x0200_0000_0007)

  private static func document() throws -> ConfigurationDocument {
    let table = SemanticsTable(
      name: "matched",
      policy: """
        "groups": {"cameras": {"id": 12, "zone": "lan", "match": [{"mac": "\(mac)"}]},
                   "tvs": {"id": 13, "zone": "lan", "match": [{"oui": "02:00:01"}]}},
        "services": {"web": [{"proto": "tcp", "ports": ["443"]}]},
        "rules": [{"id": "out", "tier": "allow", "from": ["cameras"], "to": ["wan"], "service": "web"},
                  {"id": "in", "tier": "allow", "from": ["wan"], "to": ["cameras"], "service": "web"},
                  {"id": "tv", "tier": "allow", "from": ["tvs"], "to": ["plant"], "service": "web"}]
        """, cases: [])
    return try ConfigurationDocument(parsing: Array(table.document.utf8))
  }

  private static func host(_ last: UInt8, _ mac: MACAddress = mac) -> LANHost {
    LANHost(interface: "ge2", mac: mac, address: IPv4Address(10, 1, 0, last))
  }

  private static func packet(_ last: UInt8, isAnswer: Bool = false) throws -> PolicyPacket {
    let (host, far) = ("10.1.0.\(last)", "192.0.2.80")
    return PolicyPacket(
      inInterface: isAnswer ? "ge3" : "ge2", outInterface: isAnswer ? "ge2" : "ge3",
      source: try #require(IPAddress(isAnswer ? far : host)),
      destination: try #require(IPAddress(isAnswer ? host : far)), protocolNumber: 6, port: 443)
  }

  @Test(
    "who comes into a group or leaves it is held to its rules, with the connections that it has")
  func moved() throws {
    let document = try Self.document()
    try OwnNamespace.run {
      let router = try DocumentRouter(document)
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(
        PolicyConfiguration(
          document: document.canonical, appliedHash: [UInt8](repeating: 3, count: 32)), at: .zero)
      // One connection each way, again and again.
      func pass(_ last: UInt8, isAnswer: Bool = false) throws -> Bool {
        let packet = try Self.packet(last, isAnswer: isAnswer)
        return try router.wayOut(packet, as: packet, sourcePort: 5_000) == packet.outInterface
      }
      #expect(try !pass(7) && !pass(7, isAnswer: true))
      try enforcer.meet([Self.host(7)])
      #expect(try pass(7) && pass(7, isAnswer: true) && !pass(8))
      // Nothing is loaded but the element.
      #expect(enforcer.lastLoad.way == .whole)
      // The same card under another address, and another one under the first.
      try enforcer.meet([Self.host(8), Self.host(7, MACAddress(0x0200_0100_0001))])
      #expect(try pass(8) && !pass(7) && !pass(7, isAnswer: true))
      try enforcer.meet([])
      #expect(try !pass(8) && !pass(7))
      try enforcer.meet([Self.host(7)])
      #expect(try pass(7))
      // A repair has the hosts of the moment.
      try OwnNamespace.command("nft", "flush", "ruleset")
      #expect(enforcer.check(at: .zero + .seconds(3)) != nil)
      #expect(try pass(7) && !pass(8))
      #expect(enforcer.status.error.isEmpty)
    }
  }

  @Test("what the kernel did not take of the hosts is loaded by the next look, and judged then")
  func refused() throws {
    let document = try Self.document()
    try OwnNamespace.run {
      let router = try DocumentRouter(document)
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(
        PolicyConfiguration(
          document: document.canonical, appliedHash: [UInt8](repeating: 3, count: 32),
          hosts: [Self.host(7)]), at: .zero)
      func pass() throws -> Bool {
        let packet = try Self.packet(7)
        return try router.wayOut(packet, as: packet, sourcePort: 5_000) == "ge3"
      }
      #expect(try pass())
      // There is nothing to take away.
      try router.run("delete element inet ztb hosts { 4001 . 10.1.0.7 }")
      #expect(throws: (any Error).self) { try enforcer.meet([Self.host(8)]) }
      #expect(try pass(), "it has its stamp still")
      #expect(enforcer.check(at: .zero + .milliseconds(100)) == nil)
      _ = enforcer.check(at: .zero + .seconds(3))
      #expect(try !pass())
      #expect(enforcer.status.error.isEmpty)
    }
  }

  @Test("a process that begins anew finds in the kernel who was in which group")
  func restarted() throws {
    let document = try Self.document()
    try OwnNamespace.run {
      let router = try DocumentRouter(document)
      func configure(_ hosts: [LANHost]) throws -> PolicyEnforcer {
        let enforcer = try PolicyEnforcer()
        try enforcer.configure(
          PolicyConfiguration(
            document: document.canonical, appliedHash: [UInt8](repeating: 3, count: 32),
            hosts: hosts), at: .zero)
        return enforcer
      }
      func pass() throws -> Bool {
        let packet = try Self.packet(7)
        return try router.wayOut(packet, as: packet, sourcePort: 5_000) == "ge3"
      }
      do {
        let first = try configure([Self.host(7)])
        #expect(try first.status.loaded && pass())
      }
      let second = try configure([Self.host(8)])
      #expect(second.check(at: .zero + .seconds(3)) == nil)
      #expect(try !pass())
    }
  }

  @Test("the connections of some hosts get a mark, whoever opened them; of many hosts as well")
  func marks() throws {
    try OwnNamespace.run {
      func tuple(_ from: IPv4Address, _ to: IPv4Address, _ port: UInt16) -> FlowTuple {
        FlowTuple(
          transport: .udp, source: FlowAddress(from), destination: FlowAddress(to),
          sourcePort: port, destinationPort: 53)
      }
      let (host, other) = (IPv4Address(10, 1, 0, 7), IPv4Address(10, 1, 0, 8))
      let (far, own) = (IPv4Address(192, 0, 2, 80), IPv4Address(203, 0, 113, 2))
      var flows = [
        Flow(tuple: tuple(host, far, 1)), Flow(tuple: tuple(far, host, 2)),
        Flow(tuple: tuple(far, own, 3)), Flow(tuple: tuple(other, far, 4)),
      ]
      flows[2].destinationNAT = Translation(address: FlowAddress(host), port: 53)
      for index in flows.indices { flows[index].mark = 5 }
      var batch = MessageBatch()
      for flow in flows { _ = batch.create(flow, timeoutSeconds: 60) }
      batch.acknowledgeLast()
      try NetlinkDump.run(batch.bytes, subject: "test") { _ in true }
      #expect(try FlowMarks.all() == [1: 5, 2: 5, 3: 5, 4: 5])
      func mark(_ hosts: Set<IPv4Address>, _ mark: UInt32) throws {
        try KernelConnections.mark(try KernelConnections.find(of: hosts) { $0 != 7 }, mark)
      }
      try mark([host], 9)
      #expect(try FlowMarks.all() == [1: 9, 2: 9, 3: 9, 4: 5])
      let many = Set((100..<140).map { IPv4Address(10, 1, 0, $0) })
      try mark(many.union([other]), 7)
      #expect(try FlowMarks.all() == [1: 9, 2: 9, 3: 9, 4: 7])
      // Nobody's, and none of the kind.
      try mark([IPv4Address(10, 1, 0, 9), other], 1)
      #expect(try FlowMarks.all() == [1: 9, 2: 9, 3: 9, 4: 7])
    }
  }
}
