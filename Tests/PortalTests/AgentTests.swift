import Activation
import JSON
import Testing

@testable import Portal

@Suite("Gateways in contact")
struct AgentTests {
  private func states(_ portal: TestPortal, _ site: SiteDetail, _ index: Int) throws -> [String] {
    try portal.service.listEvents(site: site.site.id, by: portal.admin).reversed()
      .filter { $0.kind == "state" && $0.gatewayName == site.gateways[index].name }
      .map { $0.text.split(separator: " ").last.map(String.init) ?? "" }
  }

  @Test("P8, P9: Initializing and Post-update precede the final state, each with time and cause")
  func order() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    try portal.run(site.gateways[0], "active")
    #expect(try states(portal, site, 0) == ["Initializing", "Post-update", "Active"])
    let events = try portal.service.listEvents(site: site.site.id, by: portal.admin)
    #expect(
      events.filter { $0.kind == "state" }.allSatisfy {
        !$0.cause.isEmpty && $0.time == portal.clock.now
      })
  }

  @Test("the first of a pair is Active and waits for gateway 2")
  func waiting() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    try portal.run(site.gateways[0], "active")
    #expect(
      try portal.service.site(site.site.id, by: portal.admin).gateways[0].detail
        == "waiting for gateway 2")
    try portal.run(site.gateways[1], "standby")
    try portal.report(site.gateways[0], "active", #","ha":{"peer":{"state":"standby"}}"#)
    #expect(try portal.service.site(site.site.id, by: portal.admin).gateways[0].detail == "")
  }

  @Test("90 s of silence: Disconnected, and back to the reported state on contact")
  func silence() throws {
    let portal = try TestPortal()
    let site = try portal.addSite(isPair: false)
    try portal.run(site.gateways[0], "standalone")
    portal.clock.now += 89
    portal.service.tick()
    #expect(try portal.state(site.gateways[0]) == .standalone)
    portal.clock.now += 1
    portal.service.tick()
    #expect(try portal.state(site.gateways[0]) == .disconnected)
    #expect(
      try portal.service.gateways.find(site.gateways[0].id).life.cause
        == "silent for 90 seconds (last: Standalone)")
    try portal.report(site.gateways[0], "standalone")
    #expect(try portal.state(site.gateways[0]) == .standalone)
  }

  @Test("polls and reports without news write nothing")
  func quiet() throws {
    let portal = try TestPortal()
    let site = try portal.addSite(isPair: false)
    let id = site.gateways[0].id
    try portal.run(site.gateways[0], "standalone")
    let count = try portal.service.database.rows("SELECT total_changes()").first?.integer(0)
    for _ in 0..<10 {
      portal.clock.now += 20
      try portal.service.contact(id)
      #expect(try portal.service.work(for: id, have: 1) == nil)
      try portal.report(site.gateways[0], "standalone")
    }
    let after = try portal.service.database.rows("SELECT total_changes()").first?.integer(0)
    #expect(after == count)
  }

  @Test("a document is told until the gateway has it; a failed one shows its reason")
  func documents() throws {
    let portal = try TestPortal()
    let site = try portal.addSite(isPair: false)
    let id = site.gateways[0].id
    try portal.enroll(site.gateways[0])
    let work = try #require(try portal.service.work(for: id, have: 0))
    #expect(work.version == 1 && work.document?.contains("\"zt400\"") == true)
    #expect(try portal.service.work(for: id, have: 1) == nil)
    try portal.service.report(
      id, status: nil, applied: .init(version: 1, outcome: "failed", reason: "no such port"),
      results: [])
    #expect(try portal.state(site.gateways[0]) == .disconnected)
    let stored = try portal.service.gateways.find(id)
    #expect(stored.appliedOutcome == "failed" && stored.appliedReason == "no such port")
  }

  @Test("events come once, whatever the gateway repeats, and are counted anew after a new start")
  func events() throws {
    let portal = try TestPortal()
    let site = try portal.addSite(isPair: false)
    let id = site.gateways[0].id
    try portal.enroll(site.gateways[0])
    let events = (1...3).map {
      AgentEvent(number: $0, time: 1, kind: "ha.role", text: "t\($0)", cause: "c")
    }
    #expect(try portal.service.takeEvents(id, events) == 3)
    #expect(try portal.service.takeEvents(id, Array(events[1...])) == 3)
    let all = try portal.service.listEvents(site: site.site.id, by: portal.admin)
    #expect(all.filter { $0.kind == "ha.role" }.count == 3)
    _ = try portal.service.replaceGateway(id, by: portal.admin)
    try portal.enroll(site.gateways[0])
    #expect(try portal.service.takeEvents(id, [events[0]]) == 1)
  }

  @Test("a gateway that sends too many events has to wait, and another has not")
  func eventFlood() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    for gateway in site.gateways { try portal.enroll(gateway) }
    func batch(_ start: Int64) -> [AgentEvent] {
      (start..<start + 500).map {
        AgentEvent(number: $0, time: 1, kind: "k", text: "t", cause: "")
      }
    }
    let id = site.gateways[0].id
    for start in 0..<4 { _ = try portal.service.takeEvents(id, batch(Int64(start) * 500 + 1)) }
    let error = TestPortal.error { _ = try portal.service.takeEvents(id, batch(2_001)) }
    #expect(error?.status == 429 && error?.retryAfter == 100)
    _ = try portal.service.takeEvents(site.gateways[1].id, batch(1))
    portal.clock.now += 100
    #expect(try portal.service.takeEvents(id, batch(2_001)) == 2_500)
    portal.clock.now += 1_000
    portal.service.tick()
    func count(_ index: Int) throws -> Int64? {
      try portal.service.database.rows(
        "SELECT count(*) FROM event WHERE gateway = ?", .text(site.gateways[index].id)
      ).first?.integer(0)
    }
    #expect(try count(0) == 2_000)
    // Its own, and what became of it.
    #expect(try (count(1) ?? 0) > 500)
  }

  @Test("texts of gateways are cut and hold nothing that controls a terminal")
  func cleanText() {
    #expect("a\nb\u{1b}[2Jc\u{202e}d\u{85}e\u{2028}f".line(100) == "a b [2Jc d e f")
    #expect("wörter → €".line(100) == "wörter → €")
    #expect("abc".line(2) == "ab")
    #expect(("a" + String(repeating: "\u{301}", count: 100)).line(5).unicodeScalars.count == 5)
  }

  @Test("a refused activation stays so over a restart, until another configuration is verified")
  func staysRefused() throws {
    let portal = try TestPortal()
    let site = try portal.addSite(isPair: false)
    let id = site.gateways[0].id
    try portal.enroll(site.gateways[0])
    try portal.service.report(
      id, status: nil, applied: .init(version: 1, outcome: "failed", reason: "bad"), results: [])
    try portal.report(site.gateways[0], "standalone")
    // As another process reads it.
    _ = TestPortal.error {
      try portal.service.database.write { () throws(PortalError) in throw .broken }
    }
    portal.service.fleet[id] = nil
    try portal.service.loadFleet()
    try portal.report(site.gateways[0], "standalone")
    #expect(try portal.state(site.gateways[0]) == .disconnected)
    #expect(portal.service.fleet[id]?.life.cause == "configuration refused: bad")
    try portal.service.report(
      id, status: nil, applied: .init(version: 2, outcome: "verified", reason: ""), results: [])
    #expect(try portal.state(site.gateways[0]) == .postUpdate)
  }

  @Test("a command is told at once, again after 30 s without an answer, and fails after 10 min")
  func commands() throws {
    let portal = try TestPortal()
    let site = try portal.addSite(isPair: false)
    let id = site.gateways[0].id
    try portal.run(site.gateways[0], "standalone")
    var woken: [String] = []
    portal.service.onAgentWork = { woken.append($0) }
    let command = try portal.service.restart(id, by: portal.admin)
    #expect(woken == [id])
    #expect(try portal.service.restart(id, by: portal.admin).id == command.id, "one is enough")
    #expect(try portal.service.work(for: id, have: 1)?.commands.map(\.verb) == [.restart])
    #expect(try portal.service.work(for: id, have: 1) == nil)
    portal.clock.now += 30
    #expect(try portal.service.work(for: id, have: 1)?.commands.map(\.id) == [command.id])
    try portal.service.report(
      id, status: nil, applied: nil, results: [.init(id: command.id, done: true, text: "")])
    #expect(try portal.state(site.gateways[0]) == .restarting)
    portal.clock.now += 60
    #expect(try portal.service.work(for: id, have: 1) == nil)
    try portal.report(site.gateways[0], "standalone")
    #expect(try portal.state(site.gateways[0]) == .standalone)
    _ = try portal.service.restart(id, by: portal.admin)
    for _ in 0..<11 {
      portal.clock.now += 60
      try portal.service.contact(id)
      portal.service.tick()
    }
    #expect(try portal.service.work(for: id, have: 1) == nil)
    let last = try portal.service.listEvents(site: site.site.id, by: portal.admin)
      .first { $0.kind == "command" }
    #expect(last?.text == "restart failed" && last?.cause == "no answer within 10 minutes")
  }

  @Test("factory reset: told to one in contact, ends when it says so; at once for a silent one")
  func factoryReset() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    let gateway = site.gateways[0]
    try portal.run(gateway, "active")
    try portal.service.factoryReset(gateway.id, by: portal.admin)
    #expect(try portal.service.gateways.find(gateway.id).isActivated)
    let command = try #require(try portal.service.work(for: gateway.id, have: 1)?.commands.first)
    try portal.service.report(
      gateway.id, status: nil, applied: nil, results: [.init(id: command.id, done: true, text: "")])
    #expect(try !portal.service.gateways.find(gateway.id).isActivated)
    #expect(try portal.state(gateway) == .disconnected)
    #expect(
      try portal.service.site(site.site.id, by: portal.admin).site.primary == nil,
      "nobody is activated, so the first one decides anew")
    try portal.run(gateway, "active")
    portal.clock.now += 200
    portal.service.tick()
    try portal.service.factoryReset(gateway.id, by: portal.admin)
    #expect(try !portal.service.gateways.find(gateway.id).isActivated)
  }
}
