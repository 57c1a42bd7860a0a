import Activation
import Crypto
import Glibc
import HTTP
import JSON
import Linux
import Messages
import Testing
import Wire

private let isBuilt = unsafe access(Box.program, X_OK) == 0

@Suite("The agent's process", .serialized, .enabled(if: isBuilt, "ztbd-net is not built"))
final class AgentRoleTests {
  private let reactor: Reactor
  private let portal: SmallPortal
  private let box: Box

  init() throws {
    reactor = try Reactor()
    portal = try SmallPortal(reactor)
    box = Box(reactor)
    try box.start()
  }

  deinit {
    // The box first: the portal must not hear of it any more while it goes.
    box.kill()
    portal.stop()
  }

  private func enrollment(_ change: (inout Enrollment) -> Void = { _ in }) -> AgentTask {
    var enrollment = Enrollment(
      portal: portal.url, code: portal.code.text, caFingerprint: [], linkDigest: [],
      privateKey: box.key ?? "", wan: #"{"mode":"dhcp","dns":[]}"#, proxy: "")
    change(&enrollment)
    return .enroll(enrollment)
  }

  /// As far as the certificate.
  private func enroll() throws -> PortalIdentity {
    box.configure(enrollment { $0.caFingerprint = portal.authority.certificate.publicKeyDigest })
    #expect(try box.turn { box.key != nil })
    box.configure(enrollment { $0.caFingerprint = portal.authority.certificate.publicKeyDigest })
    #expect(try box.turn { box.identity != nil })
    return try #require(box.identity)
  }

  @Test("it enrolls: real key, real proof, real certificate, every step reported")
  func enrolls() throws {
    let identity = try enroll()
    #expect(identity.gatewayID == "g1")
    #expect(identity.caCertificate == portal.authority.certificatePEM)
    #expect(
      box.steps == [3: .done, 4: .skipped, 5: .done, 6: .done, 7: .done])
    let sent = portal.bodies["validateActivationCode"]?.first
    #expect(sent?["code"]?.string == portal.code.text)
    #expect(sent?["wan"]?["mode"]?.string == "dhcp")
    #expect(!box.logLines.contains(portal.code.secret))
    #expect(try box.stop() == .exited(0))
  }

