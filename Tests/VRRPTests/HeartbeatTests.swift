import Testing
import VRRP
import Wire

private func sample(_ random: inout SplitMix) -> Heartbeat {
  var heartbeat = Heartbeat()
  heartbeat.role = [.initializing, .standby, .active][random.below(3)]
  heartbeat.isLeaving = random.flag()
  heartbeat.isFaulted = random.flag()
  heartbeat.wantsActive = random.flag()
  heartbeat.isSynchronised = random.flag()
  heartbeat.asksBack = random.flag()
  heartbeat.holdsOff = random.flag()
  heartbeat.returnsDrills = random.flag()
  heartbeat.demotion = random.next()
  heartbeat.addresses = (0..<random.below(3)).map { _ in
    random.flag()
      ? .v4(IPv4Address(random.next())) : .v6(IPv6Address(high: random.next(), low: random.next()))
  }
  heartbeat.priority = random.next()
  heartbeat.successor = NodeID(random.next())
  heartbeat.address = IPv4Address(random.next())
  heartbeat.term = random.next()
  heartbeat.highestTerm = random.next()
  heartbeat.patienceMilliseconds = random.next()
  heartbeat.configurationHash = (0..<32).map { _ in random.next() }
  heartbeat.policyVersion = random.next()
  heartbeat.policyHash = (0..<32).map { _ in random.next() }
  heartbeat.links = (0..<random.below(4)).map {
    LinkState(port: "ge\($0)", isUp: random.flag())
  }
  heartbeat.faults = (0..<random.below(3)).map { "grund \($0) – ärgerlich" }
  heartbeat.echoes = (0..<random.below(3)).map { _ in
    Heartbeat.Echo(
      node: NodeID(random.next()), boot: BootID(high: random.next(), low: random.next()),
      counter: random.next())
  }
  return heartbeat
}

@Suite struct HeartbeatCodecTests {
  @Test("The clear header is 32 octets: magic, version, node, boot, counter")
  func header() throws {
    let header = HeartbeatHeader(
      node: NodeID(2), boot: BootID(high: 0x0102_0304_0506_0708, low: 0x1112_1314_1516_1718),
      counter: 0x2122)
    let golden: [UInt8] = [
      0x5a, 0x54, 0x48, 0x42,  // ZTHB
      1, 2, 0, 0,  // version, node, reserved
      1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,  // boot
      0, 0, 0, 0, 0, 0, 0x21, 0x22,  // counter
    ]
    #expect(header.encoded == golden)
    #expect(try HeartbeatHeader(decoding: golden) == header)
    for count in 0..<golden.count {
      #expect(throws: WireError.self) {
        try HeartbeatHeader(decoding: Array(golden[..<count]))
      }
    }
    for (offset, value) in [(0, UInt8(0)), (4, 2)] {
      var wrong = golden
      wrong[offset] = value
      #expect(throws: WireError.self) { try HeartbeatHeader(decoding: wrong) }
    }
  }

  @Test("Decode, encode, decode is the identity for seeded heartbeats")
  func property() throws {
    var random = SplitMix(3)
    for _ in 0..<1_000 {
      let heartbeat = sample(&random)
      #expect(try Heartbeat(decoding: heartbeat.encoded) == heartbeat)
    }
  }

  @Test("Every truncation of what every version has throws; octets of a later one are ignored")
  func truncation() throws {
    var random = SplitMix(5)
    var heartbeat = sample(&random)
    heartbeat.links = [LinkState(port: "ge2", isUp: true)]
    heartbeat.addresses = []
    let octets = heartbeat.encoded
    // Without the last three octets it is an older peer's.
    for count in 0..<octets.count where count != octets.count - 3 {
      #expect(throws: WireError.self) { try Heartbeat(decoding: Array(octets[..<count])) }
    }
    var reader = ByteReader(octets + [1, 2, 3])
    #expect(try Heartbeat(from: &reader) == heartbeat)
  }

  @Test("Lists and texts are cut to their limits, at a character")
  func limits() throws {
    var heartbeat = Heartbeat()
    heartbeat.faults = [String](repeating: String(repeating: "ä", count: 200), count: 99)
    let read = try Heartbeat(decoding: heartbeat.encoded)
    #expect(read.faults.count == Limits.heartbeatList)
    #expect(read.faults[0].utf8.count == Limits.heartbeatText)
  }
}

@Suite struct HeartbeatSessionTests {
  let own = BootID(high: 1, low: 1)
  let peer = BootID(high: 2, low: 2)

