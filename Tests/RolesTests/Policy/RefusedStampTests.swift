import Messages
import Testing
import Wire

@testable import Roles

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct RefusedStampTests {
  @Test(
    "a change of ranges that fails between its transactions is taken back, and one that is not works"
  )
  func interim() throws {
    let zones = "{\"lan\": {\"ports\": [\"ge2\"]}}"
    func configuration(_ version: Int) throws -> PolicyConfiguration {
      let policy = """
        "services": {"some": [{"proto": "tcp", "ports": ["8000-80\(10 + version)"]}]},
        "rules": [{"id": "a", "tier": "allow", "from": ["any"], "to": ["any"], "service": "some"}],
        """
      return try PolicyEnforcerTests.configuration(
        version: version, hash: UInt8(version), policy, zones: zones)
    }
    try OwnNamespace.run {
      let nftables = try Nftables()
      var (failures, pauses) = (0, 0)
      let enforcer = try PolicyEnforcer(awaitPackets: {
        pauses += 1
        guard failures > 0 else { return }
        failures -= 1
        // The second transaction removes it, and so cannot.
        #expect(throws: Never.self) { try nftables.run("delete element inet ztb loaded { 1 }") }
      })
      try enforcer.configure(try configuration(1), at: .zero)
      #expect(pauses == 0 && enforcer.lastLoad.way == .whole)
      let before = try nftables.run("list table inet ztb")
      // The difference fails, then the whole.
      failures = 2
      #expect(throws: PolicyRefusal.self) {
        try enforcer.configure(try configuration(2), at: .zero)
      }
      #expect(failures == 0 && pauses == 3)
      #expect(enforcer.status.loaded && enforcer.status.version == 1)
      #expect(enforcer.status.error.contains("No such file or directory"))
      let grace = try nftables.run("list set inet ztb grace")
      try nftables.run("flush set inet ztb grace")
      #expect(try nftables.run("list table inet ztb") == before)
      // What was allowed meanwhile carries the epoch.
      #expect(grace.contains("0x02000000 timeout 3s"))
      #expect(enforcer.check(at: .zero) == nil)
      // A whole load that fails.
      failures = 1
      try nftables.run("add table inet other")
      try nftables.run("delete table inet other")
      #expect(throws: PolicyRefusal.self) {
        try enforcer.configure(try configuration(2), at: .zero)
      }
      try enforcer.configure(try configuration(2), at: .zero)
      try enforcer.configure(try configuration(3), at: .zero)
      #expect(enforcer.lastLoad.way == .delta && enforcer.status.version == 3)
      // Whoever takes over in between knows the stamp of before.
      failures = 10
      #expect(throws: PolicyRefusal.self) {
        try enforcer.configure(try configuration(4), at: .zero)
      }
      #expect(!enforcer.status.loaded)
      #expect(try nftables.run("list chain inet ztb ok").contains("0x04000001"))
      let next = try PolicyEnforcer()
      try next.configure(try configuration(4), at: .zero)
      #expect(next.status.loaded)
      #expect(try nftables.run("list set inet ztb grace").contains("0x04000000 timeout 3s"))
    }
  }
}