  @Test("it serves: status and events up, documents and commands down")
  func serves() throws {
    box.configure(.serve(try enroll()))
    box.send(.agent(.status(document: Array(#"{"state":"active"}"#.utf8))))
    box.send(.agent(.events(list: Array(#"[{"number":1,"kind":"k"}]"#.utf8), last: 1)))
    #expect(try box.turn { box.agentReports.contains(.eventsDelivered(last: 1)) })
    #expect(box.contact?.connected == true)
    #expect(portal.bodies["status"]?.last?["status"]?["state"]?.string == "active")
    portal.announce(
      .init("version", .integer(1)), .init("document", .object([.init("a", .integer(1))])))
    #expect(try box.turn { box.agentReports.contains(.document(version: 1, text: #"{"a":1}"#)) })
    portal.announce(
      .init("version", .integer(1)),
      .init(
        "commands",
        .array([.object([.init("id", .string("c")), .init("verb", .string("resume"))])])))
    #expect(try box.turn { box.agentReports.contains(.command(id: "c", verb: "resume")) })
    box.send(.agent(.commandDone(id: "c", done: true, text: "")))
    box.send(.agent(.applied(version: 1, outcome: .verified, reason: "")))
    #expect(
      try box.turn {
        portal.bodies["status"]?.contains { $0["applied"]?["outcome"]?.string == "verified" }
          == true
      })
    #expect(
      portal.bodies["status"]?.contains { $0["commandResults"]?.array?.isEmpty == false } == true)
  }

  @Test("it fetches software by its own identity, and goes on with everything else meanwhile")
  func fetches() throws {
    box.configure(.serve(try enroll()))
    let directory = Box.program + ".incoming"
    unsafe mkdir(directory, 0o700)
    defer {
      unsafe unlink(directory + "/bundle")
      unsafe rmdir(directory)
    }
    let software = [UInt8](repeating: 0x5a, count: 3 << 20)
    portal.overrides["1.2.3"] = HTTPResponse(200, body: software)
    box.send(.agent(.fetch(source: "portal:1.2.3", path: directory + "/bundle")))
    box.send(.agent(.status(document: Array(#"{"state":"active"}"#.utf8))))
    #expect(try box.turn { box.agentReports.contains(.fetchEnded(reason: "")) })
    #expect(try Files.read(directory + "/bundle") == software)
    #expect(portal.log.contains("GET /api/v3/agent/software/1.2.3"))
    #expect(try box.turn { portal.bodies["status"]?.isEmpty == false })
    box.send(.agent(.fetch(source: portal.url + "/bundle", path: directory + "/bundle")))
    #expect(try box.turn { box.fetchEnds.count == 2 })
    #expect(box.fetchEnds.last?.contains("is not from the expected authority") == true)
  }

  @Test("a portal that dies is noticed, and taken up again when it is back")
  func portalDies() throws {
    box.configure(.serve(try enroll()))
    box.send(.agent(.status(document: Array("{}".utf8))))
    #expect(try box.turn { box.contact?.connected == true })
    portal.stop()
    #expect(try box.turn { box.contact?.connected == false })
    #expect(box.contact?.reason.contains("cannot be reached") == true)
    box.send(.agent(.events(list: Array(#"[{"number":7}]"#.utf8), last: 7)))
    try portal.start()
    #expect(try box.turn { box.agentReports.contains(.eventsDelivered(last: 7)) })
    #expect(box.contact?.connected == true)
  }

  @Test("power loss after each request: the stored key gets the same certificate in the end")
  func powerLoss() throws {
    for path in ["anchor", "validateActivationCode", "enroll"] {
      let before = portal.log.count
      box.configure(enrollment())
      #expect(
        try box.turn { portal.log.dropFirst(before).contains { $0.hasSuffix(path) } })
      box.kill()
      try box.start()
    }
    box.configure(enrollment())
    #expect(try box.turn { box.identity != nil })
    box.kill()
    try box.start()
    // The supervisor lost the report as well.
    portal.overrides["validateActivationCode"] = .json(
      Array(#"{"error":"used","message":"This code was already used."}"#.utf8), status: 403)
    let certificates = box.agentReports.count
    box.configure(enrollment())
    #expect(
      try box.turn {
        box.agentReports.dropFirst(certificates).contains {
          if case .enrolled = $0 { true } else { false }
        }
      })
  }

  @Test("a wrong code is refused, its secret never sent")
  func wrongCode() throws {
    let other = ActivationCode(random: [UInt8](repeating: 9, count: ActivationCode.randomCount))
    box.configure(enrollment { $0.code = other.text })
    #expect(try box.turn { box.failure?.isFinal == true })
    #expect(portal.log == ["POST /api/v3/activation/anchor"])
    #expect("\(portal.bodies)".contains(other.secret) == false)
  }

  @Test("a portal with the right public part and another secret proves nothing")
  func wrongSecret() throws {
    var digits = Array(portal.code.text.prefix(4))
    digits += Array(repeating: "7", count: 11)
    var other: ActivationCode?
    for check in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" where other == nil {
      other = try? ActivationCode(parsing: String(digits) + String(check))
    }
    let code = try #require(other)
    box.configure(enrollment { $0.code = code.text })
    #expect(try box.turn { box.failure != nil })
    #expect(box.failure?.reasons.first?.contains("could not prove") == true)
    #expect(box.steps[5] == .failed)
  }

  @Test("differences are told one by one")
  func differences() throws {
    portal.overrides["validateActivationCode"] = .json(
      Array(#"{"error":"differences","differences":["wan.mode: box dhcp, site static"]}"#.utf8),
      status: 409)
    box.configure(enrollment())
    #expect(try box.turn { box.failure != nil })
    #expect(box.failure?.reasons == ["wan.mode: box dhcp, site static"])
    #expect(box.failure?.isFinal == false)
  }

  @Test("a revoked gateway reports why there is no contact")
  func revoked() throws {
    portal.overrides["config"] = .text("gone", status: 410)
    box.configure(.serve(try enroll()))
    #expect(try box.turn { box.contact?.reason.contains("revoked") == true })
  }

  @Test("it is filtered before it says anything")
  func filtered() throws {
    box.configure(.rest)
    #expect(try box.turn { box.reports.contains(.ready) })
    #expect(box.status("Seccomp") == "2")
    #expect(box.status("NoNewPrivs") == "1")
  }

  @Test("it leaves when its supervisor is gone")
  func supervisorGone() throws {
    box.configure(.rest)
    #expect(try box.turn { box.reports.contains(.ready) })
    #expect(try box.stop() == .exited(0))
  }
}
