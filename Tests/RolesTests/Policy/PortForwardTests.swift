import Configuration
import Testing
import Wire

@testable import Policy

@Suite(
  "Port forwards in a kernel", .enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct PortForwardTests {
  private static func document(_ forwards: String) throws -> ConfigurationDocument {
    let table = SemanticsTable(
      name: "revocation",
      policy: """
        "services": {"web": [{"proto": "tcp", "ports": ["443"]}]},
        "rules": [{"id": "in", "tier": "allow", "from": ["any"], "to": ["lan"], "service": "web"}]
        """, cases: [], forwards: forwards)
    return try ConfigurationDocument(parsing: Array(table.document.utf8))
  }

  private static func forward(
    _ id: String, _ address: String, _ port: Int, _ host: String
  ) -> String {
    """
    {"id": "\(id)", "address": "\(address)", "proto": "tcp", "port": "\(port)", "to": "\(host)",
     "toPort": 443, "hairpin": true}
    """
  }

  @Test(
    "a forward that is gone or leads elsewhere ends its connections, another one's go on",
    arguments: [
      ("203.0.113.2", "10.1.0.9", "10.1.0.8", "192.0.2.80", "ge3"),
      ("2001:db8:3::2", "fd00:1::9", "fd00:1::8", "2001:db8:a::80", "ge3"),
      ("203.0.113.2", "10.1.0.9", "10.1.0.8", "10.2.0.5", "ge2.20"),
    ])
  func revocation(
    _ address: String, _ host: String, _ other: String, _ client: String, _ way: String
  ) throws {
    let gone = Self.forward("gone", address, 8443, host)
    let kept = Self.forward("kept", address, 9443, host)
    let moved = Self.forward("gone", address, 8443, other)
    let document = try Self.document("\(gone), \(kept)")
    try OwnNamespace.run {
      let router = try DocumentRouter(document)
      try router.load()
      var packets: [PolicyPacket] = []
      for port: UInt16 in [8443, 9443] {
        packets.append(
          PolicyPacket(
            inInterface: way, outInterface: "ge2", source: try #require(IPAddress(client)),
            destination: try #require(IPAddress(address)), protocolNumber: 6, port: port))
      }
      let context = document.policyContext(hash: [])
      // One connection each, again and again.
      func pass() throws -> [Bool] {
        try packets.map {
          try router.wayOut($0, as: context.forwarded($0), sourcePort: 5_000 + $0.port) == "ge2"
        }
      }
      #expect(try pass() == [true, true])
      #expect(try pass() == [true, true])
      try router.change(to: try Self.document(kept))
      #expect(try pass() == [false, true])
      // It lives in conntrack still, and goes on if the forward comes back.
      try router.change(to: document)
      #expect(try pass() == [true, true])
      try router.change(to: try Self.document("\(moved), \(kept)"))
      #expect(try pass() == [false, true])
      try router.change(to: try Self.document(""))
      #expect(try pass() == [false, false])
    }
  }
}
