import Testing
import VRRP
import Wire

private let password = Array("geheim".utf8)

private func text(_ word: String) -> [UInt8] {
  Array(word.utf8) + [UInt8](repeating: 0, count: 8 - word.utf8.count)
}

private func two(_ configuration: inout VirtualRouter.Configuration) {
  configuration.version = .two
  configuration.interval = .seconds(1)
}

@Suite("Packets: C27–C29") struct AuthenticationTests {
  @Test("C27 version 2: types 0 and 1, the password, the interval, the missing data")
  func versionTwo() {
    expectAccepted(Sample.two().packet(), change: two)
    expectDrop(.interval(200), Sample.two { $0.interval = [0, 2] }.packet(), change: two)
    expectDrop(.authenticationType(2), Sample.two { $0.interval = [2, 1] }.packet(), change: two)
    expectDrop(.truncated(count: 12), Sample.two { $0.authentication = [] }.packet(), change: two)
    expectDrop(.authentication, Sample.two { $0.interval = [1, 1] }.packet(), change: two)
    let good = Sample.two {
      $0.interval = [1, 1]
      $0.authentication = text("geheim")
    }
    let secret = { (configuration: inout VirtualRouter.Configuration) in
      two(&configuration)
      configuration.authentication = .simpleText(password)
    }
    expectAccepted(good.packet(), change: secret)
    expectDrop(.authentication, Sample.two().packet(), change: secret)
    let wrong = Sample.two {
      $0.interval = [1, 1]
      $0.authentication = text("geheiM")
    }
    expectDrop(.authentication, wrong.packet(), change: secret)
  }

  @Test("C28 trailers: good, forged, unknown key, malformed, missing, replayed")
  func trailer() {
    let gate = TrailerGate(.enforced)
    let good = signed(TrailerSequence.at(noon))
    var receiver = Receiver()
    receiver.gate = gate
    #expect(receiver.receive(good) == nil)
    #expect(receiver.receive(good) == .trailerReplayed)
    #expect(receiver.receive(signed(TrailerSequence.at(noon) + 1)) == nil)
    expectDrop(.trailerMissing, Sample().packet(), gate: gate)
    expectDrop(.tooLong(count: 12 + 28), good, gate: TrailerGate(.off))
    // Any octet that the tag covers, and the tag itself.
    for (offset, drop) in [
      (0, AdvertisementDrop.trailerMalformed), (1, .trailerKey(0)), (2, .trailerMalformed),
      (4, .trailerForged), (11, .trailerForged), (12, .trailerForged), (27, .trailerForged),
    ] {
      var packet = good
      packet[32 + offset] ^= 1
      expectDrop(drop, packet, gate: gate)
    }
    expectDrop(
      .tooLong(count: 12 + 27), Sample { $0.trailer = Array(good[32...].dropLast()) }.packet())
  }

  @Test("C28 the tag covers family, version, VRID, source, the advert without checksum, the prefix")
  func input() {
    let sample = Sample()
    var seen: [UInt8] = []
    let trailer = AdvertisementTrailer(
      signing: sample.message, source: sample.source, keyID: 7, sequence: 0x6afd_8000_4000_0003
    ) {
      seen = $0
      return [UInt8](repeating: 0xaa, count: 32)
    }
    let prefix: [UInt8] = [1, 7, 0, 0, 0x6a, 0xfd, 0x80, 0x00, 0x40, 0x00, 0x00, 0x03]
    let expected: [UInt8] =
      [4, 3, 42, 0, 10, 0, 0, 3] + [UInt8](repeating: 0, count: 12)
      + [0x31, 42, 200, 1, 0, 2, 0, 0, 10, 0, 0, 1] + prefix + [UInt8](repeating: 0, count: 16)
    #expect(seen == expected)
    var writer = ByteWriter()
    trailer.write(into: &writer)
    #expect(writer.bytes == prefix + [UInt8](repeating: 0xaa, count: 16))
  }

  @Test("C28 a permissive router hears adverts without a trailer, and none with a wrong one")
  func permissive() {
    var receiver = Receiver()
    receiver.gate = TrailerGate(.permissive)
    #expect(receiver.receive(Sample().packet()) == nil)
    var forged = signed(TrailerSequence.at(noon))
    forged[59] ^= 1
    expectDrop(.trailerForged, forged, gate: TrailerGate(.permissive))
    #expect(receiver.receive(signed(TrailerSequence.at(noon))) == nil)
  }

  @Test("C28 a trailer is bound to source, VRID and priority")
  func binding() {
    let trailer = Array(signed(TrailerSequence.at(noon))[32...])
    let others: [(inout Sample) -> Void] = [
      { $0.source = Sample.address("10.0.0.4") }, { $0.priority = 201 }, { $0.interval = [0, 3] },
    ]
    for change in others {
      var sample = Sample { $0.trailer = trailer }
      change(&sample)
      expectDrop(.trailerForged, sample.packet(), gate: TrailerGate(.enforced))
    }
  }

