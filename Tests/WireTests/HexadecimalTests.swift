import Testing

@testable import Wire

@Suite struct HexadecimalTests {
  @Test("octets are two digits each, in lower case, and are read back in any case")
  func identity() {
    let all = (UInt8.min...UInt8.max).map { $0 }
    let text = Hexadecimal.text(all)
    #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff") && text.utf8.count == 512)
    #expect(Hexadecimal.octets(text, count: 256) == all)
    #expect(Hexadecimal.octets(text.uppercased(), count: 256) == all)
  }

  @Test(
    "anything but that many pairs of ASCII digits is nothing",
    arguments: ["", "0", "000", "00000", "0g00", " 0000", "0000 ", "00-00", "\u{ff10}000", "é000"])
  func refused(_ text: String) { #expect(Hexadecimal.octets(text, count: 2) == nil) }
}
