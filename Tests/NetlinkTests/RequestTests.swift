import Testing
import Wire

@testable import Netlink

@Suite struct RequestTests {
  @Test("create: plain inverse reply, exact translation, allowed status, TCP flags masked 0x0f")
  func create() throws {
    let flow = try #require(try flowEvent(Captures.dumpControl)).flow
    var batch = MessageBatch()
    #expect(batch.create(flow, timeoutSeconds: 86_400) == 1)
    batch.acknowledgeLast()
    let expected =
      "30010000 0001 0506 01000000 00000000 02000000"  // CREATE|EXCL|REQUEST|ACK
      + "34000180 14000180 08000100 0a01000a 08000200 cb007164"
      + "1c000280 0500010006000000 06000200de0a0000 0600030000150000"
      + "34000280 14000180 08000100 cb007164 08000200 0a01000a"  // not translated
      + "1c000280 0500010006000000 0600020000150000 06000300de0a0000"
      + "28000680 08000100 cb007101 08000200 cb007101"  // CTA_NAT_SRC, minimum = maximum
      + "14000380 060001008a0f0000 060002008a0f0000"
      + "08000300 0000000e"  // CONFIRMED, SEEN_REPLY, ASSURED
      + "08000700 00015180"
      + "30000480 2c000180 0500010003000000 050002000a000000 050003000a000000"
      + "060004000b0f0000 060005000b0f0000"  // WINDOW_SCALE, SACK_PERM, BE_LIBERAL under 0x0f
      + "08000800 00000007 0c000580 0800010066747000"
      + "1c000f80 08000100 edb51a16 08000200 00000000 08000300 00000002"
      + "1c001080 08000100 00000000 08000200 00000000 08000300 00000000"
    #expect(batch.bytes == octets(expected))
  }

  @Test("counters of a table: the question names table and type, and nothing else")
  func counters() {
    var batch = MessageBatch()
    #expect(batch.dumpCounters(table: "ztb") == 1)
    let expected =
      "24000000 130a 0103 01000000 00000000 00000000"  // NFT_MSG_GETOBJ, DUMP|REQUEST
      + "08000100 7a746200"  // NFTA_OBJ_TABLE "ztb"
      + "08000300 00000001"  // NFTA_OBJ_TYPE NFT_OBJECT_COUNTER
    #expect(batch.bytes == octets(expected))
  }

  @Test("the generation of the rulesets: a question without attributes, to be acknowledged")
  func generation() {
    var batch = MessageBatch()
    #expect(batch.askGeneration() == 1)
    #expect(batch.bytes == octets("14000000 100a 0500 01000000 00000000 00000000"))
  }

  @Test("update: neither translation nor master nor helper; EXPECTED for a related entry")
  func update() throws {
    let flow = try #require(try flowEvent(Captures.newData)).flow
    var batch = MessageBatch()
    _ = batch.update(flow, timeoutSeconds: nil)
    let expected =
      "88000000 0001 0100 01000000 00000000 02000000"
      + "34000180 14000180 08000100 cb007164 08000200 cb007101"
      + "1c000280 0500010006000000 0600020000140000 060003008a410000"
      + "08000300 00000009"
      + "30000480 2c000180 0500010001000000 050002000a000000 0500030000000000"
      + "060004000b0f0000 06000500080f0000 08000800 00000007"
    #expect(batch.bytes == octets(expected))
  }

  @Test("delete names the incarnation")
  func delete() throws {
    let flow = try #require(try flowEvent(Captures.newControl)).flow
    var batch = MessageBatch()
    _ = batch.delete(flow.tuple, id: flow.id)
    let expected =
      "50000000 0201 0100 01000000 00000000 02000000"
      + "34000180 14000180 08000100 0a01000a 08000200 cb007164"
      + "1c000280 0500010006000000 06000200de0a0000 0600030000150000 08000c00 3eb9fa59"
    #expect(batch.bytes == octets(expected))
  }

  @Test("windows are made strict by clearing BE_LIBERAL alone")
  func strict() throws {
    let flow = try #require(try flowEvent(Captures.newControl)).flow
    var batch = MessageBatch()
    _ = batch.makeStrict(flow.tuple)
    #expect(batch.bytes.suffix(24) == octets("18000480 14000180 0600040000080000 0600050000080000"))
  }

  @Test("an expectation is given back as it came")
  func expectation() throws {
    let attributes = octets(Captures.expectationBlob)
    var batch = MessageBatch()
    _ = batch.create(try Expectation(parsing: attributes))
    #expect(batch.bytes.dropFirst(20) == attributes[...])
  }

