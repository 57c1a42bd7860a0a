import HTTP
import HTTPClient
import JSON
import Linux
import Wire

/// The portal under the load of all its gateways: each with a long poll and a status every ten
/// seconds over mutual TLS, while an administrator looks at the sites.
struct PortalBenchmark {
  let stage: Stage
  /// Path of `ztb-portal`.
  let program: String
  let sites: Int
  /// Length of the measurement.
  let seconds: Int

  /// Requests in flight while sites are made.
  private static let lanes = 8

  func run(_ figures: inout Figures) throws {
    let world = try stage.makeEmptyWorld()
    let portal = try Portal(world, program: program)
    let admin = try PortalAdmin(portal, world)
    let crowd = try world.addGuest("crowd", Plan.proxy)
    let (gateways, creation, enrolment) = try enrol(admin, crowd)
    figures.note(
      "sites made by REST", "portal", [Double(sites) / creation],
      "\((Double(sites) / creation).text()) per s")
    figures.note(
      "enrolments", "portal", [Double(gateways.count) / enrolment],
      "\((Double(gateways.count) / enrolment).text()) per s")
    try crowd.write("/run/crowd", gateways.map { $0.line + "\n" }.joined())
    let load = try LoadHandle(
      "crowd", in: crowd, world.workspace, ["file=/run/crowd", "ramp=\(gateways.count * 15)"])
    defer { load.stop() }
    try load.ask(.ready, seconds: 180)
    try world.pause(milliseconds: 10_000)
    try load.ask(.mark)
    try measure(portal, admin, load, &figures)
  }

  /// Makes the sites and takes two gateways each in; how long both took.
  private func enrol(
    _ admin: PortalAdmin, _ crowd: Host
  ) throws -> ([PaperGateway], Double, Double) {
    var began = MonotonicClock.now()
    let made = try admin.addSites((1...sites).map { SiteShape("site-\($0)") }, lanes: Self.lanes)
    let creation = (MonotonicClock.now() - began).milliseconds / 1000
    Output.line("  \(made.count) sites in \(creation.text(1)) s")
    let all = made.flatMap(\.gateways)
    let boxes = try all.map { _ in try PaperBox(serial: "CROWD") }
    began = MonotonicClock.now()
    var gateways: [PaperGateway] = []
    for start in stride(from: 0, to: all.count, by: Self.lanes) {
      let range = start..<min(start + Self.lanes, all.count)
      let requests = try range.map { try boxes[$0].enroll(Portal.url, code: all[$0].code) }
      for (index, answer) in zip(range, try admin.client.sendAll(requests)) {
        gateways.append(try PaperGateway(boxes[index], try answer.get()))
      }
    }
    let enrolment = (MonotonicClock.now() - began).milliseconds / 1000
    Output.line("  \(gateways.count) gateways enrolled in \(enrolment.text(1)) s")
    return (gateways, creation, enrolment)
  }

  private func measure(
    _ portal: Portal, _ admin: PortalAdmin, _ load: LoadHandle, _ figures: inout Figures
  ) throws {
    let session = try admin.logIn(PortalAdmin.user, PortalAdmin.password)
    let page = HTTPClient.Request.trusting("GET", Portal.url + "/sites", headers: session.headers)
    let ticks = portal.cpuTicks
    let began = MonotonicClock.now()
    var pagesMs: [Double] = []
    while MonotonicClock.now() - began < .seconds(seconds) {
      let asked = MonotonicClock.now()
      guard try admin.client.send(page).status == 200 else {
        throw LabError.failed("the portal does not show its sites")
      }
      pagesMs.append((MonotonicClock.now() - asked).milliseconds)
      try portal.world.pause(milliseconds: 1000)
    }
    let report = try load.ask(.report, seconds: 60)
    let spent = Double(portal.cpuTicks - ticks) / 100
    let answers = report.stallsMs
    figures.note(
      "gateways that keep in touch", "portal", [Double(report.alive)],
      "\(report.alive) of \(report.total), \(report.lost) failed exchanges")
    figures.note(
      "answers to a status", "portal", [Double(report.changed)],
      "\(report.changed) in \(seconds) s")
    figures.note("  p50", "portal", [answers.quantile(0.5)], "\(answers.quantile(0.5).text(1)) ms")
    figures.note(
      "  p99", "portal", [answers.quantile(0.99)], "\(answers.quantile(0.99).text(1)) ms")
    figures.note("  longest", "portal", [report.gapMs], "\(report.gapMs.text(1)) ms")
    figures.note(
      "the page of all sites, p50 / longest", "portal", pagesMs,
      "\(pagesMs.median.text(1)) / \(pagesMs.quantile(1).text(1)) ms")
    figures.note(
      "CPU of the portal", "portal", [spent],
      "\(spent.text(1)) s of \(seconds) s, \((spent / Double(seconds) * 100).text(1)) % of a core")
    let asked = MonotonicClock.now()
    try admin.call("GET", "/api/v3/sites")
    let list = (MonotonicClock.now() - asked).milliseconds
    figures.note("all sites in one REST answer", "portal", [list], "\(list.text()) ms")
    let memory = portal.residentMegabytes
    figures.note("memory of the portal", "portal", [memory], "\(memory.text()) MB resident")
    for note in report.notes { Output.line("  \(note)") }
    guard report.alive == report.total, answers.quantile(0.99) < 100 else {
      throw LabError.failed("the portal does not keep up: p99 must be below 100 ms for everybody")
    }
  }
}
