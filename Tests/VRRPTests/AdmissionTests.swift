import Testing
import VRRP
import Wire

/// In Backup and in Active: the packet is dropped for that reason and no timer moves.
func expectDrop(
  _ drop: AdvertisementDrop, _ packet: [UInt8], _ family: AddressFamily = .ipv4,
  as packetFamily: AddressFamily? = nil, gate: TrailerGate = TrailerGate(.off),
  change: (inout VirtualRouter.Configuration) -> Void = { _ in },
  at location: SourceLocation = #_sourceLocation
) {
  for state in [VirtualRouter.State.backup, .active] {
    var receiver = Receiver(family, state, change)
    receiver.gate = gate
    let before = receiver.timers
    let found = receiver.receive(packet, packetFamily)
    #expect(found == drop, "\(state)", sourceLocation: location)
    #expect(receiver.timers == before, "\(state)", sourceLocation: location)
  }
}

/// In Backup: the packet restarts the timer.
func expectAccepted(
  _ packet: [UInt8], _ family: AddressFamily = .ipv4, remarks: [AdvertisementRemark] = [],
  change: (inout VirtualRouter.Configuration) -> Void = { _ in },
  at location: SourceLocation = #_sourceLocation
) {
  var receiver = Receiver(family, .backup, change)
  let found = receiver.receive(packet)
  #expect(found == nil, sourceLocation: location)
  #expect(receiver.router.lastHeard == begin + .milliseconds(7), sourceLocation: location)
  #expect(receiver.remarks == remarks, sourceLocation: location)
}

@Suite("Packets: C01–C14") struct AdmissionTests {
  @Test("C01 TTL and hop limit 254, 1 and 0 passed a router", arguments: AddressFamily.allCases)
  func timeToLive(_ family: AddressFamily) {
    for value: UInt8 in [254, 1, 0] {
      expectDrop(.timeToLive(value), Sample(family) { $0.timeToLive = value }.packet(), family)
    }
  }

  @Test("C02 versions 0, 1, 2 and 4…15", arguments: AddressFamily.allCases)
  func version(_ family: AddressFamily) {
    for value: UInt8 in [0, 1] + Array(4...15) {
      expectDrop(.version(value), Sample(family) { $0.version = value }.packet(), family)
    }
    expectDrop(.version(2), Sample.two().packet())
    expectDrop(.version(3), Sample().packet()) { $0.version = .two }
    expectDrop(.family(.ipv6), Sample(.ipv6) { $0.version = 2 }.packet(), .ipv6)
  }

  @Test("C03 types 0 and 2…15", arguments: AddressFamily.allCases)
  func type(_ family: AddressFamily) {
    for value: UInt8 in [0] + Array(2...15) {
      expectDrop(.type(value), Sample(family) { $0.type = value }.packet(), family)
    }
  }

  @Test("C04 a wrong checksum", arguments: AddressFamily.allCases)
  func checksum(_ family: AddressFamily) {
    for form in [Advertisement.ChecksumForm.withPseudoHeader, .messageOnly] {
      let sample = Sample(family) {
        $0.form = form
        $0.checksumError = 0x1234
      }
      let field = Array(sample.message[6..<8])
      expectDrop(.checksum(UInt16(field[0]) << 8 | UInt16(field[1])), sample.packet(), family)
    }
    let two = Sample.two { $0.checksumError = 1 }
    let field = Array(two.message[6..<8])
    expectDrop(.checksum(UInt16(field[0]) << 8 | UInt16(field[1])), two.packet()) {
      $0.version = .two
    }
  }

  @Test("C05 version 3 over IPv4: either checksum form is right, remembered and mirrored")
  func checksumForms() {
    for form in [Advertisement.ChecksumForm.withPseudoHeader, .messageOnly] {
      for state in [VirtualRouter.State.backup, .active] {
        var receiver = Receiver(.ipv4, state)
        #expect(receiver.receive(Sample { $0.form = form }.packet()) == nil)
        #expect(receiver.router.advertisement(priority: 100).checksumForm == form)
      }
    }
    var fixed = Receiver { $0.checksumForm = .withPseudoHeader }
    #expect(fixed.receive(Sample { $0.form = .messageOnly }.packet()) == nil)
    #expect(fixed.router.advertisement(priority: 100).checksumForm == .withPseudoHeader)
  }

  @Test("C06 version 3 over IPv6 always has the pseudo header")
  func checksumOfSix() {
    let sample = Sample(.ipv6) { $0.form = .messageOnly }
    let field = Array(sample.message[6..<8])
    expectDrop(.checksum(UInt16(field[0]) << 8 | UInt16(field[1])), sample.packet(), .ipv6)
    expectAccepted(Sample(.ipv6).packet(), .ipv6)
  }

