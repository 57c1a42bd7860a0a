import Activation
import Configuration
import Crypto
import JSON
import Testing
import Wire

@testable import Portal

@Suite("Activation of gateways")
struct EnrollTests {
  private let from = "192.0.2.9"

  private func csr(_ key: P256Key) throws -> String {
    try key.certificateRequest(commonName: "box")
  }

  @Test("the portal proves that it knows the secret, over nonce and authority")
  func anchor() throws {
    let portal = try TestPortal()
    let code = try ActivationCode(parsing: portal.code(portal.addSite().gateways[0]))
    let nonce = [UInt8](repeating: 7, count: 32)
    var proofs: [[UInt8]] = []
    for _ in 0..<2 {
      portal.service.anchor(publicID: code.publicID, nonce: nonce, from: from) { result in
        if case .success(let proof) = result { proofs.append(proof) }
      }
    }
    let key = try scrypt(
      secret: Array(code.secret.utf8), salt: Array("ztb anchor 1\(code.publicID)".utf8),
      cost: 16_384)
    let authority = portal.service.identity.authority.certificate.der
    let expected = try hmacSHA256(key: key, message: nonce + authority)
    #expect(proofs == [expected, expected])
    portal.service.anchor(publicID: "ZZZZ", nonce: nonce, from: from) { result in
      if case .failure(let error) = result {
        #expect(error.status == 404 && error.word == "unknown")
      } else {
        Issue.record("an unknown code was anchored")
      }
    }
  }

