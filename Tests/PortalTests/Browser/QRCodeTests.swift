import Testing

@testable import Portal

@Suite("QR code")
struct QRCodeTests {
  @Test("a code has its three finder patterns and the size of its version")
  func finderPatterns() throws {
    let code = try #require(QRCode("http://192.168.0.1/activate#ZTB1"))
    let size = code.modules.count
    // Version 2 holds 32 octets at level L; a version has 4 modules more than the one before.
    #expect(size == 25)
    #expect(code.modules.allSatisfy { $0.count == size })
    for (top, left) in [(0, 0), (0, size - 7), (size - 7, 0)] {
      for y in 0..<7 {
        for x in 0..<7 {
          let ring = max(abs(x - 3), abs(y - 3))
          #expect(code.modules[top + y][left + x] == (ring != 2))
        }
      }
    }
  }

  @Test("the longest link fits, and what does not fit is refused")
  func bounds() {
    #expect(QRCode(String(repeating: "a", count: 1_000)) != nil)
    #expect(QRCode(String(repeating: "a", count: 3_000)) == nil)
    #expect(QRCode("") == nil)
  }
}
