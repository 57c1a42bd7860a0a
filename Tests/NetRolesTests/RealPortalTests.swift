import Activation
import Crypto
import Glibc
import JSON
import Linux
import Messages
import Testing
import Wire

private let isBuilt = unsafe access(RealPortal.program, X_OK) == 0 && access(Box.program, X_OK) == 0

/// `ztbd-net role agent` and `ztb-portal serve`, as they are shipped, on the loopback interface.
@Suite("The agent and the portal", .serialized, .enabled(if: isBuilt, "not built"))
final class RealPortalTests {
  private let reactor: Reactor
  private let portal: RealPortal
  private let box: Box
  private static let wan = #"{"mode":"dhcp","dns":["1.1.1.1","8.8.8.8"]}"#

  init() throws {
    reactor = try Reactor()
    portal = try RealPortal(reactor)
    box = Box(reactor)
    try box.start()
  }

  deinit { box.kill() }

  private func enrollment(
    _ code: String, _ change: (inout Enrollment) -> Void = { _ in }
  ) -> AgentTask {
    var enrollment = Enrollment(
      portal: portal.url, code: code, caFingerprint: [], linkDigest: [],
      privateKey: box.key ?? "", wan: Self.wan, proxy: "")
    change(&enrollment)
    return .enroll(enrollment)
  }

  /// Enrolls as the supervisor does: the key is stored as soon as it is reported.
  private func enroll(
    _ code: String, proxy: ProxyRoute? = nil, _ change: (inout Enrollment) -> Void = { _ in }
  ) throws -> PortalIdentity {
    box.configure(enrollment(code, change), proxy: proxy)
    #expect(try box.turn { box.key != nil })
    box.configure(enrollment(code, change), proxy: proxy)
    #expect(try box.turn { box.identity != nil }, "\(box.failure?.reasons ?? [])")
    return try #require(box.identity)
  }

  /// As far as a gateway at work.
  private func becomeStandalone(_ site: Int64, _ code: String) throws {
    box.configure(.serve(try enroll(code)))
    box.send(.agent(.applied(version: 1, outcome: .verified, reason: "")))
    status("standalone")
    #expect(try box.turn { (try? portal.state(site)) == "Standalone" })
  }

