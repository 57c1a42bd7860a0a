import Testing
import Wire

@testable import SessionSync

@Suite("Neighbours")
struct NeighbourTests {
  private static let hosts = [
    Neighbour(
      device: "ge2", address: .v4(IPv4Address(10, 1, 0, 100)), mac: MACAddress(0x0200_0000_0064)),
    Neighbour(
      device: "ge3", address: .v6(IPv6Address(high: 0xfd00_0002 << 32, low: 0xfe)),
      mac: MACAddress(0x0200_0000_00fe)),
  ]

  @Test("a list, field by field")
  func golden() throws {
    let expected = hex(
      """
      02  03 676532  03 676533
      0002
      00  02 0a010064                          020000000064
      01  0a fd0000020000000000000000000000fe  0200000000fe
      """)
    #expect(NeighbourList(Self.hosts).encoded == expected)
    #expect(try NeighbourList(decoding: expected).neighbours == Self.hosts)
  }

  @Test("every truncation, a device that is not listed, a bad name and too many are refused")
  func refusals() {
    let whole = NeighbourList(Self.hosts).encoded
    for count in 0..<whole.count {
      #expect(throws: WireError.self) { try NeighbourList(decoding: Array(whole[..<count])) }
    }
    var foreign = whole
    foreign[11] = 2
    var nameless = whole
    nameless[2] = 0x20
    var many = whole
    (many[9], many[10]) = (0x02, 0x01)
    for octets in [foreign, nameless, many, whole + [0]] {
      #expect(throws: WireError.self) { try NeighbourList(decoding: octets) }
    }
  }

  @Test("the longest list fits a frame")
  func longest() {
    let list = (0..<Limits.neighbours + 5).map { n in
      Neighbour(
        device: "vrrp.port-\(n % 64 + 10)",
        address: .v6(IPv6Address(high: 0xfd00_0002 << 32, low: UInt64(n))),
        mac: MACAddress(UInt64(n)))
    }
    let octets = NeighbourList(list).encoded
    #expect(octets.count <= Limits.frame - FrameHeader.count)
    #expect((try? NeighbourList(decoding: octets).neighbours.count) == Limits.neighbours)
  }
}
