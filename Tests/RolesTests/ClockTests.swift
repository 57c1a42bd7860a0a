import Testing
import Wire

@testable import Roles

@Suite struct ClockTests {
  private static let lease = [
    "interface": "ge3", "ip": "192.0.2.9", "mask": "24", "lease": "3600",
    "ntpsrv": "192.0.2.1 0.0.0.0 192.0.2.2",
  ]

  @Test("time servers of the lease are used, one that cannot be is left out and told")
  func lease() throws {
    let lease = try WANLease(environment: Self.lease)
    #expect(lease.timeServers.map(\.description) == ["192.0.2.1", "192.0.2.2"])
    #expect(lease.problems.map(\.description).contains { $0.contains("ntpsrv") })
  }

  @Test("without time servers in the lease the public pool is asked, and nobody can ask us")
  func options() {
    let pool = HelperPrograms.clockOptions([], "/data/clock")
    #expect(pool.contains("pool pool.ntp.org iburst"))
    #expect(pool.contains("port 0") && pool.contains("cmdport 0"))
    let servers = [IPv4Address(0xc000_0201), IPv4Address(0xc000_0202)]
    let own = HelperPrograms.clockOptions(servers, "/data/clock")
    #expect(
      own.filter { $0.hasSuffix("iburst") }
        == ["server 192.0.2.1 iburst", "server 192.0.2.2 iburst"])
  }
}
