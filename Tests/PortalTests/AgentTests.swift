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

@Suite("Pairs")
struct ClusterTests {
  private func pair() throws -> (TestPortal, SiteDetail) {
    let portal = try TestPortal()
    let site = try portal.addSite()
    try portal.run(site.gateways[0], "active")
    try portal.run(site.gateways[1], "standby")
    return (portal, site)
  }

  @Test("a switchover is ordered from the active, and only if the other could take over")
  func switchover() throws {
    let (portal, site) = try pair()
    let command = try portal.service.initiateSwitchover(site.site.id, by: portal.admin)
    #expect(command.verb == .switchover && command.gatewayID == site.gateways[0].id)
    try portal.service.report(
      site.gateways[1].id,
      status: try JSONParser.parse(
        Array(#"{"state":"standby","sync":{"ready":false,"reason":"bulk copy runs"}}"#.utf8)),
      applied: nil, results: [])
    let error = TestPortal.error {
      _ = try portal.service.initiateSwitchover(site.site.id, by: portal.admin)
    }
    #expect(error?.status == 409)
    #expect(error?.message.contains("bulk copy runs") == true)
    try portal.report(site.gateways[1], "fault")
    #expect(
      TestPortal.error {
        _ = try portal.service.drill(site.site.id, by: portal.admin)
      }?.status == 409)
  }

  @Test("suspend takes the standby, resume the suspended one")
  func suspend() throws {
    let (portal, site) = try pair()
    let first = try portal.service.suspend(site.site.id, gateway: nil, by: portal.admin)
    #expect(first.gatewayID == site.gateways[1].id && first.verb == .suspend)
    try portal.report(site.gateways[1], "suspended")
    #expect(try portal.state(site.gateways[1]) == .suspended)
    let second = try portal.service.resume(site.site.id, gateway: nil, by: portal.admin)
    #expect(second.gatewayID == site.gateways[1].id && second.verb == .resume)
    #expect(
      TestPortal.paths {
        _ = try portal.service.suspend(site.site.id, gateway: "nobody", by: portal.admin)
      } == ["gateway"])
  }

  @Test("a group is filled in and unique on a LAN; other LANs may have the same")
  func groups() throws {
    let portal = try TestPortal()
    let one = try portal.addSite("one")
    let two = try portal.addSite("two")
    let first = try #require(one.site.vrrp?.groupID)
    #expect(two.site.vrrp?.groupID != first)
    var input = VRRPInput()
    input.virtualRouterID = Int64(first)
    #expect(
      TestPortal.paths {
        _ = try portal.service.updateVRRP(two.site.id, input, by: portal.admin)
      } == ["virtual_router_id"])
    var elsewhere = try portal.input("three")
    for index in 0...1 { elsewhere.gateways[index].lanAddress = "10.7.0.\(index + 2)/24" }
    elsewhere.lanVirtualIP = "10.7.0.1"
    let three = try portal.service.createSite(elsewhere, by: portal.admin)
    _ = try portal.service.updateVRRP(three.site.id, input, by: portal.admin)
  }

  @Test(
    "each wrong value of the panel is named",
    arguments: [
      ("virtual_router_id", VRRPInput(virtualRouterID: 0)),
      ("virtual_router_id", VRRPInput(virtualRouterID: 256)),
      ("advert_int", VRRPInput(advertInterval: "0")),
      ("advert_int", VRRPInput(advertInterval: "40.96")),
      ("advert_int", VRRPInput(advertInterval: "0.001")),
      ("advert_int", VRRPInput(advertInterval: "-1")),
      ("priority", VRRPInput(priority: 1)), ("priority", VRRPInput(priority: 255)),
      ("vip", VRRPInput(virtualIP: "10.2.0.1")), ("vip", VRRPInput(virtualIP: "10.1.0.2")),
      ("authentication_password", VRRPInput(password: "ninechars")),
      ("authentication_password", VRRPInput(password: "ü")),
      ("version", VRRPInput(version: 2)),
      ("vrrp_interface.paris-gw-01", VRRPInput(interfaces: ["paris-gw-01": "ge4"])),
      ("vrrp_interface.nobody", VRRPInput(interfaces: ["nobody": "ge2"])),
      ("track_interface.paris-gw-01", VRRPInput(track: ["paris-gw-01": ["ge1"]])),
      ("track_interface.paris-gw-02", VRRPInput(track: ["paris-gw-02": ["ge4"]])),
      (
        "track_interface",
        VRRPInput(track: ["paris-gw-01": ["ge2"], "paris-gw-02": ["ge2", "ge3"]])
      ),
    ])
  func wrongPanel(path: String, input: VRRPInput) throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    let paths = TestPortal.paths {
      _ = try portal.service.updateVRRP(site.site.id, input, by: portal.admin)
    }
    #expect(paths == [path])
  }

  @Test("a changed panel reaches both documents, the secondary's priority lower by itself")
  func panel() throws {
    let (portal, site) = try pair()
    var input = VRRPInput()
    input.virtualRouterID = 77
    input.advertInterval = "0.05"
    input.priority = 150
    input.virtualIP = "10.1.0.9"
    input.track = ["paris-gw-01": ["ge3"]]
    _ = try portal.service.updateVRRP(site.site.id, input, by: portal.admin)
    let texts = try site.gateways.map { try portal.service.gateways.document($0.id) }
    for text in texts {
      #expect(text.contains(#""groupId":77"#) && text.contains(#""advertIntervalMs":50"#))
      #expect(text.contains("10.1.0.9/24") && text.contains(#""track":["ge3"]"#))
    }
    #expect(texts[0].contains(#""priority":150"#) && texts[1].contains(#""priority":75"#))
    #expect(site.gateways.allSatisfy { portal.service.fleet[$0.id]?.documentVersion == 2 })
  }

  @Test("seconds of an advert interval are read and written to the hundredth")
  func interval() {
    for (text, hundredths) in [("0.01", 1), ("0.5", 50), ("1", 100), ("40.95", 4095)] {
      #expect(VRRPInput.centiseconds(text) == hundredths)
    }
    for text in ["", ".", "1.", "0.", "0.005", "+1", "1e1", "41", "0.+1", " 1", "999999999999"] {
      #expect(VRRPInput.centiseconds(text) == nil, "\(text)")
    }
  }
}
