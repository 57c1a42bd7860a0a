import Glibc
import Linux
import Testing
import Wire

@testable import Portal

/// A mail server for one mail after another, in the loop of the test.
private final class MailServer {
  let port: UInt16
  private(set) var commands: [String] = []
  private(set) var body = ""
  private let listener: Descriptor
  private let reactor: Reactor
  private let refuses: Bool
  private var connection: Int32?
  private var input = ""
  private var isInBody = false

  init(_ reactor: Reactor, refuses: Bool) throws {
    self.reactor = reactor
    self.refuses = refuses
    listener = try TCPListener.listen(on: IPv4Address(127, 0, 0, 1), port: 0)
    port = try TCPListener.port(of: listener.rawValue)
    try reactor.add(listener.rawValue) { [unowned self] _ in accept() }
  }

  deinit {
    reactor.remove(listener.rawValue)
    close()
  }

  private func accept() {
    let number = unsafe Glibc.accept(listener.rawValue, .init(__sockaddr__: nil), nil)
    guard number >= 0 else { return }
    connection = number
    try? reactor.add(number) { [unowned self] _ in read(number) }
    say("220 mail.test")
  }

  private func read(_ number: Int32) {
    var octets = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe Glibc.read(number, &octets, octets.count)
    guard count > 0 else { return close() }
    input += String(decoding: octets.prefix(count), as: UTF8.self)
    while let end = input.firstRange(of: "\r\n") {
      let line = String(input[..<end.lowerBound])
      input = String(input[end.upperBound...])
      take(line)
    }
  }

  private func take(_ line: String) {
    if isInBody {
      if line != "." { return body += line + "\n" }
      isInBody = false
      return say("250 taken")
    }
    commands.append(line)
    switch line.prefix(4).uppercased() {
    case "RCPT" where refuses: say("550 no such user")
    case "DATA":
      isInBody = true
      say("354 go on")
    case "QUIT":
      say("221 bye")
      close()
    default: say("250 fine")
    }
  }

  private func say(_ line: String) {
    guard let connection else { return }
    _ = unsafe write(connection, line + "\r\n", line.utf8.count + 2)
  }

  private func close() {
    guard let connection else { return }
    reactor.remove(connection)
    Glibc.close(connection)
    self.connection = nil
  }
}

@Suite("Mail")
struct MailTests {
  private func deliver(refuses: Bool) throws -> (server: MailServer, failure: String?) {
    let reactor = try Reactor()
    let server = try MailServer(reactor, refuses: refuses)
    let mailer = try SMTPMailer(
      reactor, server: "smtp://127.0.0.1:\(server.port)", sender: "portal@example.net")
    var results: [String?] = []
    mailer.send(
      to: "ann@example.net", subject: "Activate paris-gw-01",
      text: "Link:\n\n.\nhttp://192.168.0.1/activate#ZTB1.a=b\n"
    ) { results.append($0) }
    let end = MonotonicClock.now() + .seconds(10)
    while results.isEmpty, MonotonicClock.now() < end { try reactor.turn(timeoutMilliseconds: 20) }
    return (server, try #require(results.first))
  }

  @Test("a mail reaches the server with sender, recipient and its text")
  func sent() throws {
    let (server, failure) = try deliver(refuses: false)
    #expect(failure == nil)
    #expect(server.commands.contains { $0.hasPrefix("MAIL FROM:<portal@example.net>") })
    #expect(server.commands.contains("RCPT TO:<ann@example.net>"))
    #expect(server.body.contains("Subject: Activate paris-gw-01\n"))
    #expect(server.body.contains("\n..\n"), "a single dot is doubled (RFC 5321 4.5.2)")
    #expect(server.body.contains("http://192.168.0.1/activate#ZTB1.a=3Db\n"))
  }

  @Test("a refusal of the server comes back as a sentence")
  func refused() throws {
    #expect(try deliver(refuses: true).failure?.isEmpty == false)
  }

  @Test("lines are at most 76 characters, and other octets are escaped")
  func quoted() {
    let text = String(repeating: "x", count: 500) + "=ü\nend"
    let quoted = MailMessage.quoted(text)
    for line in quoted.split(separator: "\r\n") { #expect(line.utf8.count <= 76) }
    #expect(quoted.replacing("=\r\n", with: "").hasSuffix("x=3D=C3=BC\r\nend"))
  }

  @Test("dates have the day of the week")
  func date() {
    #expect(MailMessage.date(0) == "Thu, 01 Jan 1970 00:00:00 +0000")
    #expect(MailMessage.date(1_795_660_735) == "Thu, 26 Nov 2026 02:38:55 +0000")
  }

  @Test(
    "what is no mail address is not mailed to",
    arguments: ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b>", "a@b\r\nBcc: x@y", "<a@b>", "a,b@c"])
  func addresses(text: String) throws {
    #expect(!PortalService.isMailAddress(text))
  }

  @Test("without a mail server a link can only be copied")
  func unconfigured() throws {
    let portal = try TestPortal()
    let id = try portal.addSite().gateways[0].id
    #expect(
      TestPortal.error {
        _ = try portal.service.sendActivationLink(id, to: "a@b", by: portal.admin)
      }?.status == 409)
    #expect(
      TestPortal.paths {
        _ = try portal.service.sendActivationLink(id, to: "a b", by: portal.admin)
      } == ["to"])
    let sent = try portal.service.sendActivationLink(id, to: nil, by: portal.admin)
    #expect(!sent.isMailed && !sent.offer.url.isEmpty)
  }
}
