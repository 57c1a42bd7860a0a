import Activation
import Testing
import Update

@testable import Portal

@Suite("Updating a site")
struct UpdateServiceTests {
  private let portal: TestPortal
  private let place: TestFolder

  init() throws {
    portal = try TestPortal()
    place = try TestFolder()
    portal.service.folder = place.folder
    try portal.addSoftware(try TestBundle.make())
  }

  private func pair(_ portal: TestPortal) throws -> SiteDetail {
    let site = try portal.addSite()
    try portal.run(site.gateways[0], "active")
    try portal.run(site.gateways[1], "standby")
    try report(portal, site, 0, "active", "1.0.0")
    try report(portal, site, 1, "standby", "1.0.0")
    return site
  }

  private func alone(_ name: String) throws -> SiteDetail {
    let site = try portal.addSite(name, isPair: false)
    try portal.run(site.gateways[0], "standalone")
    return site
  }

  private func report(
    _ portal: TestPortal, _ site: SiteDetail, _ index: Int, _ state: String, _ version: String,
    _ update: String = "null", isTrial: Bool = false
  ) throws {
    portal.clock.now += 10
    try portal.report(
      site.gateways[index], state,
      #","software":{"version":"\#(version)","slot":"a","isTrial":\#(isTrial),"#
        + #""update":\#(update)}"#)
  }

  private func update(_ state: String, _ percent: Int = 100, _ reason: String = "") -> String {
    #"{"version":"1.2.3","state":"\#(state)","percent":\#(percent),"reason":"\#(reason)","at":""}"#
  }

  /// The commands that a gateway gets now; it does all of them.
  private func obey(_ portal: TestPortal, _ site: SiteDetail, _ index: Int) throws -> [String] {
    let id = site.gateways[index].id
    let work = try portal.service.work(for: id, have: 1)
    let commands = work?.commands ?? []
    try portal.service.report(
      id, status: nil, applied: nil,
      results: commands.map { CommandResult(id: $0.id, done: true, text: "begun") })
    return commands.map(\.text)
  }

  private func phase(_ site: SiteDetail) throws -> SiteUpdate.Phase? {
    try portal.service.update(of: site.site.id, by: portal.admin).update?.phase
  }

  @Test("one command updates a pair, standby first; what gateways get has a space in it")
  func pair() throws {
    let site = try pair(portal)
    let begun = try portal.service.startUpdate(
      site.site.id, version: nil, time: nil, by: portal.admin)
    #expect(begun.update?.version == SoftwareVersion(1, 2, 3), "the default one")
    #expect(try obey(portal, site, 0) == [])
    #expect(try obey(portal, site, 1) == ["update 1.2.3"])
    try report(portal, site, 1, "standby", "1.0.0", update("writing", 40))
    let shown = try portal.service.update(of: site.site.id, by: portal.admin)
    #expect(shown.views[1].update?.percent == 40 && shown.views[1].update?.state == "writing")
    try report(portal, site, 1, "standby", "1.0.0", update("installed"))
    #expect(try obey(portal, site, 1) == ["update-activate"])
    #expect(try portal.state(site.gateways[1]) == .restarting)
    try report(portal, site, 1, "standby", "1.2.3", update("trial"), isTrial: true)
    #expect(try obey(portal, site, 0) == [], "the first one has not proven itself yet")
    try report(portal, site, 1, "standby", "1.2.3")
    #expect(try obey(portal, site, 0) == ["update 1.2.3"])
    try report(portal, site, 0, "active", "1.0.0", update("installed"))
    #expect(try obey(portal, site, 0) == ["switchover"])
    try report(portal, site, 1, "active", "1.2.3")
    try report(portal, site, 0, "standby", "1.0.0", update("installed"))
    #expect(try obey(portal, site, 0) == ["update-activate"])
    try report(portal, site, 0, "standby", "1.2.3")
    #expect(try phase(site) == .done)
    #expect(
      try portal.service.site(site.site.id, by: portal.admin).gateways.map(\.softwareVersion)
        == ["1.2.3", "1.2.3"])
    let events = try portal.service.listEvents(site: site.site.id, by: portal.admin)
    #expect(events.first { $0.kind == "update" }?.text == "Update to 1.2.3 done")
  }

