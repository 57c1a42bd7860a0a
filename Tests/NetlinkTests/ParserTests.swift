import Testing
import Wire

@testable import Netlink

private let client = FlowAddress(IPv4Address(10, 1, 0, 10))
private let server = FlowAddress(IPv4Address(203, 0, 113, 100))
private let gateway = FlowAddress(IPv4Address(203, 0, 113, 1))
private let control = FlowTuple(
  transport: .tcp, source: client, destination: server, sourcePort: 56842, destinationPort: 21)

@Suite struct ParserTests {
  @Test("a NEW event is complete and its source translation is derived from the reply")
  func newEvent() throws {
    let event = try #require(try flowEvent(Captures.newControl))
    #expect(event.change == .new && event.parts == .all)
    #expect(event.flow.tuple == control)
    #expect(event.flow.sourceNAT == Translation(address: gateway, port: 35343))
    #expect(event.flow.destinationNAT == nil)
    #expect(event.flow.status.contains([.confirmed, .sourceNAT, .helper]))
    #expect(event.flow.timeoutSeconds == 120 && event.flow.mark == 7)
    #expect(
      event.flow.tcp
        == TCPTracking(
          state: .synSent, originalScale: 10,
          originalFlags: [.windowScale, .selectiveAcknowledgement]))
    #expect(event.flow.helper.description == "ftp")
    #expect(event.flow.id == 0x3eb9_fa59)
  }

  @Test("an UPDATE event is partial: it says nothing of adjustments and master")
  func updateEvent() throws {
    let event = try #require(try flowEvent(Captures.updateControl))
    #expect(event.change == .updated)
    #expect(!event.parts.contains(.master) && !event.parts.contains(.originalAdjustment))
    #expect(event.parts.contains([.tcp, .status, .timeout, .translations, .mark, .id]))
    #expect(event.flow.tcp?.state == .synReceived)
  }

  @Test("merging an update keeps the parts that it does not hold")
  func merge() throws {
    var flow = try #require(try flowEvent(Captures.dumpControl)).flow
    let update = try #require(try flowEvent(Captures.updateControl))
    let adjustment = flow.originalAdjustment
    flow.merge(update.flow, update.parts)
    #expect(flow.originalAdjustment == adjustment && flow.tcp?.state == .synReceived)
  }

  @Test("a dump holds the sequence adjustments that no event carries")
  func dump() throws {
    let event = try #require(try flowEvent(Captures.dumpControl))
    #expect(event.change == .new && event.parts == .all)
    #expect(
      event.flow.originalAdjustment
        == SequenceAdjustment(position: 0xedb5_1a16, before: 0, after: 2))
    #expect(event.flow.tcp?.hasTraffic == true)
    #expect(try message(octets(Captures.dumpControl))?.sequence == 77)
  }

  @Test("a related connection names its master")
  func related() throws {
    let event = try #require(try flowEvent(Captures.newData))
    #expect(event.flow.master == control)
    #expect(event.flow.destinationNAT == Translation(address: client, port: 0x8a41))
    #expect(event.flow.sourceNAT == nil)
  }

  @Test("a DESTROY event names key and incarnation; its TCP state alone is no tracking state")
  func destroy() throws {
    let event = try #require(try flowEvent(Captures.destroyData))
    #expect(event.change == .destroyed && event.flow.id == 0x40bd_b75e)
    #expect(!event.parts.contains(.tcp))
  }

  @Test("the translated identifier of a ping belongs to the translated source")
  func ping() throws {
    let event = try #require(try flowEvent(Captures.dumpPing))
    #expect(event.flow.tuple.sourcePort == 0x3c42 && event.flow.tuple.destinationPort == 0x0800)
    #expect(event.flow.sourceNAT == Translation(address: gateway, port: 0x8b97))
  }

  @Test("an expectation keeps its attributes except the kernel's number")
  func expectation() throws {
    guard case .expectation(let event) = try message(octets(Captures.newExpectation))?.body else {
      Issue.record("not an expectation")
      return
    }
    #expect(event.change == .new)
    #expect(event.expectation.master == control)
    #expect(event.expectation.tuple.destinationPort == 0x8a41)
    #expect(event.expectation.timeoutSeconds == 300)
    #expect(event.expectation.attributes == octets(Captures.expectationBlob))
    #expect(try Expectation(parsing: event.expectation.attributes) == event.expectation)
  }

  @Test("an expectation from a peer with an unknown attribute is refused")
  func hostileExpectation() {
    let extra = octets(Captures.expectationBlob) + octets("08006300 00000000")
    #expect(throws: NetlinkError.self) { try Expectation(parsing: extra) }
    #expect(throws: NetlinkError.oversized(count: 2048)) {
      try Expectation(parsing: [UInt8](repeating: 0, count: 2048))
    }
  }

  @Test("a refused request is named by its number and a positive errno")
  func refused() throws {
    let answer = try #require(try message(octets(Captures.refused)))
    #expect(answer.sequence == 9 && answer.body == .failed(errno: 17))
  }

  @Test("a named counter of nftables; an object of another kind is none")
  func counter() throws {
    let whole = octets(Captures.counter)
    guard case .counter(let counter) = try message(whole)?.body else {
      throw NetlinkError.truncated(offset: 0)
    }
    #expect(counter.name == "r_a" && counter.packets == 7 && counter.bytes == 700)
    let limit = octets(Captures.counter.replacing("08000300 00000001", with: "08000300 00000004"))
    #expect(try message(limit)?.body == .other(type: 0x0a12))
  }

  @Test("the generation of the rulesets; a message without its number is none")
  func generation() throws {
    let whole = octets(Captures.generation)
    #expect(try message(whole)?.body == .generation(1))
    let without = octets(
      Captures.generation.replacing("08000100 00000001", with: "08000900 00000001"))
    #expect(try message(without)?.body == .other(type: 0x0a0f))
  }

  @Test("a packet that is followed: where it is, and what becomes of it there")
  func trace() throws {
    func step(_ hex: String) throws -> TraceStep? {
      guard case .trace(let step) = try message(octets(hex))?.body else { return nil }
      return step
    }
    let first = try #require(try step(Captures.traceOfRule))
    #expect(first.packet == 0xfb96_8f07 && first.inInterface == 1 && first.outInterface == 0)
    #expect(first.table == "ztb_trace" && first.chain == "choose")
    #expect(first.rule == 3 && first.verdict == .goOn)
    #expect(try step(Captures.traceOfGoto)?.verdict == .lead(to: "r_1"))
    let last = try #require(try step(Captures.traceOfDrop))
    #expect(last.table == "ztb" && last.chain == "r_1" && last.verdict == .drop)
    #expect(last.packet == first.packet)
    let passed = Captures.traceOfDrop.replacing(
      "0c000500 08000100 00000000", with: "0c001000 00000001 00000000")
    #expect(throws: NetlinkError.self) { try step(passed) }
    let policy = Captures.traceOfDrop.replacing("54000000", with: "50000000")
      .replacing("0c000500 08000100 00000000", with: "08001000 00000001")
    #expect(try step(policy)?.verdict == .accept)
  }

  @Test("every truncation of every message throws or ends, and never traps")
  func truncation() throws {
    for hex in Captures.all {
      let whole = octets(hex)
      for count in 0..<whole.count {
        #expect(throws: NetlinkError.truncated(offset: 0), "\(count) of \(whole.count)") {
          if try message(Array(whole[..<count])) == nil { throw NetlinkError.truncated(offset: 0) }
        }
      }
    }
  }

  @Test("a message cut inside, with its length made to fit, loses an attribute or throws")
  func innerTruncation() {
    for hex in Captures.all {
      let whole = octets(hex)
      for count in 16..<whole.count {
        var cut = Array(whole[..<count])
        (cut[0], cut[1]) = (UInt8(count & 0xff), UInt8(count >> 8))
        // Must not trap; cuts between optional attributes are whole messages.
        _ = try? message(cut)
      }
    }
  }

  @Test("no octet changed anywhere makes the parser trap")
  func corruption() {
    var random = SplitMix(state: 42)
    for round in 0..<20_000 {
      var datagram = octets(Captures.all[round % Captures.all.count])
      for _ in 0..<1 + round % 4 {
        datagram[Int(random.next() % UInt64(datagram.count))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      var reader = NetlinkReader()
      // The outcome does not matter, only that there is one.
      while true {
        do {
          if try unsafe reader.next(datagram.span.bytes) == nil { break }
        } catch { continue }
      }
    }
  }
}

/// A seeded generator, the same on every machine.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