  @Test("C07 another virtual router", arguments: AddressFamily.allCases)
  func virtualRouter(_ family: AddressFamily) {
    for value: UInt8 in [0, 41, 43, 255] {
      expectDrop(
        .virtualRouter(value), Sample(family) { $0.virtualRouter = value }.packet(), family)
    }
  }

  @Test("C08 messages of 0…7 octets", arguments: AddressFamily.allCases)
  func short(_ family: AddressFamily) {
    let sample = Sample(family)
    for count in 0..<8 {
      let packet = sample.packet(Array(sample.message.prefix(count)))
      expectDrop(.truncated(count: count), packet, family)
    }
  }

  @Test("C09 eight octets that promise an address", arguments: AddressFamily.allCases)
  func headerOnly(_ family: AddressFamily) {
    let sample = Sample(family) {
      $0.addresses = []
      $0.count = 1
    }
    expectDrop(.truncated(count: 8), sample.packet(), family)
  }

  @Test("C10 no address (erratum 8299)", arguments: AddressFamily.allCases)
  func noAddress(_ family: AddressFamily) {
    expectDrop(.noAddress, Sample(family) { $0.addresses = [] }.packet(), family)
    expectDrop(.noAddress, Sample(family) { $0.count = 0 }.packet(), family)
  }

  @Test("C11 fewer addresses than the count", arguments: AddressFamily.allCases)
  func fewer(_ family: AddressFamily) {
    let sample = Sample(family) { $0.count = UInt8($0.addresses.count + 1) }
    expectDrop(.truncated(count: sample.message.count), sample.packet(), family)
  }

  @Test("C12 more addresses than the count", arguments: AddressFamily.allCases)
  func more(_ family: AddressFamily) {
    let sample = Sample(family) {
      $0.addresses.append($0.addresses[0])
      $0.count = UInt8($0.addresses.count - 1)
    }
    expectDrop(.tooLong(count: sample.message.count), sample.packet(), family)
  }

  @Test(
    "C13 255 addresses are read; fewer octets than that are not", arguments: AddressFamily.allCases)
  func many(_ family: AddressFamily) {
    let sample = Sample(family) {
      $0.addresses = [IPAddress](repeating: $0.addresses[0], count: 255)
    }
    expectAccepted(sample.packet(), family, remarks: [.addresses])
    let cut = Array(sample.message.prefix(1_000))
    expectDrop(.truncated(count: 1_000), sample.packet(cut), family)
  }

  @Test("C14 Ethernet padding is not part of the packet", arguments: AddressFamily.allCases)
  func padding(_ family: AddressFamily) {
    let packet = Sample(family).packet()
    for extra in [1, 4, 14, 46] {
      expectAccepted(packet + [UInt8](repeating: 0xa5, count: extra), family)
    }
  }
}

@Suite("Packets: C15–C26") struct ContentTests {
  @Test("C15 interval zero (erratum 8301)", arguments: AddressFamily.allCases)
  func intervalZero(_ family: AddressFamily) {
    expectDrop(.intervalZero, Sample(family) { $0.interval = [0, 0] }.packet(), family)
    expectDrop(.intervalZero, Sample.two { $0.interval = [0, 0] }.packet()) { $0.version = .two }
  }

  @Test("C16 intervals of 1 and 4095 centiseconds", arguments: AddressFamily.allCases)
  func intervalEdges(_ family: AddressFamily) {
    for (octets, interval) in [([UInt8(0), 1], 10), ([0x0f, 0xff], 40_950)] {
      var receiver = Receiver(family)
      #expect(receiver.receive(Sample(family) { $0.interval = octets }.packet()) == nil)
      let active = Interval.milliseconds(interval)
      #expect(receiver.router.activeDownInterval == active * 3 + active * 156 / 256)
    }
  }

  @Test("C17 another interval is believed, told and learnt", arguments: AddressFamily.allCases)
  func otherInterval(_ family: AddressFamily) {
    let packet = Sample(family) { $0.interval = [0, 100] }.packet()
    expectAccepted(packet, family, remarks: [.interval])
    var active = Receiver(family, .active)
    #expect(active.receive(packet) == nil)
    #expect(active.actions == [.outranked(by: 200, source: Sample.peer(family))])
  }

  @Test("C18 reserved bits are ignored", arguments: AddressFamily.allCases)
  func reserved(_ family: AddressFamily) {
    expectAccepted(Sample(family) { $0.interval = [0xf0, 2] }.packet(), family)
  }

  @Test(
    "C19 priority 255 of one who does not own an address is told", arguments: AddressFamily.allCases
  )
  func foreignOwner(_ family: AddressFamily) {
    expectAccepted(Sample(family) { $0.priority = 255 }.packet(), family, remarks: [.ownerClaim])
    let owner = Sample(family) {
      $0.priority = 255
      $0.source = $0.addresses[0]
    }
    expectAccepted(owner.packet(), family)
  }

