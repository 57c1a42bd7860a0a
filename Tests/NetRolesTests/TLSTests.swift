import Crypto
import HTTP
import HTTPClient
import HTTPServer
import JSON
import Linux
import Testing
import Wire

/// The client against a real server with TLS.
@Suite("TLS of the HTTP client", .serialized)
struct TLSTests {
  private typealias Outcome = Swift.Result<HTTPResponse, HTTPClientError>
  private let reactor: Reactor
  private let client: HTTPClient
  private let portal: SmallPortal

  init() throws {
    reactor = try Reactor()
    client = try HTTPClient(reactor)
    portal = try SmallPortal(reactor)
  }

  private func fetch(_ request: HTTPClient.Request) throws -> Outcome {
    var outcome: Outcome?
    client.send(request) { outcome = $0 }
    let end = MonotonicClock.now() + .seconds(20)
    while outcome == nil, MonotonicClock.now() < end {
      try reactor.turn(timeoutMilliseconds: 20)
    }
    return try #require(outcome)
  }

  private func request(
    _ url: String, _ change: (inout HTTPClient.Request) -> Void = { _ in }
  ) -> HTTPClient.Request {
    var request = HTTPClient.Request("GET", "\(url)/nothing")
    request.trust = .authority(portal.authority.certificatePEM)
    change(&request)
    return request
  }

  private func client(of authority: CertificateAuthority) throws -> HTTPClient.Identity {
    let key = try P256Key.make()
    let request = try CertificateRequest(pem: key.certificateRequest(commonName: "x"))
    return HTTPClient.Identity(
      certificate: try authority.clientCertificate(
        for: request, commonName: "g1", now: SmallPortal.now), privateKey: key.pem)
  }

  private func failure(_ outcome: Outcome) -> HTTPClientError? {
    if case .failure(let error) = outcome { error } else { nil }
  }

  private var place: String { "localhost:\(portal.port)" }

  @Test("a server that the given authority signed is believed, by name and by address")
  func authority() throws {
    #expect(try fetch(request(portal.url)).get().status == 404)
    #expect(try fetch(request("https://127.0.0.1:\(portal.port)")).get().status == 404)
  }

  @Test("another authority's server is not believed, nor is it by the system")
  func wrongAuthority() throws {
    let other = try CertificateAuthority.make(name: "Other CA", now: SmallPortal.now)
    let error = failure(
      try fetch(request(portal.url) { $0.trust = .authority(other.certificatePEM) }))
    #expect(error == .wrongAuthority(place: place))
    #expect(
      failure(try fetch(request(portal.url) { $0.trust = .system }))
        == .wrongAuthority(place: place))
    #expect(try fetch(request(portal.url) { $0.trust = .anything }).get().status == 404)
  }

  @Test("an authority of the same name with another key is not believed")
  func sameName() throws {
    let other = try CertificateAuthority.make(name: "Test CA", now: SmallPortal.now)
    let error = failure(
      try fetch(request(portal.url) { $0.trust = .authority(other.certificatePEM) }))
    #expect(error == .wrongAuthority(place: place))
  }

  @Test("a certificate for another name is refused")
  func wrongName() throws {
    let error = failure(try fetch(request("https://127.0.0.2:\(portal.port)")))
    let isRefused: Bool
    switch error {
    case .wrongName, .connect: isRefused = true
    default: isRefused = false
    }
    #expect(isRefused, "\(error.map { "\($0)" } ?? "believed")")
    #expect(error != .wrongAuthority(place: "127.0.0.2:\(portal.port)"))
  }

  @Test("dates count, unless the clock was never set; the authority counts in any case")
  func dates() throws {
    let tenYears: Int64 = 10 * 366 * 86_400
    for (dates, expired) in [
      (SmallPortal.now - tenYears, true), (SmallPortal.now + tenYears, false),
    ] {
      let portal = try SmallPortal(reactor, dates: dates)
      let place = "localhost:\(portal.port)"
      var request = request(portal.url)
      request.trust = .authority(portal.authority.certificatePEM)
      #expect(failure(try fetch(request)) == .wrongDate(place: place, expired: expired))
      request.checksDates = false
      #expect(try fetch(request).get().status == 404)
      request.trust = .authority(self.portal.authority.certificatePEM)
      request.reuseConnection = false
      #expect(failure(try fetch(request)) == .wrongAuthority(place: place))
    }
  }

  @Test("mutual TLS: the portal's own gateways are let in, strangers and nobody are not")
  func mutual() throws {
    let own = try client(of: portal.authority)
    #expect(try fetch(request(portal.agentURL) { $0.identity = own }).get().status == 404)
    let other = try CertificateAuthority.make(name: "Other CA", now: SmallPortal.now)
    let stranger = try client(of: other)
    let agentPlace = "localhost:\(portal.agentPort)"
    let refusal = failure(try fetch(request(portal.agentURL) { $0.identity = stranger }))
    // Some servers say so, this one hangs up.
    #expect([.identityRefused(place: agentPlace), .closed(place: agentPlace)].contains(refusal))
    #expect(failure(try fetch(request(portal.agentURL))) != nil)
  }

  @Test("a connection of one gateway is not used for another, nor for nobody")
  func identitiesApart() throws {
    let own = try client(of: portal.authority)
    #expect(try fetch(request(portal.agentURL) { $0.identity = own }).get().status == 404)
    #expect(failure(try fetch(request(portal.agentURL))) != nil)
  }

  @Test("a connection that was believed without looking is not used where an authority counts")
  func trustApart() throws {
    #expect(try fetch(request(portal.url) { $0.trust = .anything }).get().status == 404)
    let other = try CertificateAuthority.make(name: "Other CA", now: SmallPortal.now)
    let error = failure(
      try fetch(request(portal.url) { $0.trust = .authority(other.certificatePEM) }))
    #expect(error == .wrongAuthority(place: place))
  }

  @Test("a gateway's certificate is no server's: a gateway cannot pass for the portal")
  func gatewayAsServer() throws {
    let own = try client(of: portal.authority)
    let listener = try TCPListener.listen(on: IPv4Address(127, 0, 0, 1), port: 0)
    let port = try TCPListener.port(of: listener.rawValue)
    let server = try HTTPServer(
      reactor, listener: listener,
      tls: TLSIdentity(certificate: own.certificate, privateKey: own.privateKey)
    ) { $1.answer(.text("hi", status: 200)) }
    let error = failure(try fetch(request("https://localhost:\(port)")))
    #expect(error != nil, "a gateway passed for the portal")
    server.stop()
  }

  @Test("what is no certificate or key is said before anything is sent")
  func garbage() throws {
    let own = try client(of: portal.authority)
    for change in [
      { (request: inout HTTPClient.Request) in request.trust = .authority("garbage") },
      { $0.identity = .init(certificate: "garbage", privateKey: own.privateKey) },
      { $0.identity = .init(certificate: own.certificate, privateKey: "garbage") },
    ] {
      let error = failure(try fetch(request(portal.url, change)))
      guard case .invalidRequest = error else {
        Issue.record("\(error.map { "\($0)" } ?? "sent")")
        continue
      }
    }
  }
}
