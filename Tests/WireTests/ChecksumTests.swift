import Testing
import Wire

@Suite("Internet checksum")
struct ChecksumTests {
  @Test("RFC 1071 3: the worked example sums to ddf2")
  func example() {
    var sum = InternetChecksum()
    sum.add([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7] as [UInt8])
    #expect(sum.value == ~0xddf2)
  }

  @Test("RFC 1071 1: data that holds its checksum sums to zero")
  func verifies() {
    let data: [UInt8] = [0x45, 0x00, 0x00, 0x1c, 0xbe, 0xef]
    var sum = InternetChecksum()
    sum.add(data)
    let value = sum.value
    sum.add(value)
    #expect(sum.value == 0)
  }

  @Test("an odd last octet counts as the high half of a word")
  func odd() {
    var odd = InternetChecksum()
    odd.add([0x12, 0x34, 0x56] as [UInt8])
    var even = InternetChecksum()
    even.add([0x12, 0x34, 0x56, 0x00] as [UInt8])
    #expect(odd.value == even.value)
  }

  @Test("many carries fold")
  func carries() {
    var sum = InternetChecksum()
    sum.add([UInt8](repeating: 0xff, count: 65_534))
    #expect(sum.value == 0)
  }
}