  @Test("the first one returns: the second never hears of the update")
  func failed() throws {
    let site = try pair(portal)
    _ = try portal.service.startUpdate(
      site.site.id, version: "1.2.3", time: nil, by: portal.admin)
    _ = try obey(portal, site, 1)
    try report(portal, site, 1, "standby", "1.0.0", update("installed"))
    _ = try obey(portal, site, 1)
    try report(
      portal, site, 1, "standby", "1.0.0", update("returned", 0, "the portal is not reached"))
    let shown = try portal.service.update(of: site.site.id, by: portal.admin).update
    #expect(shown?.phase == .failed)
    #expect(
      shown?.reason == "paris-gw-02 went back to 1.0.0: the portal is not reached")
    #expect(try obey(portal, site, 0) == [])
    // It may be tried again.
    _ = try portal.service.startUpdate(
      site.site.id, version: "1.2.3", time: nil, by: portal.admin)
    #expect(try obey(portal, site, 1) == ["update 1.2.3"])
    #expect(try phase(site) == .running, "what it said before does not count")
  }

  @Test("a refusal of a gateway reaches the people")
  func refused() throws {
    let site = try alone("Lyon")
    _ = try portal.service.startUpdate(site.site.id, version: nil, time: nil, by: portal.admin)
    let id = site.gateways[0].id
    let command = try #require(try portal.service.work(for: id, have: 1)?.commands.first)
    try portal.service.report(
      id, status: nil, applied: nil,
      results: [CommandResult(id: command.id, done: false, text: "update it with apt")])
    portal.clock.now += SiteUpdate.Limits.refusal
    portal.service.tick()
    let shown = try portal.service.update(of: site.site.id, by: portal.admin).update
    #expect(shown?.reason == "lyon-gw-01 refused: update it with apt")
  }

  @Test("a portal that starts anew goes on where it was, and tells nothing twice")
  func restart() throws {
    let path = "/tmp/ztb-portal-update-\(UInt64.random(in: 0 ... .max)).db"
    defer { TemporaryFiles.remove(path) }
    let site: SiteDetail
    do {
      let before = try TestPortal(path: path)
      before.service.folder = place.folder
      // The file is there already; only its row is new.
      place.folder.remove(SoftwareVersion(1, 2, 3))
      try before.addSoftware(try TestBundle.make())
      site = try pair(before)
      _ = try before.service.startUpdate(
        site.site.id, version: nil, time: nil, by: before.admin)
      #expect(try obey(before, site, 1) == ["update 1.2.3"])
    }
    let after = try TestPortal(path: path)
    after.clock.now += 1_000
    after.service.tick()
    let shown = try after.service.update(of: site.site.id, by: after.admin).update
    #expect(shown?.phase == .running && shown?.isTold == true && shown?.steps.count == 7)
    #expect(try obey(after, site, 1) == [])
    try report(after, site, 0, "active", "1.0.0")
    try report(after, site, 1, "standby", "1.0.0", update("installed"))
    #expect(try obey(after, site, 1) == ["update-activate"])
  }

  @Test("U2, C-10: a start within 24 hours; 25:00 is refused")
  func scheduled() throws {
    let site = try alone("Lyon")
    for time in ["25:00", "24:00", "7:00", "12:60", "noon"] {
      let paths = TestPortal.paths {
        _ = try portal.service.startUpdate(
          site.site.id, version: nil, time: time, by: portal.admin)
      }
      #expect(paths == ["at"], "\(time)")
    }
    let now = UpdateSchedule(secondsSince1970: portal.clock.now)
    let begun = try portal.service.startUpdate(
      site.site.id, version: nil, time: now.description, by: portal.admin)
    let start = try #require(begun.update?.start)
    #expect(start > portal.clock.now && start <= portal.clock.now + 86_400)
    #expect(try obey(portal, site, 0) == [])
    let again = TestPortal.error {
      _ = try portal.service.startUpdate(site.site.id, version: nil, time: nil, by: portal.admin)
    }
    #expect(again?.status == 409)
    portal.clock.now = start
    try portal.report(site.gateways[0], "standalone")
    #expect(try obey(portal, site, 0) == ["update 1.2.3"])
  }

  @Test(
    "U4, U5: less than an hour between two standalone gateways is warned of, over midnight too",
    arguments: [
      ("12:00", "12:59", true), ("12:00", "13:00", false), ("23:40", "00:20", true),
      ("00:00", "01:00", false),
    ])
  func spacing(one: String, other: String, warns: Bool) throws {
    let first = try alone("Lyon")
    let second = try portal.addSite("Brest", isPair: false)
    try portal.run(second.gateways[0], "standalone")
    _ = try portal.service.startUpdate(first.site.id, version: nil, time: one, by: portal.admin)
    let begun = try portal.service.startUpdate(
      second.site.id, version: nil, time: other, by: portal.admin)
    #expect(begun.warnings.isEmpty != warns)
    if warns { #expect(begun.warnings.first?.contains("Lyon at \(one)") == true) }
  }

  @Test("what cannot work is refused before anything is told")
  func obstacles() throws {
    let site = try pair(portal)
    let begin = { (version: String?) in
      TestPortal.error {
        _ = try portal.service.startUpdate(
          site.site.id, version: version, time: nil, by: portal.admin)
      }
    }
    #expect(begin("9.9.9")?.status == 404)
    try portal.addSoftware(try TestBundle.make("2.0.0", profiles: ["zt800"]))
    #expect(begin("2.0.0")?.message.contains("this appliance is zt400") == true)
    #expect(begin("2.0.0")?.problems.count == 2, "both gateways")
    try portal.addSoftware(try TestBundle.make("3.0.0", minimum: "2.0.0"))
    #expect(begin("3.0.0")?.message.contains("update to 2.0.0 first") == true)
    try report(portal, site, 1, "suspended", "1.0.0")
    #expect(begin(nil)?.message == "paris-gw-02 is Suspended; update it when it works.")
    let fresh = try portal.addSite("Fresh", isPair: false)
    #expect(
      TestPortal.error {
        _ = try portal.service.startUpdate(
          fresh.site.id, version: nil, time: nil, by: portal.admin)
      }?.message.contains("is not activated yet") == true)
    #expect(try obey(portal, site, 1) == [])
  }

  @Test("while a site is updated, nobody takes its other gateway away")
  func guarded() throws {
    let site = try pair(portal)
    _ = try portal.service.startUpdate(site.site.id, version: nil, time: nil, by: portal.admin)
    let id = site.site.id
    let attempts: [() throws -> Void] = [
      { _ = try portal.service.restart(site.gateways[0].id, by: portal.admin) },
      { _ = try portal.service.initiateSwitchover(id, by: portal.admin) },
      { _ = try portal.service.drill(id, by: portal.admin) },
      { _ = try portal.service.suspend(id, gateway: nil, by: portal.admin) },
    ]
    for attempt in attempts {
      #expect(TestPortal.error(attempt)?.message.contains("is being updated") == true)
    }
    _ = try portal.service.cancelUpdate(id, by: portal.admin)
    #expect(try phase(site) == .cancelled)
    _ = try portal.service.restart(site.gateways[0].id, by: portal.admin)
    #expect(TestPortal.error { _ = try portal.service.cancelUpdate(id, by: portal.admin) } != nil)
  }

  @Test("only a super admin updates; the site's end is the update's")
  func roles() throws {
    let site = try alone("Lyon")
    let user = User(id: 2, name: "x", role: .networkAdmin)
    #expect(
      TestPortal.error {
        _ = try portal.service.startUpdate(site.site.id, version: nil, time: nil, by: user)
      }?.status == 403)
    _ = try portal.service.startUpdate(site.site.id, version: nil, time: nil, by: portal.admin)
    #expect(
      TestPortal.error { _ = try portal.service.cancelUpdate(site.site.id, by: user) }?.status
        == 403)
    try portal.service.deleteSite(site.site.id, by: portal.admin)
    portal.service.tick()
    #expect(try portal.service.updates.open() == [])
  }
}
