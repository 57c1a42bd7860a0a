import Messages
import Testing
import VRRP
import Wire

@testable import HARoles

@Suite struct AdvertTests {
  private let neighbour = IPAddress.v4(IPv4Address(10, 1, 0, 3))

  /// An advert of the neighbour as the port receives it, from its IP header on.
  private func packet(_ virtualRouter: UInt8) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    Advertisement(
      virtualRouter: virtualRouter, priority: 100, intervalCentiseconds: 2,
      addresses: [.v4(IPv4Address(10, 1, 0, 1))]
    ).write(into: &writer, source: neighbour)
    let frame = Frame.advertisement(
      writer.bytes, virtualRouter: virtualRouter, source: neighbour)
    return Array(frame.dropFirst(14))
  }

  private func named(_ octets: [UInt8]) -> UInt8? {
    AdvertisementPacket.virtualRouter(namedIn: octets[...], .ipv4)
  }

  @Test("a broken advert is that of the router which it names; a broken header names none")
  func brokenAdvert() throws {
    let octets = packet(9)
    #expect(named(octets) == 9)
    // Version, priority, count, interval, checksum.
    for place in [20, 22, 23, 25, 26] {
      var broken = octets
      broken[place] ^= 0xff
      #expect(throws: AdvertisementDrop.self) {
        try AdvertisementPacket(parsing: broken[...], .ipv4)
      }
      #expect(named(broken) == 9)
    }
    var header = octets
    header[12] ^= 0xff
    #expect(named(header) == nil)
    for count in 0..<octets.count { #expect(named(Array(octets.prefix(count))) == nil) }
  }

  @Test("the fence's farewell is no replay after the adverts that follow the beat")
  func farewell() {
    var trailers = TrailerSequence()
    let start = Instant.zero + .seconds(1)
    let utc: Int64 = 1_780_000_000_000_000_000
    func number(_ milliseconds: Int) -> UInt64 {
      trailers.next(
        utc: utc + Interval.milliseconds(milliseconds).nanoseconds,
        at: start + .milliseconds(milliseconds))
    }
    let first = number(0)
    let lead = Pace(advertInterval: .milliseconds(20)).farewellLead
    let farewell = trailers.number(in: lead, utc: utc, at: start)
    var replays = ReplayGuard()
    for sequence in [first, number(20), number(35)] {
      #expect(sequence < farewell)
      replays.note(sequence, from: neighbour, at: start)
    }
    let isBelieved = replays.allows(
      farewell, from: neighbour, interval: .milliseconds(20), utc: utc, at: start)
    #expect(isBelieved)
  }

  @Test("allowed sources of one family leave the other one closed")
  func allowedSources() throws {
    let configuration = VRRPConfiguration(
      node: .primary, bootID: [UInt8](repeating: 1, count: 16), groupID: 77, priority: 200,
      advertInterval: .milliseconds(20), preempt: false, preemptDelay: .zero,
      allowedSources: [.v6(IPv6Address(high: 0xfe80 << 48, low: 3))],
      ports: [
        VirtualRouterPort(
          port: "ge2", device: "vr4-ge2-77", groupID: 77,
          nodeAddress: .v4(IPv4Prefix(IPv4Address(10, 1, 0, 2), length: 24)),
          virtualAddresses: [.v4(IPv4Address(10, 1, 0, 1))])
      ],
      tracked: [],
      link: HALink(
        port: "ge4", address: IPv4Address(169, 254, 77, 1), peers: [IPv4Address(169, 254, 77, 2)],
        key: [UInt8](repeating: 7, count: 32)),
      configurationHash: [UInt8](repeating: 0, count: 32), storedTerm: 0)
    let router = VirtualRouter(try #require(try configuration.group().routers.first))
    let packet = try AdvertisementPacket(parsing: packet(77)[...], .ipv4)
    #expect(throws: AdvertisementDrop.notAllowed(neighbour)) { try router.admit(packet) }
  }
}
