import Netlink
import Testing
import Wire

@testable import SessionSync

@Suite("Frames")
struct FrameTests {
  private func hello() -> Hello {
    Hello(
      node: 1, role: .active, term: 7, stream: 0x0102_0304_0506_0708, policy: 0xaabb,
      maximumFlows: 262_144, buckets: 65_536, helpers: [HelperName("ftp".utf8) ?? .none])
  }

  @Test("a greeting, field by field")
  func goldenHello() throws {
    let expected = hex(
      """
      00000039 01 01 0000 0000000000000001
      01 01 01 01  0000000000000007  0102030405060708  000000000000aabb
      00040000 00010000  01 03667470
      """)
    var frames = FrameWriter()
    frames.frame(.hello, firstSequence: 1) { hello().write(into: &$0) }
    var output: [UInt8] = []
    frames.move(to: &output)
    #expect(output == expected)
    var assembler = FrameAssembler()
    assembler.append(expected[...])
    let frame = try #require(try assembler.next())
    #expect(frame.header.type == FrameType.hello.rawValue)
    var reader = ByteReader(frame.body)
    #expect(try Hello(from: &reader) == hello())
  }

  @Test("every truncation of each body is refused")
  func truncation() {
    func check<Value: WireCodable & Equatable>(_ value: Value) throws {
      let whole = value.encoded
      #expect(try Value(decoding: whole) == value)
      for count in 0..<whole.count {
        #expect(throws: WireError.self) { try Value(decoding: Array(whole[..<count])) }
      }
    }
    #expect(throws: Never.self) {
      try check(hello())
      try check(StreamPosition(term: 1, stream: 2, applied: 3))
      var digest = StreamDigest()
      digest.add(5)
      try check(
        Acknowledgement(
          applied: 9, installed: 8, failed: 7, bulk: 6, agrees: true, comparisons: 5,
          compared: digest))
      try check(digest)
    }
  }

  @Test("frames come out whole however the stream is cut")
  func assembly() throws {
    var frames = FrameWriter()
    for n in 1...50 {
      frames.begin(.records, firstSequence: UInt64(n))
      frames.record { FlowRecord.write(delete: key(n), into: &$0) }
      frames.end()
    }
    var stream: [UInt8] = []
    frames.move(to: &stream)
    var random = SeededGenerator(seed: 3)
    var assembler = FrameAssembler()
    var sequences: [UInt64] = []
    var rest = stream[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...40, using: &random))
      rest = rest.dropFirst(piece.count)
      assembler.append(piece)
      while let frame = try assembler.next() {
        #expect(frame.header.records == 1)
        sequences.append(frame.header.firstSequence)
      }
    }
    #expect(sequences == Array(1...50))
  }

  @Test("a length below the header or above 16 384 is refused before anything is kept")
  func lengths() {
    for length in [0, 15, 16_385, 0x7fff_ffff] {
      var writer = ByteWriter()
      writer.uint32(UInt32(length))
      writer.octets([UInt8](repeating: 0, count: 12))
      var assembler = FrameAssembler()
      assembler.append(writer.bytes[...])
      #expect(throws: WireError.self) { try assembler.next() }
    }
  }

  @Test("a frame of records without any is not sent")
  func noEmptyFrame() {
    var frames = FrameWriter()
    frames.frame(.ping, firstSequence: 1)
    let before = frames.count
    frames.begin(.records, firstSequence: 1)
    frames.endRecords()
    #expect(frames.count == before)
  }

  @Test("the version is the newest that both speak; none in common closes")
  func versions() {
    var old = hello()
    old.lowest = 0
    old.highest = 0
    var new = hello()
    new.lowest = 1
    new.highest = 3
    #expect(hello().commonVersion(with: new) == 1)
    #expect(hello().commonVersion(with: old) == nil)
    var node = SyncNode(SyncNode.Configuration(node: 2, stream: 9))
    _ = node.handle(.connected, at: .zero)
    var frames = FrameWriter()
    frames.frame(.hello, firstSequence: 1) { old.write(into: &$0) }
    var octets: [UInt8] = []
    frames.move(to: &octets)
    #expect(
      node.handle(.received(octets[...]), at: .zero) == [.close(.version(lowest: 0, highest: 0))])
  }

  @Test("nothing counts before the greeting, and a node does not talk to itself")
  func order() {
    var node = SyncNode(SyncNode.Configuration(node: 1, stream: 9))
    _ = node.handle(.connected, at: .zero)
    var frames = FrameWriter()
    frames.frame(.digest, firstSequence: 1)
    var octets: [UInt8] = []
    frames.move(to: &octets)
    #expect(node.handle(.received(octets[...]), at: .zero) == [.close(.outOfOrder(.digest))])
    _ = node.handle(.connected, at: .zero)
    frames.frame(.hello, firstSequence: 1) { hello().write(into: &$0) }
    octets = []
    frames.move(to: &octets)
    #expect(node.handle(.received(octets[...]), at: .zero) == [.close(.sameNode(1))])
  }

  @Test("silence of three seconds closes the connection; a quiet node pings twice a second")
  func silence() {
    var node = SyncNode(SyncNode.Configuration(node: 2, stream: 9))
    _ = node.handle(.connected, at: .zero)
    var octets: [UInt8] = []
    node.fill(&octets, limit: 1_000, at: .zero)
    var frames = FrameWriter()
    frames.frame(.hello, firstSequence: 1) { hello().write(into: &$0) }
    octets = []
    frames.move(to: &octets)
    _ = node.handle(.received(octets[...]), at: .zero)
    #expect(node.deadline == .zero + .milliseconds(500))
    let later = Instant.zero + .milliseconds(500)
    #expect(node.handle(.deadlineReached, at: later).isEmpty)
    #expect(node.hasOutput)
    octets = []
    node.fill(&octets, limit: 1_000, at: later)
    #expect(octets == hex("00000010 01 0b 0000 0000000000000001"))
    #expect(!node.hasOutput)
    let end = Instant.zero + .seconds(3)
    #expect(node.handle(.deadlineReached, at: end) == [.close(.silence)])
    #expect(node.deadline == nil)
  }
}