  @Test("requests are numbered on and only the last is acknowledged")
  func numbering() throws {
    let flow = try #require(try flowEvent(Captures.newControl)).flow
    var batch = MessageBatch()
    _ = batch.get(flow.tuple)
    #expect(batch.get(flow.tuple) == 2)
    batch.acknowledgeLast()
    let half = batch.bytes.count / 2
    #expect(batch.bytes[6] == 1 && batch.bytes[half + 6] == 5)
    batch.removeAll()
    #expect(batch.isEmpty && batch.get(flow.tuple) == 3)
  }

  @Test("what is written as a request is read back as the same flow", arguments: [1, 2, 3, 4])
  func roundTrip(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    for _ in 0..<2_500 {
      let flow = Flow.random(&random)
      var batch = MessageBatch(capacity: 0)
      _ = batch.create(flow, timeoutSeconds: flow.timeoutSeconds)
      guard case .flow(let event) = try message(batch.bytes)?.body else {
        Issue.record("not a flow")
        return
      }
      // A request holds the plain reply, so the translations are compared by the next test.
      var expected = flow
      expected.sourceNAT = nil
      expected.destinationNAT = nil
      if let tcp = flow.tcp {
        expected.tcp?.originalFlags = tcp.originalFlags.intersection(.writable).union(.liberal)
        expected.tcp?.replyFlags = tcp.replyFlags.intersection(.writable).union(.liberal)
      }
      #expect(event.flow == expected, "seed \(seed)")
    }
  }

  @Test("translations derived from a translated reply are the ones it was made with")
  func translations() {
    var random = SplitMix(state: 7)
    for _ in 0..<10_000 {
      let flow = Flow.random(&random)
      var again = flow
      guard let reply = flow.reply else {
        Issue.record("every random flow has a reply")
        return
      }
      again.setReply(reply)
      #expect(again.reply == reply)
      if !flow.tuple.transport.isICMP { #expect(again == flow) }
    }
  }
}

extension Flow {
  /// Any flow that a kernel could hold.
  static func random(_ random: inout SplitMix) -> Flow {
    let bits = random.next()
    let family: AddressFamily = bits & 7 == 0 ? .ipv6 : .ipv4
    let icmp: Transport = family == .ipv4 ? .icmp : .icmpv6
    let transport = [.tcp, .udp, icmp, .tcp][Int(bits >> 3 & 3)]
    var flow = Flow(tuple: .random(&random, family, transport))
    if bits & 0x20 != 0 {
      flow.sourceNAT = .init(address: .random(&random, family), port: UInt16(bits >> 16 & 0xffff))
    }
    if bits & 0x40 != 0 {
      flow.destinationNAT = .init(
        address: .random(&random, family), port: UInt16(bits >> 32 & 0xffff))
    }
    flow.status = FlowStatus.confirmed.union(bits & 0x80 != 0 ? [.seenReply, .assured] : [])
    flow.timeoutSeconds = UInt32(truncatingIfNeeded: random.next() >> 40)
    flow.mark = UInt32(truncatingIfNeeded: bits >> 48)
    if transport == .tcp {
      flow.tcp = TCPTracking(
        state: TCPState(rawValue: UInt8(bits >> 8 & 7)) ?? .none,
        originalScale: UInt8(bits >> 12 & 7), replyScale: UInt8(bits >> 20 & 7),
        originalFlags: TCPFlags(rawValue: UInt8(bits >> 24 & 0x3f)),
        replyFlags: TCPFlags(rawValue: UInt8(bits >> 30 & 0x3f)))
    }
    if bits & 0x100 != 0 { flow.helper = HelperName("netbios-ns".utf8) ?? .none }
    if bits & 0x200 != 0 {
      flow.originalAdjustment = .init(
        position: UInt32(truncatingIfNeeded: bits), before: -3, after: 2)
      flow.master = .random(&random, family, .tcp)
    }
    flow.tuple.zone = bits & 0xc00 == 0 ? 5 : 0
    flow.master?.zone = flow.tuple.zone
    return flow
  }
}

extension FlowTuple {
  static func random(
    _ random: inout SplitMix, _ family: AddressFamily, _ transport: Transport
  ) -> FlowTuple {
    let ports = random.next()
    let request: UInt16 = family == .ipv4 ? 8 << 8 : 128 << 8
    return FlowTuple(
      family: family, transport: transport, source: .random(&random, family),
      destination: .random(&random, family), sourcePort: UInt16(ports & 0xffff),
      destinationPort: transport.isICMP ? request : UInt16(ports >> 16 & 0xffff))
  }
}

extension FlowAddress {
  static func random(_ random: inout SplitMix, _ family: AddressFamily) -> FlowAddress {
    family == .ipv4
      ? FlowAddress(high: 0, low: random.next() >> 32)
      : FlowAddress(high: random.next(), low: random.next())
  }
}
