import Testing
import VRRP
import Wire

private let soon = begin + .milliseconds(7)

/// One router alone; what a whole node does with it is in the simulation.
@Suite("One router: S01–S10, S15–S17") struct StateTests {
  @Test(
    "S01 a silent network: vacant after three intervals and the skew",
    arguments: AddressFamily.allCases)
  func silence(_ family: AddressFamily) {
    var router = Receiver(family).router
    let due = begin + .milliseconds(60) + .milliseconds(20) * 156 / 256
    #expect(router.deadline == due)
    _ = router.handle(.deadlineReached, at: due - .microseconds(1))
    #expect(!router.isVacant)
    _ = router.handle(.deadlineReached, at: due)
    #expect(router.isVacant)
  }

  @Test("S02 the owner carries 255 and has no rank to lose")
  func owner() {
    let router = Receiver(.ipv4, .active) { $0.priority = 255 }.router
    #expect(router.isOwner)
    #expect(router.skewTime == .milliseconds(20) / 256)
    var receiver = Receiver(.ipv4, .active) { $0.priority = 255 }
    #expect(
      receiver.receive(Sample { $0.priority = 254 }.packet(), at: begin + .milliseconds(12)) == nil)
    #expect(receiver.actions == [.sendAdvertisement])
  }

  @Test("S03 a higher priority keeps a Backup a Backup", arguments: AddressFamily.allCases)
  func higher(_ family: AddressFamily) {
    var receiver = Receiver(family)
    for step in 1...100 {
      let now = begin + .milliseconds(20) * step
      #expect(receiver.receive(Sample(family).packet(), at: now) == nil)
      _ = receiver.router.handle(.deadlineReached, at: now)
      #expect(!receiver.router.isVacant)
    }
  }

  @Test("S04 a lower priority: without preemption it counts, with it the timer runs on")
  func lower() {
    let packet = Sample { $0.priority = 50 }.packet()
    var patient = Receiver()
    #expect(patient.receive(packet) == nil)
    #expect(patient.router.deadline == soon + patient.router.activeDownInterval)
    var eager = Receiver()
    eager.router.preempts = true
    let before = eager.router.deadline
    #expect(eager.receive(packet) == nil)
    #expect(eager.router.deadline == before)
  }

  @Test("S05 equal priority: the greater address, unsigned in network order")
  func tie() {
    let cases: [(own: String, other: String, wins: Bool)] = [
      ("10.0.0.9", "10.0.0.10", true), ("10.0.0.10", "10.0.0.9", false),
      ("9.0.0.1", "200.0.0.1", true), ("200.0.0.1", "9.0.0.1", false),
      ("127.255.255.255", "128.0.0.0", true),
      ("fe80::9", "fe80::10", true), ("fe80::8000:0:0:0", "fe80::1", false),
    ]
    for (own, other, wins) in cases {
      let source = Sample.address(other)
      var router = Receiver(source.family, .active) { $0.nodeAddress = Sample.address(own) }.router
      let now = begin + .milliseconds(12)
      let actions = router.handle(
        .advertisementReceived(
          router.advertisement(priority: 100), source: source, received: now), at: now)
      #expect(
        actions == (wins ? [.outranked(by: 100, source: source)] : [.sendAdvertisement]),
        "\(own) \(other)")
    }
  }

  @Test("S06 priority 0 in Backup: the skew remains", arguments: AddressFamily.allCases)
  func resignation(_ family: AddressFamily) {
    var receiver = Receiver(family)
    #expect(receiver.receive(Sample(family) { $0.priority = 0 }.packet()) == nil)
    #expect(receiver.actions == [.resigned])
    #expect(receiver.router.deadline == soon + receiver.router.skewTime)
  }

  @Test(
    "S07, S08 priority 0 and a losing advert in Active are answered at once", arguments: [0, 50])
  func answered(_ priority: UInt8) {
    var receiver = Receiver(.ipv4, .active)
    let now = begin + .milliseconds(12)
    #expect(receiver.receive(Sample { $0.priority = priority }.packet(), at: now) == nil)
    #expect(receiver.actions == [.sendAdvertisement])
    #expect(receiver.router.deadline == now + .milliseconds(20))
  }

  @Test("S09 the interval is learnt, and the skew with it", arguments: AddressFamily.allCases)
  func learning(_ family: AddressFamily) {
    var receiver = Receiver(family)
    #expect(receiver.receive(Sample(family) { $0.interval = [0x01, 0x90] }.packet()) == nil)
    #expect(receiver.router.skewTime == .seconds(4) * 156 / 256)
    #expect(receiver.router.deadline == soon + .seconds(12) + .seconds(4) * 156 / 256)
  }

  @Test("S12 the priority in force decides skew and rank")
  func effectivePriority() {
    var receiver = Receiver(.ipv4, .active)
    receiver.router.priority = 1
    #expect(receiver.router.skewTime == .milliseconds(20) * 255 / 256)
    let now = begin + .milliseconds(12)
    #expect(receiver.receive(Sample { $0.priority = 2 }.packet(), at: now) == nil)
    #expect(receiver.actions == [.outranked(by: 2, source: Sample.peer(.ipv4))])
  }

  @Test(
    "S15 version 2: skew of (256 - priority) / 256 seconds, adverts of either other version are not ours"
  )
  func versions() {
    var two = Receiver {
      $0.version = .two
      $0.interval = .seconds(1)
    }
    #expect(two.router.activeDownInterval == .seconds(3) + .seconds(1) * 156 / 256)
    #expect(two.receive(Sample.two().packet()) == nil)
    #expect(two.receive(Sample().packet()) == .version(3))
    var three = Receiver()
    #expect(three.receive(Sample.two().packet()) == .version(2))
  }

  @Test("S16 two owners: told, and the greater address stays (erratum 8298)")
  func owners() {
    for (source, action) in [
      ("10.0.0.1", VirtualRouter.Action.sendAdvertisement),
      ("10.0.0.3", .outranked(by: 255, source: Sample.address("10.0.0.3"))),
    ] {
      var receiver = Receiver(.ipv4, .active) {
        $0.priority = 255
        $0.addresses = [Sample.address("10.0.0.2")]
      }
      let packet = Sample {
        $0.priority = 255
        $0.addresses = [Sample.address("10.0.0.2")]
        $0.source = Sample.address(source)
      }
      #expect(receiver.receive(packet.packet(), at: begin + .milliseconds(12)) == nil)
      #expect(receiver.remarks == [.secondOwner])
      #expect(receiver.actions == [action])
    }
  }

  @Test("S17 a router of 255 addresses", arguments: AddressFamily.allCases)
  func manyAddresses(_ family: AddressFamily) throws {
    let addresses: [IPAddress] = (0..<255).map { number in
      family == .ipv4
        ? .v4(IPv4Address(0x0a00_0100 + UInt32(number)))
        : .v6(IPv6Address(high: 0xfe80 << 48, low: 0x100 + UInt64(number)))
    }
    let router = Receiver(family, .active) { $0.addresses = addresses }.router
    var writer = ByteWriter()
    router.advertisement(priority: 200).write(into: &writer, source: Sample.peer(family))
    #expect(writer.count == 8 + 255 * (family == .ipv4 ? 4 : 16))
    var receiver = Receiver(family) { $0.addresses = addresses }
    #expect(receiver.receive(Sample(family).packet(writer.bytes)) == nil)
    #expect(receiver.remarks.isEmpty)
  }
}
