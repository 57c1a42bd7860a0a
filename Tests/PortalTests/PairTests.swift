import Activation
import Configuration
import JSON
import Testing

@testable import Portal

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
      ("version", VRRPInput(version: 4)),
      // The interval of the pair is 20 ms.
      ("advert_int", VRRPInput(version: 2)),
      ("advert_int", VRRPInput(advertInterval: "0.5", version: 2)),
      ("advert_int", VRRPInput(advertInterval: "256", version: 2)),
      ("checksum", VRRPInput(advertInterval: "1", version: 2, checksum: "rfc9568")),
      ("checksum", VRRPInput(checksum: "plain")), ("auth_mode", VRRPInput(authMode: "off")),
      ("preempt_delay", VRRPInput(preemptDelay: 3_601)),
      ("track_weight.ge2", VRRPInput(weights: ["ge2": 0])),
      ("track_weight.ge2", VRRPInput(weights: ["ge2": 255])),
      (
        "checks[0].kind",
        VRRPInput(checks: [CheckInput(name: "a", kind: "bfd", target: "10.1.0.9")])
      ),
      (
        "checks[0].name",
        VRRPInput(checks: [CheckInput(name: "a b", kind: "icmp", target: "10.1.0.9")])
      ),
      ("checks[0].target", VRRPInput(checks: [CheckInput(name: "a", kind: "icmp", target: "isp")])),
      ("checks[0].target", VRRPInput(checks: [CheckInput(name: "a", kind: "http", target: "isp")])),
      (
        "checks[0].timeoutMs",
        VRRPInput(
          checks: [
            CheckInput(name: "a", kind: "icmp", target: "10.1.0.9", intervalMs: 100, timeoutMs: 101)
          ])
      ),
      (
        "checks[0].weight",
        VRRPInput(checks: [CheckInput(name: "a", kind: "icmp", target: "10.1.0.9", weight: 0)])
      ),
      (
        "checks[1].name",
        VRRPInput(
          checks: Array(
            repeating: CheckInput(name: "a", kind: "icmp", target: "10.1.0.9"), count: 2))
      ),
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

  @Test("everything of the panel is in the documents, and the same in both but the priority")
  func wholePanel() throws {
    let (portal, site) = try pair()
    var input = VRRPInput()
    input.password = "s3cret"
    input.authMode = "permissive"
    input.acceptMode = false
    input.checksum = "rfc9568"
    input.preempt = true
    input.preemptDelay = 5
    input.weights = ["ge3": 60, "ge2": 20]
    input.checks = [CheckInput(name: "isp", kind: "icmp", target: "203.0.113.254", weight: 90)]
    let changed = try portal.service.updateVRRP(site.site.id, input, by: portal.admin)
    let stored = try #require(try portal.service.sites.find(site.site.id).vrrp)
    #expect(stored == changed.site.vrrp)
    let documents = try site.gateways.map {
      try ConfigurationDocument(parsing: Array(try portal.service.gateways.document($0.id).utf8))
    }
    for document in documents {
      let vrrp = try #require(document.ha?.vrrp)
      #expect(vrrp.password == Secret("s3cret") && vrrp.authenticationMode == .permissive)
      #expect(!vrrp.acceptMode && vrrp.checksum == .rfc9568 && vrrp.preemptDelayMs == 5_000)
      #expect(vrrp.track.map(\.weight) == [20, 60])
      #expect(vrrp.checks.first?.weight == 90 && vrrp.checks.first?.intervalMs == 1_000)
    }
    #expect(documents[0].sharedCanonical == documents[1].sharedCanonical)
    let notes = try #require(changed.site.vrrp?.notes)
    #expect(notes.count == 1 && notes[0].contains("HMAC"))
  }

  @Test("version 2 takes whole seconds, and says what its password is worth")
  func versionTwo() throws {
    let (portal, site) = try pair()
    let input = VRRPInput(advertInterval: "1.00", password: "s3cret", version: 2)
    let changed = try portal.service.updateVRRP(site.site.id, input, by: portal.admin)
    let panel = try #require(changed.site.vrrp)
    #expect(panel.version == 2 && panel.advertIntervalMs == 1_000)
    #expect(panel.notes.first?.contains("plain text") == true)
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