  private func header(_ boot: BootID, _ counter: UInt64) -> HeartbeatHeader {
    HeartbeatHeader(node: NodeID(2), boot: boot, counter: counter)
  }

  private func echo(_ boot: BootID, _ counter: UInt64) -> Heartbeat {
    var heartbeat = Heartbeat()
    heartbeat.echoes = [Heartbeat.Echo(node: NodeID(1), boot: boot, counter: counter)]
    return heartbeat
  }

  /// A session in which `peer` was accepted with counter 2, while we had sent 11.
  private func established() throws -> HeartbeatSession {
    var session = HeartbeatSession(peer: NodeID(2), ownBoot: own)
    #expect(throws: HeartbeatDrop.notEchoed) {
      try session.accept(header(peer, 1), Heartbeat(), from: NodeID(2), ownCounter: 10)
    }
    #expect(
      try session.accept(header(peer, 2), echo(own, 11), from: NodeID(2), ownCounter: 11))
    return session
  }

  @Test("A new boot counts only after it echoed a counter that we sent since")
  func acceptance() throws {
    let session = try established()
    #expect(session.boot == peer)
    #expect(session.echoes == [Heartbeat.Echo(node: NodeID(2), boot: peer, counter: 2)])
  }

  @Test("An echo of what we sent before we heard of the boot proves nothing")
  func staleEcho() throws {
    var session = HeartbeatSession(peer: NodeID(2), ownBoot: own)
    for counter in 1...3 {
      #expect(throws: HeartbeatDrop.notEchoed) {
        try session.accept(
          header(peer, UInt64(counter)), echo(own, 10), from: NodeID(2), ownCounter: 10)
      }
    }
  }

  @Test("Within a boot the counter must grow: replays and duplicates are dropped")
  func replay() throws {
    var session = try established()
    #expect(throws: HeartbeatDrop.replayed(counter: 2)) {
      try session.accept(header(peer, 2), echo(own, 11), from: NodeID(2), ownCounter: 12)
    }
    #expect(
      try !session.accept(header(peer, 3), Heartbeat(), from: NodeID(2), ownCounter: 12))
  }

  @Test("A recorded stream of an earlier boot is never accepted again")
  func recordedBoot() throws {
    var session = try established()
    let second = BootID(high: 3, low: 3)
    #expect(throws: HeartbeatDrop.notEchoed) {
      try session.accept(header(second, 1), echo(own, 20), from: NodeID(2), ownCounter: 20)
    }
    #expect(try session.accept(header(second, 2), echo(own, 21), from: NodeID(2), ownCounter: 21))
    for counter in 3...30 {
      #expect(throws: HeartbeatDrop.notEchoed) {
        try session.accept(
          header(peer, UInt64(counter)), echo(own, 19), from: NodeID(2), ownCounter: 30)
      }
    }
    #expect(session.boot == second)
  }

  @Test("A term that no node can reach is refused, whichever field holds it")
  func poisonedTerm() throws {
    for field in [\Heartbeat.term, \.highestTerm] {
      for term in [UInt64(1) << 62, .max] {
        var session = try established()
        var heartbeat = Heartbeat()
        heartbeat[keyPath: field] = term
        #expect(throws: HeartbeatDrop.term(term)) {
          try session.accept(header(peer, 3), heartbeat, from: NodeID(2), ownCounter: 12)
        }
        heartbeat[keyPath: field] = (1 << 62) - 1
        #expect(
          try !session.accept(header(peer, 4), heartbeat, from: NodeID(2), ownCounter: 12))
      }
    }
  }

  @Test("Our own heartbeat and unknown nodes are refused")
  func foreign() throws {
    var session = try established()
    #expect(throws: HeartbeatDrop.reflected) {
      try session.accept(header(own, 99), Heartbeat(), from: NodeID(2), ownCounter: 12)
    }
    #expect(throws: HeartbeatDrop.unknownNode(9)) {
      try session.accept(header(peer, 99), Heartbeat(), from: NodeID(9), ownCounter: 12)
    }
  }

  @Test("Of two nodes that are alike in all and have no IPv4 address, exactly one is preferred")
  func preferenceOfIPv6() {
    var one = Heartbeat()
    var other = Heartbeat()
    one.addresses = [.v6(IPv6Address(high: 0xfe80 << 48, low: 1))]
    other.addresses = [.v6(IPv6Address(high: 0xfe80 << 48, low: 2))]
    #expect(other.isPreferred(to: one) && !one.isPreferred(to: other))
    one.priority = 1
    #expect(one.isPreferred(to: other) && !other.isPreferred(to: one))
  }
}