  @Test("C28 the checksum is not covered, as kernels fill it in late")
  func checksumIsFree() {
    let trailer = Array(signed(TrailerSequence.at(noon))[32...])
    let other = Sample {
      $0.form = .messageOnly
      $0.trailer = trailer
    }
    var receiver = Receiver()
    receiver.gate = TrailerGate(.enforced)
    #expect(receiver.receive(other.packet()) == nil)
  }

  @Test("C28 numbers go on across the end of counter, fraction and seconds (RFC 1982)")
  func rollover() {
    for last: UInt64 in [0x6afd_0000_1234_ffff, 0x6afd_0000_ffff_ffff, .max] {
      var receiver = Receiver()
      receiver.gate = TrailerGate(.enforced)
      #expect(receiver.receive(signed(last)) == nil)
      #expect(receiver.receive(signed(last &+ 1)) == nil)
      #expect(receiver.receive(signed(last)) == .trailerReplayed)
    }
  }

  @Test("C28 a sender's numbers grow whatever its wall clock does")
  func sender() {
    let hour: Int64 = 3_600_000_000_000
    var sequence = TrailerSequence()
    var last = sequence.next(utc: noon, at: begin)
    for (step, utc) in [noon, noon, noon - hour, noon - hour + 1_000, noon + hour, noon]
      .enumerated()
    {
      let next = sequence.next(utc: utc, at: begin + .milliseconds(step / 2))
      #expect(Int64(bitPattern: next &- last) > 0)
      last = next
    }
    // A step forward is followed, so that a restart afterwards is not behind.
    #expect(last >> 32 == UInt64((noon + hour) / 1_000_000_000))
  }

  @Test("C28 a sender that restarts with its clock an hour behind is heard after the window")
  func restartBehind() {
    let hour: Int64 = 3_600_000_000_000
    var receiver = Receiver()
    receiver.gate = TrailerGate(.enforced)
    #expect(receiver.receive(signed(TrailerSequence.at(noon + hour)), at: begin) == nil)
    // Both clocks are right now, and the mark is an hour ahead.
    let soon = begin + .seconds(4)
    receiver.utc = noon + 4_000_000_000
    #expect(
      receiver.receive(signed(TrailerSequence.at(receiver.utc)), at: soon) == .trailerReplayed)
    let later = begin + .seconds(6)
    receiver.utc = noon + 6_000_000_000
    // What was recorded before the silence stays refused.
    #expect(receiver.receive(signed(TrailerSequence.at(noon)), at: later) == .trailerReplayed)
    #expect(receiver.receive(signed(TrailerSequence.at(receiver.utc)), at: later) == nil)
  }

  @Test("C28 forged trailers move no mark")
  func forgedMark() {
    var receiver = Receiver()
    receiver.gate = TrailerGate(.enforced)
    var forged = signed(TrailerSequence.at(noon) + 1 << 40)
    forged[59] ^= 1
    #expect(receiver.receive(forged) == .trailerForged)
    #expect(receiver.receive(signed(TrailerSequence.at(noon))) == nil)
  }

  @Test("C29 noise: every packet is judged, none traps, and none that is dropped moves a timer")
  func noise() {
    var random = SplitMix(29)
    var drops = 0
    for round in 0..<20_000 {
      let family: AddressFamily = round & 1 == 0 ? .ipv4 : .ipv6
      var receiver = Receiver(family, round & 2 == 0 ? .backup : .active)
      receiver.gate = TrailerGate(round & 4 == 0 ? .off : .enforced)
      let before = receiver.timers
      var packet = round & 8 == 0 ? Sample(family).packet() : signed(random.next(), family)
      for _ in 0...random.below(4) { packet[random.below(packet.count)] = random.next() }
      if random.flag() { packet.removeLast(random.below(packet.count)) }
      if receiver.receive(packet) != nil {
        drops += 1
        #expect(receiver.timers == before)
      }
    }
    #expect(drops > 10_000)
  }

  /// A packet with a trailer of that number.
  private func signed(_ sequence: UInt64, _ family: AddressFamily = .ipv4) -> [UInt8] {
    Sample(family) { sample in
      let trailer = AdvertisementTrailer(
        signing: sample.message, source: sample.source, sequence: sequence, by: toyTag)
      var writer = ByteWriter()
      trailer.write(into: &writer)
      sample.trailer = writer.bytes
    }.packet()
  }
}

extension TrailerSequence {
  /// The number of the first advert at a moment.
  static func at(_ utc: Int64) -> UInt64 {
    var sequence = TrailerSequence()
    return sequence.next(utc: utc, at: begin)
  }
}
