import Crypto
import Glibc
import Linux
import Testing

@Suite("Certificate authority")
struct CertificateAuthorityTests {
  private let now: Int64 = 1_795_000_000

  @Test("an authority signs servers and gateways so that openssl verifies both")
  func chain() throws {
    let authority = try CertificateAuthority.make(name: "Test CA", now: now)
    let server = try authority.serverCertificate(
      for: try .make(), names: ["portal.example", "192.0.2.1"], now: now)
    let request = try CertificateRequest(
      pem: try P256Key.make().certificateRequest(commonName: "I am the CA"))
    let client = try authority.clientCertificate(for: request, commonName: "gw-7", now: now)
    #expect(try openssl(authority, server, "sslserver", "-verify_hostname", "portal.example"))
    #expect(try openssl(authority, server, "sslserver", "-verify_ip", "192.0.2.1"))
    #expect(try !openssl(authority, server, "sslserver", "-verify_hostname", "other.example"))
    #expect(try openssl(authority, client, "sslclient"))
    #expect(try !openssl(authority, client, "sslserver"))
    let stranger = try CertificateAuthority.make(name: "Test CA", now: now)
    #expect(try !openssl(stranger, client, "sslclient"))
  }

  @Test("of a request only the key is taken: the name is the portal's choice")
  func name() throws {
    let authority = try CertificateAuthority.make(name: "Test CA", now: now)
    let key = try P256Key.make()
    let request = try CertificateRequest(pem: try key.certificateRequest(commonName: "admin"))
    let made = try Certificate(
      pem: try authority.clientCertificate(for: request, commonName: "gw-7", now: now))
    #expect(made.commonName == "gw-7")
    #expect(made.publicKeyDigest == sha256(key.publicKeyDER))
    #expect(made.notBefore < now && made.notAfter > now + 9 * 365 * 86_400)
  }

  @Test("a request whose signature is not its key's is refused")
  func forged() throws {
    let pem = try P256Key.make().certificateRequest(commonName: "gw")
    var lines = pem.split(separator: "\n").map(String.init)
    // The last whole line of base64 lies in the signature.
    let place = lines.count - 3
    var letters = Array(lines[place])
    letters[30] = letters[30] == "A" ? "B" : "A"
    lines[place] = String(letters)
    #expect(throws: CryptoError.self) {
      try CertificateRequest(pem: lines.joined(separator: "\n") + "\n")
    }
    #expect(throws: CryptoError.self) { try CertificateRequest(pem: "") }
    #expect(throws: CryptoError.self) {
      try CertificateRequest(pem: String(repeating: "A", count: 9_000))
    }
  }

  @Test("a stored authority needs the key of its certificate; serial numbers differ")
  func stored() throws {
    let authority = try CertificateAuthority.make(name: "Test CA", now: now)
    let again = try CertificateAuthority(
      certificatePEM: authority.certificatePEM, key: authority.key)
    #expect(again == authority)
    #expect(throws: CryptoError.notAuthentic) {
      try CertificateAuthority(certificatePEM: authority.certificatePEM, key: try .make())
    }
    let request = try CertificateRequest(
      pem: try P256Key.make().certificateRequest(commonName: "gw"))
    let one = try authority.clientCertificate(for: request, commonName: "gw", now: now)
    let two = try authority.clientCertificate(for: request, commonName: "gw", now: now)
    #expect(one != two)
  }

  @Test(
    "names that would become other entries are refused", arguments: ["", "a,IP:1.2.3.4", "a b"])
  func names(name: String) throws {
    let authority = try CertificateAuthority.make(name: "Test CA", now: now)
    #expect(throws: CryptoError.self) {
      try authority.serverCertificate(for: try .make(), names: [name], now: now)
    }
  }

  /// Whether the command line tool of OpenSSL verifies a certificate.
  private func openssl(
    _ authority: CertificateAuthority, _ certificate: String, _ purpose: String, _ more: String...
  ) throws -> Bool {
    let base = "/tmp/ztb-ca-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try Files.replace(base + ".ca", with: Array(authority.certificatePEM.utf8))
    try Files.replace(base + ".pem", with: Array(certificate.utf8))
    defer {
      unsafe unlink(base + ".ca")
      unsafe unlink(base + ".pem")
    }
    var specification = ProcessSpecification(
      program: "/usr/bin/openssl",
      arguments: [
        "openssl", "verify", "-x509_strict", "-attime", "\(now)", "-purpose", purpose, "-CAfile",
        base + ".ca",
      ] + more + [base + ".pem"])
    let null = try Descriptor.open("/dev/null", O_RDWR)
    specification.descriptors = [null.rawValue, null.rawValue, null.rawValue]
    return try specification.spawn().wait(milliseconds: 10_000) == .exited(0)
  }
}
