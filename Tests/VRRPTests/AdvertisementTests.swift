import Testing
import VRRP
import Wire

/// A keepalived advert: 10.99.0.11 to 224.0.0.18, VRID 42, priority 150, 10 ms, 10.99.0.100.
private let captured: [UInt8] = [
  0x45, 0xc0, 0x00, 0x20,  // IPv4, class 0xc0, 32 octets
  0x00, 0x01, 0x00, 0x00,  // identification, no fragment
  0xff, 0x70, 0xd0, 0x2c,  // ttl 255, protocol 112, header checksum
  0x0a, 0x63, 0x00, 0x0b,  // 10.99.0.11
  0xe0, 0x00, 0x00, 0x12,  // 224.0.0.18
  0x31, 0x2a, 0x96, 0x01,  // version 3, type 1, VRID 42, priority 150, one address
  0x00, 0x01, 0x43, 0x0f,  // 1 centisecond, checksum with pseudo header
  0x0a, 0x63, 0x00, 0x64,  // 10.99.0.100
]

private let source = IPAddress.v4(IPv4Address(10, 99, 0, 11))
private let sample = Advertisement(
  virtualRouter: 42, priority: 150, intervalCentiseconds: 1,
  addresses: [IPAddress.v4(IPv4Address(10, 99, 0, 100))])

private func parse(_ packet: [UInt8]) throws -> Advertisement {
  try AdvertisementPacket(parsing: packet[...], .ipv4).advertisement
}

/// The frame of an advert to the group.
private func multicast(_ advertisement: Advertisement, _ source: IPAddress) -> [UInt8] {
  var writer = ByteWriter()
  advertisement.write(into: &writer, source: source)
  return Frame.advertisement(
    writer.bytes, virtualRouter: advertisement.virtualRouter, source: source)
}

@Suite struct AdvertisementTests {
  @Test("RFC 9568 5.2: golden advert of a Linux router, both directions")
  func golden() throws {
    var writer = ByteWriter()
    sample.write(into: &writer, source: source)
    #expect(writer.bytes == Array(captured[20...]))
    #expect(try parse(captured) == sample)
  }

  @Test("RFC 9568 7.2: the frame has the virtual MAC, TTL 255 and class 0xc0")
  func frame() {
    let frame = multicast(sample, source)
    #expect(Array(frame[0..<6]) == [0x01, 0, 0x5e, 0, 0, 0x12])
    #expect(Array(frame[6..<12]) == [0, 0, 0x5e, 0, 0x01, 42])
    #expect(Array(frame[12..<14]) == [8, 0])
    #expect(frame[15] == 0xc0)
    #expect(frame[22] == 255)
  }

