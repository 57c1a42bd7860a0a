import Crypto
import Testing

@Suite("AES-128-GCM")
struct AEADTests {
  @Test("NIST GCM test case 1: nothing but a tag")
  func nistCase1() throws {
    var cipher = try AES128GCM(key: hex("00000000000000000000000000000000"))
    let sealed = try cipher.seal([], nonce: hex("000000000000000000000000"))
    #expect(sealed == hex("58e2fccefa7e3061367f1d57a4e7455a"))
    #expect(try cipher.open(sealed, nonce: hex("000000000000000000000000")) == [])
  }

  @Test("NIST GCM test case 4: 60 octets with additional data, both directions")
  func nistCase4() throws {
    let nonce = hex("cafebabefacedbaddecaf888")
    let additional = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    let plaintext = hex(
      """
      d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
      1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
      """)
    var cipher = try AES128GCM(key: hex("feffe9928665731c6d6a8f9467308308"))
    let sealed = try cipher.seal(plaintext, nonce: nonce, additionalData: additional)
    #expect(
      sealed
        == hex(
          """
          42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
          21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091
          5bc94fbc3221a5db94fae95ae7121a47
          """))
    #expect(try cipher.open(sealed, nonce: nonce, additionalData: additional) == plaintext)
  }

  @Test("one changed bit anywhere is not authentic, and the context stays usable")
  func changedBits() throws {
    var cipher = try AES128GCM(key: hex("000102030405060708090a0b0c0d0e0f"))
    let nonce = [UInt8](repeating: 7, count: 12)
    let sealed = try cipher.seal([1, 2, 3], nonce: nonce, additionalData: [9])
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 0x10
      #expect(throws: CryptoError.notAuthentic) {
        try cipher.open(changed, nonce: nonce, additionalData: [9])
      }
    }
    #expect(throws: CryptoError.notAuthentic) { try cipher.open(sealed, nonce: nonce) }
    #expect(try cipher.open(sealed, nonce: nonce, additionalData: [9]) == [1, 2, 3])
  }

  @Test("keys, nonces and messages of a wrong length are refused")
  func lengths() throws {
    do {
      _ = try AES128GCM(key: [1])
      Issue.record("a key of one octet was accepted")
    } catch { #expect(error == .invalidLength(count: 1)) }
    var cipher = try AES128GCM(key: [UInt8](repeating: 0, count: 16))
    #expect(throws: CryptoError.invalidLength(count: 11)) {
      try cipher.seal([], nonce: [UInt8](repeating: 0, count: 11))
    }
    #expect(throws: CryptoError.invalidLength(count: 15)) {
      try cipher.open([UInt8](repeating: 0, count: 15), nonce: [UInt8](repeating: 0, count: 12))
    }
  }
}
