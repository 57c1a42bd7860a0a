import Crypto
import Testing

@Suite("Keys and certificates")
struct CertificateTests {
  /// Made with `openssl ca -selfsign -startdate 20260101000000Z -enddate 20270101000000Z`.
  static let sample = """
    -----BEGIN CERTIFICATE-----
    MIIBJDCBygIBATAKBggqhkjOPQQDAjAeMQ0wCwYDVQQKDARUZXN0MQ0wCwYDVQQD
    DARndy03MB4XDTI2MDEwMTAwMDAwMFoXDTI3MDEwMTAwMDAwMFowHjENMAsGA1UE
    CgwEVGVzdDENMAsGA1UEAwwEZ3ctNzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
    BPlCqVH3BYvsP+ml2TMqouiN/M4YQHA2NGx5Ie+EW43G5O4ZHq1caxO7dW7d+MGV
    re0sSEzXcMjLYeGEt5jIsJIwCgYIKoZIzj0EAwIDSQAwRgIhAPBAfShjteN0e3Hz
    4za3Rk1Fg1t3mtHYIpNa8XChnw0dAiEA86Wa5ueerj1NlQlIj8WE1YXE6wvWnZ/i
    +PAntC6MQmc=
    -----END CERTIFICATE-----
    """

  @Test("a key made here is read again from its PEM, and no other key is the same")
  func key() throws {
    let key = try P256Key.make()
    #expect(key.pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    #expect(try P256Key(pem: key.pem) == key)
    #expect(try P256Key.make() != key)
    #expect(key.publicKeyDER.count == 91)
  }

  @Test("the description of a key shows nothing of it")
  func redacted() throws {
    let key = try P256Key.make()
    #expect(!"\(key)".contains("PRIVATE"))
    #expect("\(key)".count == "P-256 key ".count + 8)
  }

  @Test(
    "what is no P-256 key without passphrase is refused",
    arguments: ["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ed25519])
  func noKey(pem: String) {
    #expect(throws: CryptoError.self) { try P256Key(pem: pem) }
  }

  /// A valid private key of another kind (RFC 8410 10.3).
  static let ed25519 = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
    -----END PRIVATE KEY-----
    """

  @Test("a certificate request is PEM, and differs by the name in it")
  func request() throws {
    let key = try P256Key.make()
    let request = try key.certificateRequest(commonName: "GW-1")
    #expect(request.hasPrefix("-----BEGIN CERTIFICATE REQUEST-----\n"))
    #expect(try key.certificateRequest(commonName: "GW-2") != request)
  }

  @Test("a certificate tells its name, its dates and the digest of its key")
  func certificate() throws {
    let certificate = try Certificate(pem: Self.sample)
    #expect(certificate.commonName == "gw-7")
    #expect(certificate.notBefore == 1_767_225_600)
    #expect(certificate.notAfter == 1_798_761_600)
    #expect(
      certificate.publicKeyDigest
        == hex("0d3528e929f7ae69eb122f30087a9d0db8e202769def39d48eff903c47093f39"))
    #expect(try Certificate(der: certificate.der) == certificate)
    #expect(try Certificate(pem: certificate.pem) == certificate)
  }

  @Test("every truncation of a certificate is refused, and so is an octet too many")
  func truncated() throws {
    let der = try Certificate(pem: Self.sample).der
    for count in 0..<der.count {
      #expect(throws: CryptoError.self) { try Certificate(der: Array(der.prefix(count))) }
    }
    #expect(throws: CryptoError.self) { try Certificate(der: der + [0]) }
  }
}
