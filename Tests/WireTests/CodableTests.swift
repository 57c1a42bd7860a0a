import Testing
import Wire

private enum Colour: UInt8, WireCodable { case red = 1, green = 2 }

@Suite("Octets in and out")
struct CodableTests {
  @Test("numbers are in network order, both ways")
  func order() throws {
    var writer = ByteWriter()
    writer.uint8(1)
    writer.uint16(0x0203)
    writer.uint32(0x0405_0607)
    writer.uint64(0x0809_0a0b_0c0d_0e0f)
    writer.octets([0x10, 0x11])
    #expect(writer.bytes == Array(1...0x11))
    writer.patch16(0xaabb, at: 1)
    #expect(Array(writer.bytes[..<4]) == [1, 0xaa, 0xbb, 4])
    writer.truncate(to: 2)
    #expect(writer.bytes == [1, 0xaa])
    // A slice that does not begin at zero.
    var reader = ByteReader(Array(0...0x11)[1...])
    #expect(try reader.uint8() == 1)
    #expect(try reader.uint16() == 0x0203)
    #expect(try reader.uint32() == 0x0405_0607)
    #expect(try reader.uint64() == 0x0809_0a0b_0c0d_0e0f)
    #expect(reader.offset == 15 && reader.remaining == 2)
    #expect(throws: WireError.trailing(offset: 15, count: 2)) { try reader.finish() }
  }

  @Test("a read that fails leaves the cursor where it was")
  func failedRead() throws {
    var reader = ByteReader([1, 2, 3])
    #expect(throws: WireError.truncated(offset: 0, needed: 4, available: 3)) {
      try reader.uint32()
    }
    #expect(throws: WireError.truncated(offset: 0, needed: -1, available: 3)) {
      try reader.octets(-1)
    }
    #expect(try reader.uint16() == 0x0102)
  }

  @Test("what is written is read back, and no truncation of it")
  func roundTrips() throws {
    func check<Value: WireCodable & Equatable>(_ value: Value) throws {
      let whole = value.encoded
      #expect(try Value(decoding: whole) == value)
      for count in 0..<whole.count {
        #expect(throws: WireError.self) { try Value(decoding: Array(whole[..<count])) }
      }
      #expect(throws: WireError.self) { try Value(decoding: whole + [0]) }
    }
    try check(UInt8.max)
    try check(UInt16(0x1234))
    try check(UInt32.max - 1)
    try check(UInt64.max - 1)
    try check(Int32.min)
    try check(Int64.min)
    try check(-5)
    try check(true)
    try check(-0.1)
    try check("zürich ☂")
    try check(["a", "", "b"])
    try check([[1, 2], []] as [[Int32]])
    try check(Optional<UInt16>.some(9))
    try check(Optional<UInt16>.none)
    try check(Colour.green)
    try check(IPv4Address(192, 0, 2, 1))
    try check(IPv4Prefix(IPv4Address(10, 1, 0, 2), length: 24))
    try check(MACAddress.broadcast)
    try check(Instant(nanoseconds: -7))
    try check(Interval.milliseconds(20))
  }

  @Test("values outside the format are refused where they stand")
  func invalid() {
    #expect(throws: WireError.invalid(offset: 0, value: 2)) { try Bool(decoding: [2]) }
    #expect(throws: WireError.invalid(offset: 0, value: 3)) { try Colour(decoding: [3]) }
    #expect(throws: WireError.invalid(offset: 4, value: 33)) {
      try IPv4Prefix(decoding: [10, 0, 0, 0, 33])
    }
    #expect(throws: WireError.notText(offset: 4)) {
      try String(decoding: [0, 0, 0, 1, 0xff])
    }
  }

  @Test("a count that cannot be honest is refused before memory is taken")
  func hostileCount() {
    #expect(throws: WireError.self) { try [UInt8](decoding: [0xff, 0xff, 0xff, 0xff, 1]) }
    #expect(throws: WireError.self) { try String(decoding: [0x7f, 0xff, 0xff, 0xff, 1]) }
  }

  @Test("time: arithmetic, order, and milliseconds for people")
  func time() {
    let later = Instant.zero + .seconds(1)
    #expect(later - .zero == .milliseconds(1_000) && later > .zero)
    #expect(Interval.seconds(3) / 2 == .milliseconds(1_500))
    #expect(Interval.microseconds(20_000).description == "20.000ms")
    #expect(Interval(nanoseconds: -1_500_000).description == "-1.500ms")
    #expect(Interval(nanoseconds: -500_000).description == "-0.500ms")
  }
}