  @Test("C20 other addresses, or another order, are told")
  func addresses() {
    let other = Sample { $0.addresses = [Sample.address("10.0.0.77")] }
    expectAccepted(other.packet(), remarks: [.addresses])
    let two = ["10.0.0.1", "10.0.0.9"].map(Sample.address)
    expectAccepted(Sample { $0.addresses = two.reversed() }.packet(), remarks: [.addresses]) {
      $0.addresses = two
    }
    expectAccepted(Sample { $0.addresses = two }.packet()) { $0.addresses = two }
  }

  @Test("C21 the first IPv6 address is link-local (erratum 8300)")
  func firstAddress() {
    let sample = Sample(.ipv6) { $0.addresses.reverse() }
    expectDrop(.firstAddress(sample.addresses[0]), sample.packet(), .ipv6)
  }

  @Test("C22 addresses or packets of the other family")
  func family() {
    let four = Sample { $0.addresses = Sample.addresses(.ipv6) }
    expectDrop(.tooLong(count: four.message.count), four.packet())
    let six = Sample(.ipv6) { $0.addresses = Sample.addresses(.ipv4) }
    expectDrop(.truncated(count: 12), six.packet(), .ipv6)
    expectDrop(.family(.ipv4), Sample().packet(), .ipv6, as: .ipv4)
    expectDrop(.header(0x6c), Sample(.ipv6).packet(), .ipv4)
    expectDrop(.header(0x45), Sample().packet(), .ipv6)
  }

  @Test("C23 a multicast router does not hear unicast", arguments: AddressFamily.allCases)
  func unicast(_ family: AddressFamily) {
    let packet = Sample(family) { $0.destination = Sample.own(family) }.packet()
    expectDrop(.destination(Sample.own(family)), packet, family)
    let peers = [Sample.peer(family)]
    expectAccepted(packet, family) { $0.unicastPeers = peers }
    // And a unicast router hears neither the group nor strangers.
    expectDrop(.destination(Sample(family).destination), Sample(family).packet(), family) {
      $0.unicastPeers = peers
    }
    let stranger = family == .ipv4 ? Sample.address("10.0.0.66") : Sample.address("fe80::66")
    let strange = Sample(family) {
      $0.destination = Sample.own(family)
      $0.source = stranger
    }
    expectDrop(.notAllowed(stranger), strange.packet(), family) { $0.unicastPeers = peers }
  }

  @Test("C24 our own advert comes back", arguments: AddressFamily.allCases)
  func loop(_ family: AddressFamily) {
    expectDrop(.ownAddress, Sample(family) { $0.source = Sample.own(family) }.packet(), family)
  }

  @Test("C25 sources that no neighbour has")
  func sources() {
    for text in ["0.0.0.0", "224.0.0.5", "127.0.0.1", "255.255.255.255", "10.0.0.1"] {
      let source = Sample.address(text)
      expectDrop(.source(source), Sample { $0.source = source }.packet())
    }
    for text in ["::", "ff02::1", "::1", "fe80::200:5eff:fe00:22a"] {
      let source = Sample.address(text)
      expectDrop(.source(source), Sample(.ipv6) { $0.source = source }.packet(), .ipv6)
    }
    for (text, family) in [("192.0.2.1", AddressFamily.ipv4), ("2001:db8::3", .ipv6)] {
      let source = Sample.address(text)
      expectDrop(.offNetwork(source), Sample(family) { $0.source = source }.packet(), family)
    }
  }

  @Test("C25 only allowed sources are heard", arguments: AddressFamily.allCases)
  func allowed(_ family: AddressFamily) {
    let other = family == .ipv4 ? Sample.address("10.0.0.9") : Sample.address("fe80::9")
    let packet = Sample(family).packet()
    expectDrop(.notAllowed(Sample.peer(family)), packet, family) { $0.allowedSources = [other] }
    expectAccepted(packet, family) { $0.allowedSources = [other, Sample.peer(family)] }
  }

  @Test("C26 options, extension headers, fragments and wrong header checksums")
  func headers() {
    expectDrop(.header(0x46), Sample().packet(options: [1, 1, 1, 1]))
    expectDrop(.fragment, Sample { $0.flags = 0x2000 }.packet())
    expectDrop(.fragment, Sample { $0.flags = 0x0001 }.packet())
    expectAccepted(Sample { $0.flags = 0x4000 }.packet())
    var broken = Sample().packet()
    broken[11] ^= 1
    expectDrop(.headerChecksum, broken)
    for (number, drop) in [(UInt8(44), AdvertisementDrop.fragment), (0, .protocolNumber(0))] {
      var packet = Sample(.ipv6).packet()
      packet[6] = number
      expectDrop(drop, packet, .ipv6)
    }
  }
}