  @Test(
    "RFC 9568 5.1.2, 7.2: the frame of IPv6 goes to ff02::12 from the virtual MAC, hop limit 255")
  func frameOfSix() throws {
    let source = Sample.peer(.ipv6)
    let advertisement = Advertisement(
      virtualRouter: 42, priority: 150, intervalCentiseconds: 1,
      addresses: Sample.addresses(.ipv6))
    let frame = multicast(advertisement, source)
    #expect(
      Array(frame[..<54]) == [
        0x33, 0x33, 0x00, 0x00, 0x00, 0x12,  // the group
        0x00, 0x00, 0x5e, 0x00, 0x02, 0x2a,  // virtual MAC
        0x86, 0xdd, 0x6c, 0x00, 0x00, 0x00,  // IPv6, class 0xc0
        0x00, 0x28, 0x70, 0xff,  // 40 octets, protocol 112, hop limit 255
      ] + source.octets + Sample.address("ff02::12").octets)
    let packet = try AdvertisementPacket(parsing: frame[14...], .ipv6)
    #expect(packet.advertisement == advertisement && packet.source == source)
  }

  @Test("RFC 3768 5.1, RFC 2338 5.3: golden advert of version 2 with a password, both directions")
  func versionTwo() throws {
    let octets: [UInt8] = [
      0x21, 0x2a, 0x96, 0x01,  // version 2, type 1, VRID 42, priority 150, one address
      0x01, 0x03, 0x03, 0xd2,  // simple text, 3 seconds, checksum of the message alone
      0x0a, 0x63, 0x00, 0x64,  // 10.99.0.100
      0x67, 0x65, 0x68, 0x65, 0x69, 0x6d, 0x00, 0x00,  // geheim
    ]
    let advertisement = Advertisement(
      version: .two, virtualRouter: 42, priority: 150, intervalCentiseconds: 300,
      addresses: sample.addresses, authentication: .simpleText(Array("geheim".utf8)))
    var writer = ByteWriter()
    advertisement.write(into: &writer, source: source)
    #expect(writer.bytes == octets)
    let read = try Advertisement(
      parsing: octets[...], source: source, destination: Advertisement.group(.ipv4))
    #expect(read == advertisement && read.interval == .seconds(3))
  }

  @Test("Ethernet padding after the IP packet is no part of the advert")
  func padding() throws {
    #expect(try parse(captured + [UInt8](repeating: 0, count: 14)) == sample)
  }

  @Test("Every truncation throws")
  func truncation() {
    for count in 0..<captured.count {
      #expect(throws: AdvertisementDrop.self) { try parse(Array(captured[..<count])) }
    }
  }

  @Test("Decode, encode, decode is the identity for 10 000 seeded inputs; noise never traps")
  func property() throws {
    var random = SplitMix(7)
    for _ in 0..<10_000 {
      let advertisement = Advertisement(
        virtualRouter: random.next() % 255 + 1, priority: random.next(),
        intervalCentiseconds: random.next() % 4095 + 1,
        addresses: (0...random.below(4)).map { _ in .v4(IPv4Address(random.next())) },
        checksumForm: random.flag() ? .withPseudoHeader : .messageOnly)
      var writer = ByteWriter()
      advertisement.write(into: &writer, source: source)
      let read = try Advertisement(
        parsing: writer.bytes[...], source: source, destination: Advertisement.group(.ipv4))
      #expect(read == advertisement)
      var noise = captured
      noise[random.below(noise.count)] = random.next()
      // Whether it is dropped does not matter here, only that it returns.
      _ = try? parse(noise)
    }
  }

  @Test("RFC 9568 8.1.2, errata 7947 and 7949: a gratuitous ARP request from the virtual MAC")
  func announcement() {
    let frame = Frame.announcement(
      of: .v4(IPv4Address(10, 99, 0, 100)), virtualRouter: 42)
    #expect(
      frame == [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  // broadcast
        0x00, 0x00, 0x5e, 0x00, 0x01, 0x2a,  // virtual MAC
        0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01,  // ARP request
        0x00, 0x00, 0x5e, 0x00, 0x01, 0x2a, 10, 99, 0, 100,  // sender
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 10, 99, 0, 100,  // target
      ])
  }

  @Test("RFC 9568 8.2.2, RFC 4861 4.4: an unsolicited neighbour advertisement of the virtual MAC")
  func neighborAdvertisement() {
    let address = Sample.address("fe80::200:5eff:fe00:22a")
    for (isRouter, flags) in [(true, UInt8(0xa0)), (false, 0x20)] {
      let frame = Frame.announcement(of: address, virtualRouter: 42, isRouter: isRouter)
      #expect(Array(frame[..<14]) == [0x33, 0x33, 0, 0, 0, 1, 0, 0, 0x5e, 0, 2, 0x2a, 0x86, 0xdd])
      #expect(Array(frame[18..<22]) == [0, 32, 58, 255])
      #expect(Array(frame[22..<38]) == address.octets)
      #expect(Array(frame[38..<54]) == Sample.address("ff02::1").octets)
      #expect(Array(frame[54..<56]) == [136, 0])
      // R as told, not S, O; the target; its link-layer address.
      #expect(Array(frame[58..<62]) == [flags, 0, 0, 0])
      #expect(Array(frame[62..<78]) == address.octets)
      #expect(Array(frame[78...]) == [2, 1, 0, 0, 0x5e, 0, 2, 0x2a])
      var sum = InternetChecksum()
      sum.add(frame[22..<54] + [0, 58, 0, 32])
      sum.add(frame[54...])
      #expect(sum.value == 0)
    }
  }
}

/// Seeded numbers of any width.
struct SplitMix {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next<Number: FixedWidthInteger>() -> Number {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return Number(truncatingIfNeeded: mixed ^ mixed >> 31)
  }

  mutating func flag() -> Bool { below(2) == 0 }

  mutating func below(_ limit: Int) -> Int {
    let number: UInt64 = next()
    return Int(number % UInt64(limit))
  }
}