  private func status(_ state: String) {
    box.send(.agent(.status(document: Array(#"{"state":"\#(state)"}"#.utf8))))
  }

  private func event(_ number: Int64, _ text: String) {
    let list =
      #"[{"number":\#(number),"time":"2026-11-26T01:02:03.004Z","kind":"k","text":"\#(text)","#
      + #""cause":""}]"#
    box.send(.agent(.events(list: Array(list.utf8), last: number)))
  }

  @Test("from the code to Standalone, through every state, with events and document")
  func whole() throws {
    let site = try portal.makeSite("paris")
    let identity = try enroll(site.code)
    #expect(identity.gatewayID == site.gateway)
    #expect(identity.url == portal.agentURL)
    #expect(box.steps == [3: .done, 4: .skipped, 5: .done, 6: .done, 7: .done])
    #expect(try portal.state(site.site) == "Initializing")
    box.configure(.serve(identity))
    #expect(
      try box.turn {
        box.agentReports.contains { if case .document = $0 { true } else { false } }
      })
    status("initializing")
    box.send(.agent(.applied(version: 1, outcome: .verified, reason: "")))
    #expect(try box.turn { (try? portal.state(site.site)) == "Post-update" })
    status("standalone")
    #expect(try box.turn { (try? portal.state(site.site)) == "Standalone" })
    event(1, "hello from the box")
    #expect(try box.turn { box.agentReports.contains(.eventsDelivered(last: 1)) })
    #expect(try portal.events(site.site).contains("hello from the box"))
  }

  @Test("kill -9 of the portal: noticed, and caught up with when it is back")
  func portalKilled() throws {
    let site = try portal.makeSite("paris")
    box.configure(.serve(try enroll(site.code)))
    status("standalone")
    #expect(try box.turn { box.contact?.connected == true })
    portal.kill()
    #expect(try box.turn { box.contact?.connected == false })
    #expect(box.contact?.reason.contains("Connection refused") == true)
    event(1, "while you were away")
    status("fault")
    try portal.start()
    #expect(try box.turn { box.agentReports.contains(.eventsDelivered(last: 1)) })
    #expect(box.contact?.connected == true)
    #expect(try portal.events(site.site).contains("while you were away"))
  }

  @Test("with a link: the authority's fingerprint and the payload's digest fit")
  func link() throws {
    let site = try portal.makeSite("paris")
    let signed = try SignedActivationLink(parsing: site.link)
    let identity = try enroll(signed.link.code) {
      $0.portal = signed.link.portal
      $0.caFingerprint = signed.link.ca
      $0.linkDigest = sha256(signed.payload)
    }
    #expect(identity.gatewayID == site.gateway)
  }

  @Test("settings that differ are named, nothing is consumed, and it goes on when they agree")
  func differences() throws {
    let site = try portal.makeSite("paris")
    box.configure(
      enrollment(site.code) {
        $0.wan =
          #"{"mode":"static","address":"192.0.2.2/24","gateway":"192.0.2.1","dns":["1.1.1.1"]}"#
      })
    #expect(try box.turn { box.failure != nil })
    #expect(box.failure?.reasons.first == "wan.mode: box static, site dhcp")
    #expect(box.failure?.reasons.count == 2)
    #expect(box.failure?.isFinal == false)
    #expect(try portal.state(site.site) == "Disconnected")
    #expect(try enroll(site.code).gatewayID == site.gateway)
  }

  @Test("a code that nobody issued, and one that was replaced")
  func wrongCodes() throws {
    let site = try portal.makeSite("paris")
    let other = ActivationCode(random: [UInt8](repeating: 9, count: ActivationCode.randomCount))
    box.configure(enrollment(other.text))
    #expect(try box.turn { box.failure?.isFinal == true })
    #expect(box.steps[5] == .failed)
    try portal.call("POST", "gateways/\(site.gateway)/rotateactivationcode", .object([]))
    box.configure(enrollment(site.code))
    #expect(
      try box.turn { box.failure?.reasons == ["This code was replaced by a newer one."] })
    #expect(box.failure?.isFinal == true)
  }

  @Test("a code is used once: another box is refused")
  func usedTwice() throws {
    let site = try portal.makeSite("paris")
    _ = try enroll(site.code)
    let other = Box(reactor)
    try other.start()
    other.configure(enrollment(site.code) { $0.privateKey = "" })
    #expect(
      try other.turn { other.failure?.reasons == ["This code was already used."] },
      "\(other.failure?.reasons ?? [])")
    #expect(other.failure?.isFinal == true)
    other.kill()
  }

  @Test("power loss after each report: the stored key gets one certificate, the same each time")
  func powerLoss() throws {
    let site = try portal.makeSite("paris")
    for step: UInt8 in 3...7 {
      let before = box.agentReports.count
      box.configure(enrollment(site.code))
      #expect(
        try box.turn {
          box.agentReports.dropFirst(before).contains {
            if case .step(let number, _, _) = $0 { number >= step } else { false }
          }
        })
      box.kill()
      try box.start()
    }
    let identity = try enroll(site.code)
    for _ in 1...2 {
      box.kill()
      try box.start()
      let before = box.agentReports.count
      box.configure(enrollment(site.code))
      #expect(
        try box.turn {
          box.agentReports.dropFirst(before).contains {
            if case .enrolled(let again, _) = $0 { again == identity } else { false }
          }
        })
    }
    box.kill()
    try box.start()
    box.configure(.serve(identity))
    status("standalone")
    #expect(try box.turn { box.contact?.connected == true })
  }

  @Test("a command arrives once, and its result is known to the portal")
  func commands() throws {
    let site = try portal.makeSite("paris")
    try becomeStandalone(site.site, site.code)
    try portal.call("POST", "gateways/\(site.gateway)/restart", .object([]))
    #expect(try box.turn { command != nil })
    #expect(command?.verb == "restart")
    box.send(.agent(.commandDone(id: command?.id ?? "", done: true, text: "restarts")))
    #expect(try box.turn { (try? portal.state(site.site)) == "Restarting" })
    #expect(try portal.events(site.site).contains("restart done"))
  }

  private var command: (id: String, verb: String)? {
    for case .command(let id, let verb) in box.agentReports { return (id, verb) }
    return nil
  }

  @Test("a factory reset that the portal asked for is confirmed before everything is forgotten")
  func factoryReset() throws {
    let site = try portal.makeSite("paris")
    try becomeStandalone(site.site, site.code)
    try portal.call("POST", "gateways/\(site.gateway)/factoryreset", .object([]))
    #expect(try box.turn { command?.verb == "factory-reset" })
    box.send(.agent(.commandDone(id: command?.id ?? "", done: true, text: "")))
    box.configure(.rest)
    #expect(
      try box.turn { (try? portal.events(site.site))?.contains("factory-reset done") == true })
    #expect(try portal.state(site.site) == "Disconnected")
  }

  @Test("a gateway that was replaced hears that its certificate is not valid any more")
  func replaced() throws {
    let site = try portal.makeSite("paris")
    box.configure(.serve(try enroll(site.code)))
    status("standalone")
    #expect(try box.turn { box.contact?.connected == true })
    try portal.call("POST", "gateways/\(site.gateway)/replace", .object([]))
    #expect(try box.turn { box.contact?.reason.contains("revoked") == true })
  }
}
