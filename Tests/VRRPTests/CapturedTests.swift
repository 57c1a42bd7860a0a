import Testing
import VRRP
import Wire

/// keepalived 2.2.7 to ff02::12: VRID 42, priority 150, 100 ms, fe80::42 and fd00::100.
private let six: [UInt8] = [
  0x6c, 0x09, 0x7a, 0x97,  // IPv6, class 0xc0, a flow label
  0x00, 0x28, 0x70, 0xff,  // 40 octets, protocol 112, hop limit 255
  0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0xff, 0xfe, 0x00, 0x00, 0x0b,  // source
  0xff, 0x02, 0, 0, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x12,  // the group
  0x31, 0x2a, 0x96, 0x02,  // version 3, type 1, VRID 42, priority 150, two addresses
  0x00, 0x0a, 0x3e, 0xcc,  // 10 centiseconds, checksum
  0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x42,  // fe80::42
  0xfd, 0x00, 0, 0, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,  // fd00::100
]

/// keepalived 2.2.7, version 2 with `auth_type PASS`: VRID 43, priority 150, 1 s, 10.99.0.100.
private let two: [UInt8] = [
  0x45, 0xc0, 0x00, 0x28, 0x00, 0x01, 0x00, 0x00,  // IPv4, class 0xc0, 40 octets
  0xff, 0x70, 0xd0, 0x24,  // TTL 255, protocol 112, header checksum
  0x0a, 0x63, 0x00, 0x0b, 0xe0, 0x00, 0x00, 0x12,  // 10.99.0.11 to 224.0.0.18
  0x21, 0x2b, 0x96, 0x01,  // version 2, type 1, VRID 43, priority 150, one address
  0x01, 0x01, 0x03, 0xd3,  // simple text, 1 second, checksum
  0x0a, 0x63, 0x00, 0x64,  // 10.99.0.100
  0x67, 0x65, 0x68, 0x65, 0x69, 0x6d, 0x00, 0x00,  // geheim
]

@Suite("Captured adverts of a Linux router") struct CapturedTests {
  @Test("RFC 9568 5.1.2, 5.2: version 3 over IPv6, both directions")
  func versionThree() throws {
    let packet = try AdvertisementPacket(parsing: six[...], .ipv6)
    #expect(packet.source == IPAddress("fe80::ff:fe00:b"))
    #expect(packet.destination == Advertisement.group(.ipv6))
    let advertisement = Advertisement(
      virtualRouter: 42, priority: 150, intervalCentiseconds: 10,
      addresses: [Sample.address("fe80::42"), Sample.address("fd00::100")])
    #expect(packet.advertisement == advertisement && packet.trailer == nil)
    var writer = ByteWriter()
    advertisement.write(into: &writer, source: packet.source)
    #expect(writer.bytes == Array(six[40...]))
  }

  @Test("RFC 2338 5.3: version 2 with a password, both directions")
  func versionTwo() throws {
    let packet = try AdvertisementPacket(parsing: two[...], .ipv4)
    let advertisement = Advertisement(
      version: .two, virtualRouter: 43, priority: 150, intervalCentiseconds: 100,
      addresses: [Sample.address("10.99.0.100")],
      authentication: .simpleText(Array("geheim".utf8)))
    #expect(packet.advertisement == advertisement)
    var writer = ByteWriter()
    advertisement.write(into: &writer, source: packet.source)
    #expect(writer.bytes == Array(two[20...]))
  }

  @Test("Every truncation of either is dropped")
  func truncation() {
    for (octets, family) in [(six, AddressFamily.ipv6), (two, .ipv4)] {
      for count in 0..<octets.count {
        #expect(throws: AdvertisementDrop.self) {
          try AdvertisementPacket(parsing: octets[..<count], family)
        }
      }
    }
  }
}
