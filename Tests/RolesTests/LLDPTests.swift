import Glibc
import Linux
import Testing
import Wire

@testable import Roles

@Suite struct LLDPFrameTests {
  /// As lldpd 1.0.16 of Debian 12 sent it.
  private static let golden: [UInt8] = [
    0x02, 0x07, 0x04, 0xfa, 0xc8, 0x65, 0xdc, 0x60, 0x2b,  // chassis: Ethernet address
    0x04, 0x07, 0x03, 0xfa, 0xc8, 0x65, 0xdc, 0x60, 0x2b,  // port: Ethernet address
    0x06, 0x02, 0x00, 0x78,  // 120 seconds
    0x0a, 0x02, 0x76, 0x6d,  // system name: vm
    0x0c, 0x07, 0x5a, 0x54, 0x20, 0x74, 0x65, 0x73, 0x74,  // system description: ZT test
    0x0e, 0x04, 0x00, 0x9c, 0x00, 0x80,  // capabilities
    0x08, 0x02, 0x76, 0x62,  // port description: vb
    0xfe, 0x09, 0x00, 0x12, 0x0f, 0x03, 0x01, 0x00, 0x00, 0x00, 0x00,  // 802.3 aggregation
    0xfe, 0x09, 0x00, 0x12, 0x0f, 0x01, 0x00, 0x80, 0x00, 0x00, 0x36,  // 802.3 MAC and PHY
    0x00, 0x00,
  ]

  @Test("IEEE 802.1AB 8.4: a frame is read field by field, what is unknown is skipped")
  func reading() throws {
    let frame = try LLDPFrame(parsing: Self.golden)
    #expect(frame.chassis.description == "fa:c8:65:dc:60:2b")
    #expect(frame.port.description == "fa:c8:65:dc:60:2b")
    #expect(frame.seconds == 120 && frame.systemName == "vm")
    #expect(frame.systemDescription == "ZT test" && frame.portDescription == "vb")
    // Padding of a short Ethernet frame.
    #expect(try LLDPFrame(parsing: Self.golden + [UInt8](repeating: 0, count: 20)) == frame)
  }

  @Test("what we write is read as what it was")
  func roundTrip() throws {
    var frame = LLDPFrame(
      chassis: LLDPIdentifier(chassis: MACAddress(0x0200_0000_0001)),
      port: LLDPIdentifier(interface: "ge4"), seconds: 121)
    frame.systemName = "paris-gw-01"
    frame.systemDescription = String(repeating: "x", count: 255)
    #expect(try LLDPFrame(parsing: frame.octets) == frame)
  }

  @Test("IEEE 802.1AB 9.2.7.7: the mandatory fields come first, in their order, once each")
  func order() {
    let (chassis, port, time) = (Self.golden[0..<9], Self.golden[9..<18], Self.golden[18..<22])
    let end: ArraySlice<UInt8> = [0, 0]
    let wrong: [[ArraySlice<UInt8>]] = [
      [port, chassis, time, end], [chassis, time, port, end], [chassis, port, end],
      [chassis, port, time, time, end], [chassis, port, time, chassis, end], [end],
    ]
    for parts in wrong {
      #expect(throws: LLDPDrop.self) { try LLDPFrame(parsing: parts.flatMap { Array($0) }) }
    }
    #expect(throws: LLDPDrop.length(type: 1, count: 1)) { try LLDPFrame(parsing: [2, 1, 4]) }
    #expect(throws: LLDPDrop.length(type: 3, count: 1)) {
      try LLDPFrame(parsing: Array(chassis) + Array(port) + [6, 1, 9])
    }
  }

  @Test("every truncation is refused or ends between two fields; changed octets never trap")
  func hostile() {
    let boundaries: Set = [22, 26, 35, 41, 45, 56, 67, 69]
    for length in 0...Self.golden.count {
      let result = Result { try LLDPFrame(parsing: Array(Self.golden.prefix(length))) }
      let isRead = if case .success = result { true } else { false }
      #expect(isRead == boundaries.contains(length), "\(length)")
    }
    for index in Self.golden.indices {
      for value in UInt8.min...UInt8.max {
        var changed = Self.golden
        changed[index] = value
        // Both outcomes are fine; the test is that there is one.
        _ = try? LLDPFrame(parsing: changed)
      }
    }
  }

  @Test("names from the wire are harmless on a screen")
  func text() {
    #expect(LLDPFrame.text([0x61, 0x1b, 0x5b, 0x32, 0x4a, 0x0a, 0x00, 0xff]) == "a?[2J???")
    #expect(LLDPFrame.text(Array("\u{202e}evil\u{7f}é".utf8)[...]) == "?evil?é")
  }

  @Test("identifiers are shown by their kind")
  func identifiers() {
    // The way in which it reaches the status, and by which a direct cable is known.
    #expect("\(LLDPIdentifier(interface: "ge4"))" == "ge4")
    let network = LLDPIdentifier([5, 1, 192, 0, 2, 1], addresses: .chassis)
    #expect(network.description == "192.0.2.1")
    #expect(
      LLDPIdentifier([3, 1, 2, 3, 4, 5, 6], addresses: .port).description == "01:02:03:04:05:06")
    #expect(LLDPIdentifier([7, 0x67, 0x77], addresses: .chassis).description == "gw")
    #expect(LLDPIdentifier([4, 1], addresses: .chassis).description == "?")
  }
}

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct LLDPTests {
  @Test("two boxes on a direct cable see each other, and see each other go")
  func pair() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge4")
      try OwnNamespace.command("ip", "link", "set", "ge4", "up")
      let neighbour = try Neighbour("xge4")
      let start = MonotonicClock.now()
      let one = try LLDP(port: "ge4", systemName: "gw-01", description: "ZT Branch", at: start)
      let two = try neighbour.inside {
        try LLDP(port: "xge4", systemName: "gw-02", description: "ZT Branch", at: start)
      }
      #expect(one.deadline == start)
      #expect(!one.handle(at: start) && !two.handle(at: start))
      #expect(one.deadline == start + .seconds(30))
      for (side, name, port) in [(one, "gw-02", "xge4"), (two, "gw-01", "ge4")] {
        #expect(try Self.arrival(side, at: start))
        #expect(side.neighbour?.systemName == name && side.neighbour?.port.description == port)
        #expect(side.neighbour?.chassis.description.hasSuffix(":") == false)
      }
      two.leave()
      #expect(try Self.arrival(one, at: start) && one.neighbour == nil)
      // The other one says nothing any more: it is forgotten when its time is up.
      #expect(!two.handle(at: start + .seconds(120)) && two.neighbour != nil)
      #expect(two.handle(at: start + .seconds(122)) && two.neighbour == nil)
    }
  }

  @Test("an absent port is told as such")
  func absentPort() throws {
    try OwnNamespace.run {
      let error = #expect(throws: SystemError.self) {
        _ = try LLDP(port: "ge4", systemName: "", description: "", at: MonotonicClock.now())
      }
      #expect(error?.code == ENODEV)
    }
  }

  /// Waits for a frame and takes it; whether it changed anything.
  private static func arrival(_ side: LLDP, at now: Instant) throws -> Bool {
    var entry = pollfd(fd: side.descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&entry, 1, 10_000) == 1 else { return false }
    return try side.read(at: now)
  }
}
