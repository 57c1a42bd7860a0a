import Testing
import Wire

@Suite("Addresses")
struct AddressTests {
  @Test("dotted decimal: four numbers 0…255 without signs or leading zeros")
  func parsing() {
    #expect(IPv4Address("203.0.113.7")?.value == 0xcb00_7107)
    #expect(IPv4Address("0.0.0.0")?.isUnspecified == true)
    #expect(IPv4Address("255.255.255.255")?.value == .max)
    let refused = [
      "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.+4", "1.2.3.-4", "1..3.4",
      " 1.2.3.4", "1.2.3.4 ", "a.b.c.d", "1.2.3.0x4", "1.2.3.99999999999999999999",
    ]
    for text in refused { #expect(IPv4Address(text) == nil, "\(text)") }
  }

  @Test("the order of RFC 9568 6.4.3 is unsigned")
  func order() {
    #expect(IPv4Address(10, 0, 0, 1) < IPv4Address(192, 0, 2, 1))
    #expect(IPv4Address(127, 255, 255, 255) < IPv4Address(128, 0, 0, 0))
  }

  @Test("multicast is 224.0.0.0/4, loopback 127.0.0.0/8")
  func kinds() {
    #expect(IPv4Address(224, 0, 0, 18).isMulticast && IPv4Address(239, 255, 0, 1).isMulticast)
    #expect(!IPv4Address(223, 255, 255, 255).isMulticast && !IPv4Address(240, 0, 0, 0).isMulticast)
    #expect(IPv4Address(127, 9, 9, 9).isLoopback && !IPv4Address(128, 0, 0, 1).isLoopback)
  }

  @Test("a prefix is an address and a length 0…32, host bits kept")
  func prefixes() throws {
    let prefix = try #require(IPv4Prefix("10.1.0.2/24"))
    #expect(prefix.address == IPv4Address(10, 1, 0, 2))
    #expect(prefix.network.description == "10.1.0.0/24")
    #expect(prefix.broadcast.description == "10.1.0.255")
    for text in [
      "10.1.0.2", "10.1.0.2/", "10.1.0.2/33", "10.1.0.2/024", "10.1.0.2/-1", "/8", "a/8",
    ] {
      #expect(IPv4Prefix(text) == nil, "\(text)")
    }
  }

  @Test("the edges of prefixes: /0 holds everything, /32 one address")
  func edges() throws {
    let all = try #require(IPv4Prefix("0.0.0.0/0"))
    let one = try #require(IPv4Prefix("192.0.2.7/32"))
    #expect(all.mask == 0 && one.mask == .max)
    #expect(all.contains(IPv4Address(.max)) && one.contains(IPv4Address(192, 0, 2, 7)))
    #expect(!one.contains(IPv4Address(192, 0, 2, 6)))
    #expect(all.overlaps(one) && one.overlaps(all))
    #expect(one.broadcast == one.address)
  }

  @Test("RFC 9568 7.3: the virtual MAC, and text both ways")
  func mac() {
    #expect(MACAddress.virtualRouterIPv4(77).description == "00:00:5e:00:01:4d")
    #expect(MACAddress("00:00:5E:00:01:4d") == .virtualRouterIPv4(77))
    #expect(MACAddress("ff:ff:ff:ff:ff:ff") == .broadcast)
    for text in [
      "", "00:00:5e:00:01", "0:0:5e:0:1:4d", "00-00-5e-00-01-4d", "00:00:5e:00:01:4g",
      "+0:00:5e:00:01:4d",
    ] {
      #expect(MACAddress(text) == nil, "\(text)")
    }
  }
}
