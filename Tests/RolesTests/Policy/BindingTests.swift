import Configuration
import Messages
import Testing
import Wire

@testable import Roles

/// Which host may use which address, in a kernel.
@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct BindingTests {
  private static func host(_ number: UInt8, on interface: String = "ge2") -> LANHost {
    LANHost(
      interface: interface, mac: MACAddress(0x0200_0000_0000 | UInt64(number)),
      address: IPv4Address(10, 1, 0, number))
  }

  private static func configuration(
    version: Int, _ hosts: [LANHost], zones: String = "{}"
  ) throws -> PolicyConfiguration {
    let server = #"{"mode": "server", "from": "10.1.0.100", "to": "10.1.0.199"}"#
    let document = try NodeNetworkTests.document(
      ("\"version\": 1, \"zones\": {}", "\"version\": \(version), \"zones\": \(zones)"),
      (
        "\"address\": \"10.1.0.2/24\"",
        "\"address\": \"10.1.0.2/24\", \"dhcp\": \(server), \"isolation\": {\"mode\": \"airgap\"}"
      ), (#"{"to": "10.9.0.0/16", "via": "10.1.0.250"}"#, ""))
    return PolicyConfiguration(
      document: document.canonical,
      appliedHash: [UInt8](repeating: UInt8(version), count: 32), hosts: hosts)
  }

  /// The numbers of the hosts that the kernel has, in order.
  private static func bound(_ nftables: Nftables) throws -> [Int] {
    let listing = try nftables.run("list set inet ztb bound")
    return listing.matches(of: /02:00:00:00:00:([0-9a-f]{2}) \. 10\.1\.0\.([0-9]+)/).compactMap {
      Int($0.1, radix: 16) == Int($0.2) ? Int($0.2) : nil
    }.sorted()
  }

  @Test("hosts come with the policy, and go and come without it; a repair has the latest")
  func life() throws {
    try OwnNamespace.run {
      let nftables = try Nftables()
      let enforcer = try PolicyEnforcer()
      // Before there is a policy there is nobody to tell.
      try enforcer.meet([Self.host(9)])
      try enforcer.configure(
        try Self.configuration(version: 1, [Self.host(1), Self.host(2)]), at: .zero)
      #expect(try Self.bound(nftables) == [1, 2])
      // Nor is anybody bound where hosts are not kept apart.
      try enforcer.meet([Self.host(2), Self.host(3), Self.host(9, on: "ge3")])
      #expect(try Self.bound(nftables) == [2, 3])
      try OwnNamespace.command("nft", "flush", "ruleset")
      #expect(enforcer.check(at: .zero + .seconds(2)) != nil)
      #expect(try Self.bound(nftables) == [2, 3])
      // One version to the next, by what differs.
      try enforcer.configure(
        try Self.configuration(
          version: 2, [Self.host(3), Self.host(4)], zones: "{\"lan\": {\"ports\": [\"ge2\"]}}"
        ),
        at: .zero + .seconds(4))
      #expect(enforcer.lastLoad.way == .delta)
      #expect(try Self.bound(nftables) == [3, 4])
      #expect(enforcer.status.error.isEmpty)
    }
  }

  @Test("what the kernel does not take is loaded again by the next look")
  func refused() throws {
    try OwnNamespace.run {
      let nftables = try Nftables()
      let enforcer = try PolicyEnforcer()
      try enforcer.configure(try Self.configuration(version: 1, [Self.host(1)]), at: .zero)
      // Somebody else has taken away who is now to go: there is nothing to delete.
      _ = try nftables.run("flush set inet ztb bound")
      #expect(throws: (any Error).self) { try enforcer.meet([Self.host(2)]) }
      #expect(enforcer.check(at: .zero + .milliseconds(100)) == nil)
      #expect(try Self.bound(nftables) == [2])
    }
  }
}
