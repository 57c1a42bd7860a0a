import Netlink
import Testing
import Wire

@testable import SessionSync

/// Reads one record that fills `octets`; nil when it is invalid.
private func parse(_ octets: [UInt8]) throws -> (record: FlowRecord, unknownParts: Int)? {
  var reader = ByteReader(octets)
  guard case .record(let record, let unknown) = try FlowRecord.parse(&reader) else { return nil }
  try reader.finish()
  return (record, unknown)
}

private func octets(_ record: FlowRecord) -> [UInt8] {
  var writer = ByteWriter()
  record.write(into: &writer)
  return writer.bytes
}

/// A TCP connection with source translation: 30 octets.
private let golden = hex(
  """
  01 04 001e  06 03 79 31
  06 06977f
  0a010005 c0000207 9c40 01bb
  cb007101 4e21
  """)

@Suite("Records")
struct RecordTests {
  @Test("a translated TCP connection takes 30 octets, field by field")
  func goldenPut() throws {
    #expect(octets(.put(translated())) == golden)
    #expect(try parse(golden)?.record == .put(translated()))
  }

  @Test("a delete takes 17 octets")
  func goldenDelete() throws {
    let expected = hex("02 00 0011  06  0a010005 c0000207 9c40 01bb")
    #expect(octets(.delete(key(5))) == expected)
    #expect(try parse(expected)?.record == .delete(key(5)))
  }

  @Test("the optional parts: mark, helper, adjustment, master")
  func goldenParts() throws {
    var flow = translated()
    flow.sourceNAT = nil
    flow.mark = 0x2a
    flow.helper = HelperName("ftp".utf8) ?? .none
    flow.replyAdjustment = SequenceAdjustment(position: 1, before: 0, after: -2)
    flow.master = key(6)
    let expected = hex(
      """
      01 10 0042  06 03 79 31  06 06977f  0a010005 c0000207 9c40 01bb
      01 04 0000002a
      02 03 667470
      04 0c 00000001 00000000 fffffffe
      05 0f 06 0a010006 c0000207 9c40 01bb 0000
      """)
    #expect(octets(.put(flow)) == expected)
    #expect(try parse(expected)?.record == .put(flow))
  }

  @Test("labels are a part of their own, which a node of before skips")
  func goldenLabels() throws {
    var flow = translated()
    flow.sourceNAT = nil
    flow.labels = FlowLabels(high: 0x8000_0000_0000_0001, low: 0x40)
    let expected = hex(
      """
      01 10 002a  06 03 79 31  06 06977f  0a010005 c0000207 9c40 01bb
      07 10 8000000000000001 0000000000000040
      """)
    #expect(octets(.put(flow)) == expected)
    #expect(try parse(expected)?.record == .put(flow))
    var plain = flow
    plain.labels = FlowLabels()
    let digest = StreamDigest.contribution(of: flow, stream: 1)
    #expect(digest == StreamDigest.contribution(of: plain, stream: 1))
  }

  /// A netlink attribute, padded.
  private static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    let length = UInt16(value.count + 4)
    let header = [UInt8(length & 0xff), UInt8(length >> 8), UInt8(type & 0xff), UInt8(type >> 8)]
    return header + value + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
  }

  private static func tuple6(_ type: UInt16, _ port: UInt8) -> [UInt8] {
    let address = { (last: UInt8) in [0xfd] + [UInt8](repeating: 0, count: 14) + [last] }
    let nested: UInt16 = 0x8000
    return attribute(
      type | nested,
      attribute(1 | nested, attribute(3, address(1)) + attribute(4, address(2)))
        + attribute(
          2 | nested, attribute(1, [6]) + attribute(2, [0, 0]) + attribute(3, [0, port])))
  }

  @Test("an announced connection of IPv6 arrives with its family")
  func expectationOfIPv6() throws {
    let attributes =
      Self.tuple6(1, 21) + Self.tuple6(2, 99) + Self.tuple6(3, 0xff)
      + Self.attribute(4, [0, 0, 0, 30])
    let expectation = try Expectation(parsing: attributes, family: .ipv6)
    #expect(expectation.tuple.family == .ipv6 && expectation.tuple.destinationPort == 99)
    for record in [FlowRecord.expect(expectation), .forget(expectation)] {
      let written = octets(record)
      #expect(written[1] == FlowRecord.Flags.ipv6.rawValue)
      #expect(try parse(written)?.record == record)
    }
  }

  @Test("what is written is read back: 10 000 flows")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<10_000 {
      let flow = randomFlow(&random)
      #expect(try parse(octets(.put(flow)))?.record == .put(flow))
      #expect(try parse(octets(.delete(flow.tuple)))?.record == .delete(flow.tuple))
    }
  }

  @Test("every truncation is refused, whether of the frame or of the record")
  func truncation() throws {
    var flow = translated()
    flow.mark = 1
    flow.master = key(6)
    let whole = octets(.put(flow))
    for count in 0..<whole.count {
      #expect(throws: WireError.self) { try parse(Array(whole[..<count])) }
      var short = Array(whole[..<count])
      if count >= 4 { short.replaceSubrange(2..<4, with: [0, UInt8(count)]) }
      // Parts end where the record ends, so some prefixes are whole records.
      if count >= 4, let parsed = try parse(short) { #expect(parsed.record != .put(flow)) }
    }
  }

  @Test("fields out of their range make the record invalid, not the frame")
  func invalid() throws {
    func changed(_ offset: Int, _ value: UInt8) -> [UInt8] {
      var octets = golden
      octets[offset] = value
      return octets
    }
    #expect(try parse(changed(0, 9)) == nil, "operation")
    #expect(try parse(changed(1, 0x24)) == nil, "flags")
    #expect(try parse(changed(5, 11)) == nil, "TCP state")
    #expect(try parse(changed(5, 0xff)) == nil, "TCP without state")
    #expect(try parse(changed(4, 17)) == nil, "UDP with state")
    #expect(try parse(changed(6, 0xf0)) == nil, "window scale")
    #expect(try parse(changed(7, 0x80)) == nil, "liberal is not for the wire")
    #expect(try parse(changed(8, 0x08)) == nil, "status")
    #expect(try parse(changed(1, 0x00)) == nil, "left over octets")
    var noAnswer = Flow(tuple: key(1, .icmp))
    noAnswer.tuple.destinationPort = 3 << 8
    #expect(try parse(octets(.put(noAnswer))) == nil, "ICMP error as a key")
    #expect(try parse(hex("03 00 0008 01020304")) == nil, "expectation")
    #expect(throws: WireError.self) { try parse(hex("01 00 0003")) }
  }

  @Test("an unknown part is skipped and counted")
  func unknownPart() throws {
    var octets = golden + hex("7f 02 abcd 01 04 00000007")
    octets[1] |= 0x10
    octets[3] = UInt8(octets.count)
    var flow = translated()
    flow.mark = 7
    let parsed = try parse(octets)
    #expect(parsed?.record == .put(flow))
    #expect(parsed?.unknownParts == 1)
  }

  @Test("random octets never trap")
  func fuzz() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      var octets = golden
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        octets[Int.random(in: 0..<octets.count, using: &random)] =
          UInt8.random(in: 0...255, using: &random)
      }
      var reader = ByteReader(octets)
      // Either outcome is right; a trap is not.
      while reader.remaining > 0, (try? FlowRecord.parse(&reader)) != nil {}
    }
  }
}
