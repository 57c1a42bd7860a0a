import Testing
import Wire

@Suite("IPv6 addresses")
struct IPv6AddressTests {
  @Test("RFC 4291 2.2: the text forms")
  func parsing() {
    let readable: [(String, UInt64, UInt64)] = [
      ("2001:db8:0:0:8:800:200c:417a", 0x2001_0db8_0000_0000, 0x0008_0800_200c_417a),
      ("2001:DB8::8:800:200C:417A", 0x2001_0db8_0000_0000, 0x0008_0800_200c_417a),
      ("ff01::101", 0xff01_0000_0000_0000, 0x101), ("::1", 0, 1), ("::", 0, 0),
      ("1::", 0x0001_0000_0000_0000, 0), ("::13.1.68.3", 0, 0x0d01_4403),
      ("::ffff:129.144.52.38", 0, 0xffff_8190_3426),
      ("1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004, 0x0005_0006_0102_0304),
      ("::2:3:4:5:6:7:8", 0x0000_0002_0003_0004, 0x0005_0006_0007_0008),
    ]
    for (text, high, low) in readable {
      #expect(IPv6Address(text) == IPv6Address(high: high, low: low), "\(text)")
    }
  }

  @Test("what is not an address is refused")
  func refusals() {
    let refused = [
      "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::",
      "::1%eth0", "fe80::1/64", " ::1", "::1 ", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "::1.2.3",
      "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5", "1:2:3:4::5:6:7:8", "+1::",
      "::256.1.1.1",
      "0:0:0:0:0:0:0:0000000000000000000000000000000000",
    ]
    for text in refused { #expect(IPv6Address(text) == nil, "\(text)") }
  }

  @Test("RFC 5952 4: one canonical text")
  func canonical() {
    let pairs = [
      ("2001:0DB8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("0:0:0:0:0:0:0:0", "::"), ("0:0:0:0:0:0:0:1", "::1"), ("1:0:0:0:0:0:0:0", "1::"),
      ("0:0:0:0:0:ffff:c000:0201", "::ffff:192.0.2.1"),
      ("FE80::200:5EFF:FE00:22A", "fe80::200:5eff:fe00:22a"),
    ]
    for (text, canonical) in pairs {
      #expect(IPv6Address(text)?.description == canonical)
    }
  }

  @Test("10 000 addresses come back from their text and their octets")
  func identity() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<10_000 {
      var groups = (0..<8).map { _ in UInt64.random(in: 0...0xffff, using: &random) }
      for index in groups.indices where Bool.random(using: &random) { groups[index] = 0 }
      let address = IPv6Address(
        high: groups[..<4].reduce(0) { $0 << 16 | $1 },
        low: groups[4...].reduce(0) { $0 << 16 | $1 })
      #expect(IPv6Address(address.description) == address)
      #expect(IPv6Address(octets: address.octets) == address)
    }
    #expect(IPv6Address(octets: [UInt8](repeating: 0, count: 15)) == nil)
  }

  @Test("RFC 4291 2.5, 2.7: kinds of addresses and the solicited-node group")
  func kinds() throws {
    let link = try #require(IPv6Address("fe80::200:5eff:fe00:22a"))
    #expect(link.isLinkLocal && !link.isMulticast && !link.isLoopback && !link.isUnspecified)
    #expect(link.solicitedNode.description == "ff02::1:ff00:22a")
    #expect(try #require(IPv6Address("febf::1")).isLinkLocal)
    #expect(IPv6Address("fec0::1")?.isLinkLocal == false)
    #expect(try #require(IPv6Address("ff02::12")).isMulticast)
    #expect(try #require(IPv6Address("::1")).isLoopback)
    #expect(try #require(IPv6Address("::")).isUnspecified)
  }

  @Test("a prefix is an address and a length 0…128; the edges hold")
  func prefixes() throws {
    let prefix = try #require(IPv6Prefix("2001:db8:1::2/64"))
    #expect(
      prefix.description == "2001:db8:1::2/64" && prefix.network.description == "2001:db8:1::/64")
    #expect(prefix.contains(try #require(IPv6Address("2001:db8:1::ffff"))))
    #expect(!prefix.contains(try #require(IPv6Address("2001:db8:1:1::"))))
    let all = try #require(IPv6Prefix("::/0"))
    let one = try #require(IPv6Prefix("2001:db8::1/128"))
    let odd = try #require(IPv6Prefix("2001:db8::/65"))
    #expect(all.contains(one.address) && all.overlaps(one) && one.overlaps(all))
    #expect(!one.contains(try #require(IPv6Address("2001:db8::2"))))
    let outside = try #require(IPv6Address("2001:db8::8000:0:0:0"))
    #expect(odd.contains(one.address) && !odd.contains(outside))
    for text in ["::", "::/", "::/129", "::/-1", "::/01", "/64", "1.2.3.4/24"] {
      #expect(IPv6Prefix(text) == nil, "\(text)")
    }
  }
}

@Suite("Addresses of either family")
struct IPAddressTests {
  @Test("text decides the family")
  func text() {
    #expect(IPAddress("192.0.2.1") == .v4(IPv4Address(192, 0, 2, 1)))
    #expect(IPAddress("::1")?.v6?.isLoopback == true)
    #expect(IPAddress("somewhere") == nil)
    #expect(IPPrefix("10.0.0.0/8")?.family == .ipv4 && IPPrefix("fe80::/10")?.family == .ipv6)
  }

  @Test("RFC 9568 6.4.3: addresses are compared unsigned in network order")
  func order() throws {
    let ascending = try [
      "9.0.0.1", "10.0.0.9", "10.0.0.10", "200.0.0.1", "::1", "fe80::1", "fe80::2",
    ]
    .map { try #require(IPAddress($0)) }
    #expect(ascending.sorted(by: >) == Array(ascending.reversed()))
    #expect(IPAddress(octets: [9, 0, 0, 1]) == ascending[0])
    #expect(IPAddress(octets: [1, 2, 3]) == nil)
  }

  @Test("a prefix holds addresses of its own family only")
  func prefixes() throws {
    let all = try #require(IPPrefix("0.0.0.0/0"))
    #expect(all.contains(.v4(IPv4Address(1, 2, 3, 4))))
    #expect(!all.contains(try #require(IPAddress("::1"))))
    #expect(try #require(IPPrefix("10.1.2.3/8")).network.description == "10.0.0.0/8")
  }

  @Test("messages carry both families; a wrong family or length is an error")
  func codable() throws {
    for text in ["192.0.2.1", "2001:db8::1"] {
      let address = try #require(IPAddress(text))
      #expect(try IPAddress(decoding: address.encoded) == address)
      let prefix = try #require(IPPrefix(text + "/32"))
      #expect(try IPPrefix(decoding: prefix.encoded) == prefix)
      for count in 0..<prefix.encoded.count {
        #expect(throws: WireError.self) {
          try IPPrefix(decoding: Array(prefix.encoded.prefix(count)))
        }
      }
    }
    #expect(throws: WireError.invalid(offset: 0, value: 5)) {
      try IPAddress(decoding: [5, 0, 0, 0, 0])
    }
    let long = [UInt8](repeating: 0, count: 16) + [129]
    #expect(throws: WireError.invalid(offset: 16, value: 129)) { try IPv6Prefix(decoding: long) }
  }

  @Test("RFC 9568 7.3: virtual MAC addresses of both families")
  func virtualMAC() {
    #expect(MACAddress.virtualRouter(.ipv4, 42).description == "00:00:5e:00:01:2a")
    #expect(MACAddress.virtualRouter(.ipv6, 42).description == "00:00:5e:00:02:2a")
  }
}