  @Test("A24: each setting that differs is named, and nothing is consumed")
  func differences() throws {
    let portal = try TestPortal()
    let gateway = try portal.addSite().gateways[0]
    var request = portal.request(try portal.code(gateway))
    request.mode = "static"
    request.address = "192.0.2.2/24"
    request.router = "192.0.2.1"
    request.dns = ["9.9.9.9"]
    request.vlan = 5
    request.proxy = "hub3.goairgap.com:1883"
    let error = TestPortal.error { _ = try portal.service.validate(request, from: from) }
    #expect(error?.status == 409)
    #expect(
      error?.differences == [
        "wan.mode: box static, site dhcp", "wan.vlan: box 5, site none",
        "wan.dns: box 9.9.9.9, site 1.1.1.1 8.8.8.8",
        "proxy: box hub3.goairgap.com:1883, site none",
      ])
    let csr = try csr(.make())
    #expect(
      TestPortal.error { _ = try portal.service.enroll(request, csr: csr, from: from) }?.word
        == "differences")
    request = portal.request(try portal.code(gateway))
    #expect(try portal.service.validate(request, from: from) == "paris-gw-01")
    #expect(try portal.state(gateway) == .disconnected)
  }

  @Test("static settings are compared address by address")
  func staticDifferences() throws {
    let portal = try TestPortal()
    var input = try portal.input(isPair: false)
    input.gateways[0].mode = "static"
    input.gateways[0].address = "203.0.113.2/24"
    input.gateways[0].gateway = "203.0.113.254"
    let gateway = try portal.service.createSite(input, by: portal.admin).gateways[0]
    var request = portal.request(try portal.code(gateway))
    request.mode = "static"
    request.address = "203.0.113.3/24"
    request.router = "203.0.113.254"
    let error = TestPortal.error { _ = try portal.service.validate(request, from: from) }
    #expect(error?.differences == ["wan.address: box 203.0.113.3/24, site 203.0.113.2/24"])
    request.address = "203.0.113.2/24"
    #expect(try portal.service.validate(request, from: from) == "paris-gw-01")
  }

  @Test("single use: the same key gets the same certificate for a day, another key is refused")
  func singleUse() throws {
    let portal = try TestPortal()
    let gateway = try portal.addSite().gateways[0]
    let request = portal.request(try portal.code(gateway))
    let key = try P256Key.make()
    let first = try portal.service.enroll(request, csr: csr(key), from: from)
    #expect(try Certificate(pem: first.certificate).commonName == gateway.id)
    portal.clock.now += 86_399
    #expect(try portal.service.enroll(request, csr: csr(key), from: from) == first)
    let other = try csr(.make())
    let refused = TestPortal.error {
      _ = try portal.service.enroll(request, csr: other, from: from)
    }
    #expect(refused?.status == 403 && refused?.word == "used")
    #expect(refused?.message == "This code was already used.")
    portal.clock.now += 1
    #expect(
      TestPortal.error { _ = try portal.service.enroll(request, csr: csr(key), from: from) }?.word
        == "used")
  }

  @Test("a code expires after 14 days, and sending it again makes a new one")
  func expiry() throws {
    let portal = try TestPortal()
    let gateway = try portal.addSite().gateways[0]
    let old = try portal.code(gateway)
    portal.clock.now += 14 * 86_400
    let error = TestPortal.error {
      _ = try portal.service.validate(portal.request(old), from: from)
    }
    #expect(error?.message == "This code has expired.")
    let sent = try portal.service.sendActivationLink(gateway.id, to: nil, by: portal.admin)
    #expect(sent.offer.code.code.text != old)
    #expect(
      try portal.service.validate(portal.request(sent.offer.code.code.text), from: from)
        == "paris-gw-01")
  }

  @Test("a rotated code is refused as replaced, the new one is taken")
  func rotation() throws {
    let portal = try TestPortal()
    let gateway = try portal.addSite().gateways[0]
    let old = try portal.code(gateway)
    let new = try portal.service.rotateActivationCode(gateway.id, by: portal.admin)
    #expect(
      TestPortal.error { _ = try portal.service.validate(portal.request(old), from: from) }?.message
        == "This code was replaced by a newer one.")
    _ = try portal.service.validate(portal.request(new.code.code.text), from: from)
    try portal.enroll(gateway)
    #expect(
      TestPortal.error {
        _ = try portal.service.rotateActivationCode(gateway.id, by: portal.admin)
      }?.status == 409)
  }

  @Test("the sentences are about the link when a link was used")
  func links() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    let gateway = site.gateways[0]
    let offer = try portal.service.activation(of: gateway.id, by: portal.admin)
    var request = portal.request(offer.code.code.text)
    request.linkDigest = sha256(try SignedActivationLink(parsing: offer.url).payload)
    #expect(try portal.service.validate(request, from: from) == "paris-gw-01")
    request.profile = "zt600"
    #expect(
      TestPortal.error { _ = try portal.service.validate(request, from: from) }?.message
        == "This link is for a zt400; this is a zt600.")
    request.profile = "zt400"
    var tampered = request
    tampered.linkDigest = [UInt8](repeating: 1, count: 32)
    #expect(
      TestPortal.error { _ = try portal.service.validate(tampered, from: from) }?.message
        == "This link is damaged; copy it again.")
    // Other settings make another link; the old one is not taken any more.
    var input = SiteInput(site.site, site.gateways)
    input.gateways[0].vlan = "9"
    input.gateways[1].vlan = "9"
    _ = try portal.service.updateSite(site.site.id, input, by: portal.admin)
    #expect(
      TestPortal.error { _ = try portal.service.validate(request, from: from) }?.message
        == "This link was replaced by a newer one.")
  }

  @Test("P10: the gateway that is activated first is the primary, whatever the order of the form")
  func primary() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    try portal.enroll(site.gateways[1])
    try portal.enroll(site.gateways[0])
    let stored = try portal.service.site(site.site.id, by: portal.admin)
    #expect(stored.site.primary == site.gateways[1].id)
    let documents = try site.gateways.map { gateway in
      try ConfigurationDocument(
        parsing: Array(portal.service.gateways.document(gateway.id).utf8))
    }
    #expect(documents[1].ha?.node == .primary && documents[0].ha?.node == .secondary)
    #expect(documents[1].ha?.vrrp.priority == 200 && documents[0].ha?.vrrp.priority == 100)
    #expect(documents[1].ha?.address.description == "169.254.77.1/30")
    #expect(documents[0].ha?.peers.map(\.description) == ["169.254.77.1"])
    #expect(documents[0].sharedCanonical == documents[1].sharedCanonical, "the pair must agree")
    #expect(documents[0].controller?.url == "https://portal.example:8444")
    let digest = portal.service.identity.authority.certificate.publicKeyDigest
    #expect(documents[0].controller?.pin == "sha256/\(Base64.encode(digest))")
  }

  @Test("guessing codes is slowed down, and does not stop others")
  func guessing() throws {
    let portal = try TestPortal()
    let gateway = try portal.addSite().gateways[0]
    var refused: [Int] = []
    for number in 0..<40 {
      let code = ActivationCode(random: [UInt8](repeating: UInt8(number), count: 15))
      let error = TestPortal.error {
        _ = try portal.service.validate(portal.request(code.text), from: "198.51.100.66")
      }
      refused.append(error?.status ?? 0)
    }
    #expect(refused.first == 403 && refused.last == 429)
    let right = portal.request(try portal.code(gateway))
    for address in ["198.51.100.66", from] {
      #expect(try portal.service.validate(right, from: address) == "paris-gw-01")
    }
  }

  @Test("an enrolment that is refused begins no transaction")
  func refusedOutside() throws {
    let portal = try TestPortal()
    _ = try portal.addSite()
    var undone = 0
    portal.service.database.whenUndone { undone += 1 }
    let code = ActivationCode(random: [UInt8](repeating: 7, count: 15))
    let request = portal.request(code.text)
    let csr = try self.csr(try P256Key.make())
    for status in Array(repeating: 403, count: 20) + [403, 429] {
      let error = TestPortal.error {
        _ = try portal.service.enroll(request, csr: csr, from: from)
      }
      #expect(error?.status == status)
    }
    #expect(undone == 0)
  }

  @Test("a code with the right public part and a wrong secret is unknown")
  func wrongSecret() throws {
    let portal = try TestPortal()
    let code = try portal.code(portal.addSite().gateways[0])
    let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    // Of all last characters, one has the right check; the secret differs in its first.
    let other = String(code.prefix(4)) + (code.dropFirst(4).first == "0" ? "1" : "0")
    for last in digits {
      let guess = other + code.dropFirst(5).prefix(10) + String(last)
      guard (try? ActivationCode(parsing: guess)) != nil else { continue }
      #expect(
        TestPortal.error { _ = try portal.service.validate(portal.request(guess), from: from) }?
          .word
          == "unknown")
    }
  }

  @Test("what is no request for a certificate is refused, and the code stays open")
  func badRequest() throws {
    let portal = try TestPortal()
    let gateway = try portal.addSite().gateways[0]
    let request = portal.request(try portal.code(gateway))
    for csr in ["", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----"]
    {
      #expect(
        TestPortal.paths { _ = try portal.service.enroll(request, csr: csr, from: from) } == ["csr"]
      )
    }
    #expect(
      try portal.service.activation(of: gateway.id, by: portal.admin).code.status(
        at: portal.clock.now) == .open)
  }

  @Test("replacing a gateway ends its certificate; the new box activates with a new code")
  func replace() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    try portal.run(site.gateways[0], "active")
    try portal.run(site.gateways[1], "standby")
    let digest = try #require(
      try portal.service.gateways.find(site.gateways[0].id).certificateDigest)
    _ = try portal.service.replaceGateway(site.gateways[0].id, by: portal.admin)
    #expect(portal.service.gateway(certificateDigest: digest) == nil)
    #expect(try portal.state(site.gateways[0]) == .disconnected)
    #expect(
      try portal.service.site(site.site.id, by: portal.admin).site.primary == site.gateways[0].id,
      "the other one runs as secondary and stays that")
    try portal.run(site.gateways[0], "standby")
    #expect(try portal.state(site.gateways[0]) == .standby)
  }

  @Test("what enroll has answered is on the disk, also without an end of the program")
  func durable() throws {
    let path = "/tmp/ztb-portal-test-\(UInt64.random(in: 0 ... .max)).db"
    defer { TemporaryFiles.remove(path) }
    let portal = try TestPortal(path: path)
    let gateway = try portal.addSite().gateways[0]
    let request = portal.request(try portal.code(gateway))
    let key = try P256Key.make()
    let first = try portal.service.enroll(request, csr: csr(key), from: from)
    // The first portal still runs and has closed nothing.
    let again = try TestPortal(path: path)
    #expect(try again.service.enroll(request, csr: csr(key), from: from) == first)
    #expect(try again.state(gateway) == .initializing)
    #expect(again.service.identity.authority == portal.service.identity.authority)
  }
}
