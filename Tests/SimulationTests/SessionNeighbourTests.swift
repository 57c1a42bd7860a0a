import Netlink
import SessionSync
import Simulation
import Testing
import Wire

@Suite("Neighbours beside the sessions")
struct SessionNeighbourTests {
  private func host(_ n: Int, mac: UInt64? = nil) -> Neighbour {
    Neighbour(
      device: "ge2", address: .v4(IPv4Address(10, 1, 0, UInt8(n))),
      mac: MACAddress(mac ?? 0x0200_0000_0000 | UInt64(n)))
  }

  @Test("the standby hears everything at once, then each change, and nothing twice")
  func news() {
    var pair = SessionPair.settled()
    pair.see([host(5), host(6)], on: 0)
    pair.run(.milliseconds(50))
    #expect(pair.nodes[1].heardNeighbours == [host(5), host(6)])
    #expect(
      pair.status(1).inventory[.neighbours] == 2 && pair.status(0).inventory[.neighbours] == 2)
    let octets = pair.status(0).counters.sentOctets
    for _ in 0..<20 { pair.see([host(5), host(6)], on: 0) }
    pair.run(.milliseconds(50))
    #expect(pair.status(0).counters.sentOctets < octets + 200)
    pair.see([host(6, mac: 0x0200_0000_0a0a)], on: 0)
    pair.run(.milliseconds(50))
    #expect(pair.nodes[1].heardNeighbours == [host(6, mac: 0x0200_0000_0a0a)])
  }

  @Test("a peer that comes later is told, too; a standby tells nobody and an active hears nobody")
  func roles() {
    var pair = SessionPair.settled()
    pair.cut()
    pair.see([host(5)], on: 0)
    pair.run(.milliseconds(50))
    #expect(pair.nodes[1].heardNeighbours == nil)
    pair.connect()
    pair.run(.milliseconds(200))
    #expect(pair.nodes[1].heardNeighbours == [host(5)])
    pair.see([host(9)], on: 1)
    pair.run(.milliseconds(50))
    #expect(pair.nodes[0].heardNeighbours == nil)
    pair.setRole(0, .standby, term: 2)
    pair.setRole(1, .active, term: 2)
    pair.run(.milliseconds(50))
    pair.see([host(7)], on: 1)
    pair.run(.milliseconds(50))
    #expect(pair.nodes[0].heardNeighbours == [host(7)])
  }

  @Test("what can be no host is left out and counted; the standby's own address is only left out")
  func implausible() {
    let own = IPv4Address(10, 1, 0, 3)
    let filter = SyncFilter(nodeAddresses: [FlowAddress(own)])
    var pair = SessionPair(seed: 3, filters: [SyncFilter(), filter])
    pair.setRole(0, .active, term: 1)
    pair.connect()
    pair.run(.seconds(1))
    let group = Neighbour(
      device: "ge2", address: .v4(IPv4Address(224, 0, 0, 18)), mac: MACAddress(0x0200_0000_0001))
    let link = Neighbour(
      device: "ge2", address: .v6(IPv6Address(high: 0xff02 << 48, low: 1)),
      mac: MACAddress(0x0200_0000_0001))
    pair.see(
      [host(3), host(5), host(6, mac: 0), host(7, mac: 0x0100_5e00_0001), group, link], on: 0)
    pair.run(.milliseconds(50))
    #expect(pair.nodes[1].heardNeighbours == [host(5)])
    #expect(pair.status(1).counters.refusedInvalid == 4)
  }

  @Test("no more than the limit, and what is left out is counted")
  func limit() {
    var pair = SessionPair.settled()
    let many = (0..<Limits.neighbours + 3).map { n in
      Neighbour(
        device: "ge2", address: .v4(IPv4Address(10, 2, UInt8(n >> 8), UInt8(n & 255))),
        mac: MACAddress(0x0200_0000_0000 | UInt64(n + 1)))
    }
    pair.see(many, on: 0)
    pair.run(.milliseconds(100))
    #expect(pair.nodes[1].heardNeighbours == Array(many.prefix(Limits.neighbours)))
    #expect(pair.status(0).counters.neighboursOmitted == 3)
  }
}
