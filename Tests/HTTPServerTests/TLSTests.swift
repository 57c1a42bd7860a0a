import Glibc
import HTTP
import HTTPServer
import Linux
import Testing

@Suite("HTTP server, TLS")
struct TLSTests {
  private let identity = TLSIdentity(
    certificate: Certificates.server, privateKey: Certificates.serverKey)
  private let mutual = TLSIdentity(
    certificate: Certificates.server, privateKey: Certificates.serverKey,
    clientAuthorities: Certificates.authority)

  @Test("curl, trusting the authority, gets the page over TLS 1.3 and over 1.2")
  func page() throws {
    let harness = try Harness(tls: identity) { .text("hello \($0.path)", status: 200) }
    let authority = try TemporaryFile(Certificates.authority)
    for version in [["--tlsv1.3"], ["--tls-max", "1.2"]] {
      let result = try harness.run(
        version + ["--cacert", authority.path, "https://localhost:\(harness.port)/x"])
      #expect(result.status == .exited(0))
      #expect(result.text == "hello /x")
    }
    #expect(harness.requests.first?.clientCertificate == nil)
    harness.stop()
  }

  @Test("TLS 1.1 is refused")
  func oldVersion() throws {
    let harness = try Harness(tls: identity) { _ in .text("never", status: 200) }
    let result = try harness.curl(
      "-k", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0",
      "https://127.0.0.1:\(harness.port)/")
    #expect(result.status == .exited(35))
    #expect(harness.requests.isEmpty)
    harness.stop()
  }

  @Test("with mutual TLS a client of the authority is let in, with its certificate")
  func trusted() throws {
    let harness = try Harness(tls: mutual) { _ in .text("in", status: 200) }
    let certificate = try TemporaryFile(Certificates.client)
    let key = try TemporaryFile(Certificates.clientKey)
    let result = try harness.curl(
      "-k", "--cert", certificate.path, "--key", key.path, "https://127.0.0.1:\(harness.port)/")
    #expect(result.status == .exited(0))
    #expect(result.text == "in")
    let der = try #require(harness.requests.first?.clientCertificate)
    #expect(der.starts(with: [0x30, 0x82]))
    harness.stop()
  }

  @Test("with mutual TLS a client without a certificate, or with one of its own making, is refused")
  func untrusted() throws {
    let harness = try Harness(tls: mutual) { _ in .text("never", status: 200) }
    let none = try harness.curl("-k", "https://127.0.0.1:\(harness.port)/")
    #expect(none.status != .exited(0))
    let certificate = try TemporaryFile(Certificates.stranger)
    let key = try TemporaryFile(Certificates.strangerKey)
    let result = try harness.curl(
      "-k", "--cert", certificate.path, "--key", key.path, "https://127.0.0.1:\(harness.port)/")
    #expect(result.status != .exited(0))
    #expect(harness.requests.isEmpty)
    harness.stop()
  }

  @Test("with mutual TLS a client that shows nothing has little time, one that is known has more")
  func silent() throws {
    var limits = HTTPServer.Limits()
    limits.handshakeSeconds = 1
    let harness = try Harness(tls: mutual, limits: limits)
    let silent = try RawClient(port: harness.port)
    #expect(try harness.turn(seconds: 5) { try silent.poll() })
    let certificate = try TemporaryFile(Certificates.client)
    let key = try TemporaryFile(Certificates.clientKey)
    let file = try TemporaryFile("")
    let child = try ProcessSpecification(
      program: "/usr/bin/curl",
      arguments: [
        "curl", "-sk", "--max-time", "10", "--output", file.path, "--cert", certificate.path,
        "--key", key.path, "--data-binary", "x", "https://127.0.0.1:\(harness.port)/",
      ]
    ).spawn()
    #expect(try harness.turn { harness.exchanges.count == 1 })
    try harness.turn(seconds: 3) { false }
    #expect(harness.server?.connectionCount == 1, "it waits for its answer")
    harness.exchanges[0].answer(.text("late", status: 200))
    #expect(try harness.end(of: child) == .exited(0))
    harness.stop()
  }

  @Test("late answers and large bodies work over TLS")
  func late() throws {
    let harness = try Harness(tls: identity)
    let body = try TemporaryFile(String(repeating: "y", count: 900_000))
    let answer = try TemporaryFile("")
    let child = try ProcessSpecification(
      program: "/usr/bin/curl",
      arguments: [
        "curl", "-sk", "--max-time", "10", "--output", answer.path, "--data-binary",
        "@" + body.path, "https://127.0.0.1:\(harness.port)/",
      ]
    ).spawn()
    try harness.turn { harness.exchanges.count == 1 }
    #expect(harness.requests.first?.body.count == 900_000)
    let exchange = try #require(harness.exchanges.first)
    try harness.turn(seconds: 1) { false }
    exchange.answer(HTTPResponse(200, body: harness.requests[0].body))
    #expect(try harness.end(of: child) == .exited(0))
    #expect(try Files.read(answer.path) == harness.requests[0].body)
    harness.stop()
  }

  @Test("a key that does not fit the certificate is refused at the start")
  func mismatch() throws {
    #expect(throws: HTTPServerError.refused) {
      _ = try Harness(
        tls: TLSIdentity(
          certificate: Certificates.server, privateKey: Certificates.clientKey))
    }
  }
}
