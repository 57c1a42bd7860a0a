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
  try Advertisement(parsing: IPv4Datagram(parsing: packet[...]))
}

/// A whole packet around `message`, with right checksums.
private func packet(
  _ change: (inout [UInt8]) -> Void = { _ in }, header: (inout [UInt8]) -> Void = { _ in }
) -> [UInt8] {
  var packet = Array(Frame.advertisement(sample, source: source).dropFirst(14))
  var message = Array(packet[20...])
  change(&message)
  message[6] = 0
  message[7] = 0
  var sum = InternetChecksum()
  sum.add(message)
  message[6] = UInt8(sum.value >> 8)
  message[7] = UInt8(truncatingIfNeeded: sum.value)
  packet = packet[..<20] + message
  packet[3] = UInt8(packet.count)
  packet[10] = 0
  packet[11] = 0
  header(&packet)
  var headerSum = InternetChecksum()
  headerSum.add(packet[..<20])
  packet[10] = UInt8(headerSum.value >> 8)
  packet[11] = UInt8(truncatingIfNeeded: headerSum.value)
  return packet
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
    let frame = Frame.advertisement(sample, source: source)
    #expect(Array(frame[0..<6]) == [0x01, 0, 0x5e, 0, 0, 0x12])
    #expect(Array(frame[6..<12]) == [0, 0, 0x5e, 0, 0x01, 42])
    #expect(Array(frame[12..<14]) == [8, 0])
    #expect(frame[15] == 0xc0)
    #expect(frame[22] == 255)
  }

  @Test("RFC 9568 5.2.8: both checksum forms are accepted and the form is remembered")
  func checksumForms() throws {
    for form in [Advertisement.ChecksumForm.withPseudoHeader, .messageOnly] {
      var advertisement = sample
      advertisement.checksumForm = form
      let packet = Frame.advertisement(advertisement, source: source).dropFirst(14)
      #expect(try parse(Array(packet)).checksumForm == form)
    }
  }

  @Test("Each rule of RFC 9568 7.1 has its own drop reason")
  func drops() {
    var wrongSum = captured
    wrongSum[27] ^= 1
    #expect(throws: AdvertisementDrop.checksum(0x430e)) { try parse(wrongSum) }
    #expect(throws: AdvertisementDrop.timeToLive(254)) {
      try parse(packet(header: { $0[8] = 254 }))
    }
    #expect(throws: AdvertisementDrop.version(2)) { try parse(packet({ $0[0] = 0x21 })) }
    #expect(throws: AdvertisementDrop.type(2)) { try parse(packet({ $0[0] = 0x32 })) }
    #expect(throws: AdvertisementDrop.truncated(count: 12)) {
      try parse(packet({ $0[3] = 2 }))
    }
    #expect(throws: AdvertisementDrop.tooLong(count: 16)) {
      try parse(packet({ $0 += [10, 0, 0, 1] }))
    }
    #expect(throws: AdvertisementDrop.fragment) { try parse(packet(header: { $0[6] = 0x20 })) }
    #expect(throws: AdvertisementDrop.header(0x46)) { try parse(packet(header: { $0[0] = 0x46 })) }
    #expect(throws: AdvertisementDrop.destination(.v4(IPv4Address(224, 0, 0, 19)))) {
      try parse(packet(header: { $0[19] = 0x13 }))
    }
    #expect(throws: AdvertisementDrop.source(.v4(IPv4Address(224, 0, 0, 1)))) {
      try parse(packet(header: { $0.replaceSubrange(12..<16, with: [224, 0, 0, 1]) }))
    }
    #expect(throws: AdvertisementDrop.protocolNumber(113)) {
      try parse(packet(header: { $0[9] = 113 }))
    }
  }

  @Test("Erratum 8299: an advert without address is ignored")
  func noAddress() {
    #expect(throws: AdvertisementDrop.noAddress) {
      try parse(
        packet({
          $0 = Array($0[..<8]); $0[3] = 0
        }))
    }
  }

  @Test("Erratum 8301: an interval of zero is discarded, 1 and 4095 are valid")
  func intervals() throws {
    #expect(throws: AdvertisementDrop.intervalZero) {
      try parse(
        packet({
          $0[4] = 0; $0[5] = 0
        }))
    }
    #expect(
      try parse(
        packet({
          $0[4] = 0; $0[5] = 1
        })
      ).intervalCentiseconds == 1)
    #expect(
      try parse(
        packet({
          $0[4] = 0xf; $0[5] = 0xff
        })
      ).intervalCentiseconds == 4095)
  }

  @Test("RFC 9568 5.2.6: reserved bits are ignored on receipt")
  func reserved() throws {
    #expect(try parse(packet({ $0[4] = 0xf0 })).intervalCentiseconds == 1)
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
        virtualRouter: random.next(), priority: random.next(),
        intervalCentiseconds: random.next() % 4095 + 1,
        addresses: (0...random.below(4)).map { _ in .v4(IPv4Address(random.next())) },
        checksumForm: random.flag() ? .withPseudoHeader : .messageOnly)
      var writer = ByteWriter()
      advertisement.write(into: &writer, source: source)
      let read = try Advertisement(
        parsing: writer.bytes[...], source: source, destination: Advertisement.group)
      #expect(read == advertisement)
      var noise = captured
      noise[random.below(noise.count)] = random.next()
      // Whether it is dropped does not matter here, only that it returns.
      _ = try? parse(noise)
    }
  }

  @Test("RFC 9568 8.1.2, errata 7947 and 7949: a gratuitous ARP request from the virtual MAC")
  func announcement() {
    let frame = Frame.announcement(of: IPv4Address(10, 99, 0, 100), virtualRouter: 42)
    #expect(
      frame == [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  // broadcast
        0x00, 0x00, 0x5e, 0x00, 0x01, 0x2a,  // virtual MAC
        0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01,  // ARP request
        0x00, 0x00, 0x5e, 0x00, 0x01, 0x2a, 10, 99, 0, 100,  // sender
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 10, 99, 0, 100,  // target
      ])
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
