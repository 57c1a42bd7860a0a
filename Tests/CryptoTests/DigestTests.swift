import Crypto
import Testing

@Suite("Digests and keys")
struct DigestTests {
  @Test("FIPS 180-4: SHA-256 of abc and of nothing")
  func sha() {
    #expect(
      sha256([UInt8]("abc".utf8))
        == hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
    #expect(
      sha256([]) == hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
  }

  @Test("RFC 5869 A.1: basic test case with SHA-256")
  func rfc5869A1() throws {
    let output = try hkdfSHA256(
      key: [UInt8](repeating: 0x0b, count: 22), salt: hex("000102030405060708090a0b0c"),
      info: hex("f0f1f2f3f4f5f6f7f8f9"), count: 42)
    #expect(
      output
        == hex(
          """
          3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf
          34007208d5b887185865
          """))
  }

  @Test("RFC 5869 A.3: empty salt and info")
  func rfc5869A3() throws {
    let output = try hkdfSHA256(
      key: [UInt8](repeating: 0x0b, count: 22), salt: [], info: [], count: 42)
    #expect(
      output
        == hex(
          """
          8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d
          9d201395faa4b61a96c8
          """))
  }

  @Test("RFC 5869 2.3: more than 255 blocks are refused")
  func tooLong() {
    #expect(throws: CryptoError.invalidLength(count: 8161)) {
      try hkdfSHA256(key: [1], salt: [], info: [], count: 8161)
    }
  }

  @Test("random octets have the length asked for and differ")
  func random() throws {
    let (a, b) = (try randomOctets(16), try randomOctets(16))
    #expect(a.count == 16)
    #expect(a != b)
    #expect(try randomOctets(0) == [])
  }
}
