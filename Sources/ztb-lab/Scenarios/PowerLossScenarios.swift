import JSON
import Linux
import Wire

/// Where an activation is when the power goes, as it can be seen from outside.
private enum CutPoint {
  /// The box has a step in this state.
  case step(Int, String)
  /// The portal shows a state.
  case portal(String)

  /// The ten points, in the order in which an activation passes them.
  static let all: [CutPoint] = [
    .step(2, "running"), .step(2, "done"), .step(3, "done"), .step(5, "running"),
    .step(5, "done"), .step(6, "done"), .portal("Initializing"), .step(7, "done"),
    .step(8, "done"), .step(9, "running"),
  ]

  var title: String {
    switch self {
    case .step(let number, let state): "step \(number) \(state)"
    case .portal(let state): "portal shows \(state)"
    }
  }
}

extension Scenario {
  /// Losing power or the portal.
  static let loss = [
    Scenario(
      name: "activate-power-loss",
      summary: "a power cut at each of ten points of the activation: the box comes up and finishes"
    ) { stage in
      let place = try ActivationWorld(stage)
      let admin = try place.admin()
      try place.boot(.a)
      var stranded: [String] = []
      for (number, point) in CutPoint.all.enumerated() {
        if number > 0 { try place.reset(.a) }
        do {
          let how = try cut(at: point, place, admin, SiteShape("cut-\(number + 1)", isPair: false))
          stage.tell("\(number + 1) \(point.title): power cut with \(how)")
        } catch let error as LabError {
          stage.tell("\(number + 1) \(point.title): \(error)")
          stranded.append("\(point.title): \(error)")
        }
      }
      try stage.expect(
        stranded.isEmpty,
        "\(stranded.count) points strand the box: \(stranded.joined(separator: "; "))")
    },
    Scenario(
      name: "offline",
      summary:
        "the portal is away while the box restarts and a change waits: it goes on, catches up"
    ) { stage in
      let place = try ActivationWorld(stage)
      let admin = try place.admin()
      let shape = SiteShape("offline", isPair: false)
      let site = try admin.addSite(shape)
      try place.boot(.a)
      try place.activate(.a, site.gateways[0])
      try admin.waitForState(site, 0, "Standalone")
      // There is no virtual address here: the client's router is the box itself.
      try place.world.client.ip(["route replace default via \(Node.a.lanAddress)"])
      try expectToStayActivated(stage, place) {
        try admin.change(site, shape, dns: ["9.9.9.9", "1.1.1.1"])
      }
      try place.world.fabric.block(["wan-portal"], true)
      try admin.change(site, shape, dns: ["8.8.8.8", "1.1.1.1"])
      stage.tell("the portal is away, and a change waits there")
      try place.cycle(.a)
      try place.world.wait("the box to work on its last configuration", seconds: 30) {
        try place.box(.a).overview()["status"]["state"].text == "standalone"
      }
      try stage.expectForwarding(place)
      var controller = JSON(nil)
      try place.world.wait("the box to say that the portal is away", seconds: 60) {
        controller = try place.box(.a).overview()["controller"]
        return controller["connected"].bool == false && controller["reason"].text?.isEmpty == false
          && controller["reason"].text != "not tried yet"
      }
      stage.tell("after a restart it forwards, and says: \(controller["reason"].text ?? "")")
      if stage.isFull {
        try admin.waitForState(site, 0, "Disconnected", seconds: 120)
        try place.world.pause(milliseconds: 180_000)
      }
      try place.world.fabric.block(["wan-portal"], false)
      let began = MonotonicClock.now()
      try place.world.wait("the waiting change to arrive", seconds: 120) {
        try place.document(.a)["wan"]["dns"].array.first?.text == "8.8.8.8"
      }
      stage.tell("the change is in force \(seconds(since: began)) s after the portal is back")
      try admin.waitForState(site, 0, "Standalone", seconds: 60)
      try place.world.wait("the events of the time alone to arrive", seconds: 60) {
        try admin.events(site).contains { $0.contains("supervisor started") }
      }
    },
    Scenario(
      name: "cut-off",
      summary: "a change of the portal that cuts the box off is taken back by the box (--full)"
    ) { stage in
      guard stage.isFull else {
        throw LabError.missing("it waits for the two minutes of the box; see --full")
      }
      let place = try ActivationWorld(stage)
      let admin = try place.admin()
      let shape = SiteShape("cut-off", isPair: false)
      let site = try admin.addSite(shape)
      try place.boot(.a)
      try place.activate(.a, site.gateways[0])
      try admin.waitForState(site, 0, "Standalone")
      let before = try place.box(.a).document()
      // Name servers that are not there: the portal has a name.
      try admin.change(site, shape, dns: ["203.0.113.77", "203.0.113.78"])
      try place.world.wait("the change to be in force", seconds: 30) {
        try place.box(.a).document() != before
      }
      let began = MonotonicClock.now()
      try place.world.wait("the box to take it back", seconds: 200) {
        try place.box(.a).document() == before
      }
      stage.tell("taken back \(seconds(since: began)) s after it was in force")
      try place.world.wait("the portal to be reached again", seconds: 60) {
        try place.box(.a).overview()["controller"]["connected"].bool == true
      }
      try place.world.pause(milliseconds: 10_000)
      try stage.expect(
        try place.box(.a).document() == before, "what was taken back is in force once more")
      try place.world.wait("the portal to know", seconds: 60) {
        try admin.events(site).contains { $0.contains("rolled back") }
      }
    },
  ]

  /// A later document must not reopen the activation, and console and page with it: looks all the
  /// time until the change has come and is kept.
  private static func expectToStayActivated(
    _ stage: Stage, _ place: ActivationWorld, _ change: () throws -> Void
  ) throws {
    let before = try place.box(.a).document()
    try change()
    // Without a pause between two looks: the portal is near, and has acknowledged within milliseconds.
    let end = MonotonicClock.now() + .seconds(3)
    while MonotonicClock.now() < end {
      let state = try place.box(.a).activationState()
      try stage.expect(state == "activated", "while the portal changes it, the box is \(state)")
    }
    let after = try place.box(.a).document()
    try stage.expect(after != before, "the portal's change is not in force after 3 s")
  }

  /// Activates box A, takes its power at a point, and sees the activation through.
  private static func cut(
    at point: CutPoint, _ place: ActivationWorld, _ admin: PortalAdmin, _ shape: SiteShape
  ) throws -> String {
    let site = try admin.addSite(shape)
    try place.prepare(.a)
    let answer = try place.box(.a).ask("activate", ("code", .string(site.gateways[0].code)))
    guard answer["done"].bool == true else { throw LabError.failed(answer["text"].text ?? "") }
    let steps = try wait(for: point, place, admin, site)
    try place.cycle(.a)
    let how = try finish(place, site.gateways[0])
    try admin.waitForState(site, 0, "Standalone", seconds: 20)
    return "\(steps) steps done, \(how)"
  }

  /// Waits until an activation is at a point; how many steps were done then.
  private static func wait(
    for point: CutPoint, _ place: ActivationWorld, _ admin: PortalAdmin, _ site: PortalSite
  ) throws -> Int {
    var done = 0
    try place.world.wait("the activation to reach \(point.title)", seconds: 60) {
      let steps = try place.box(.a).overview()["activation"]["steps"].array
      done = steps.filter { $0["state"].text == "done" }.count
      switch point {
      case .step(let number, let state):
        // One that is passed is as good: the disk has it as well.
        let isPassed = steps.dropFirst(number - 1).contains {
          $0["state"].text == "done" || $0["state"].text == "skipped"
        }
        return isPassed || steps.dropFirst(number - 1).first?["state"].text == state
          || steps.isEmpty
      case .portal(let state):
        let shown = try admin.site(site.id).gateways[0].state
        return shown != "Disconnected" || shown == state
      }
    }
    return done
  }

  /// Sees the rest of an activation through after a power cut; how it came to its end.
  private static func finish(_ place: ActivationWorld, _ gateway: PortalGateway) throws -> String {
    let box = place.box(.a)
    let state = try box.activationState()
    guard state == "unactivated" else {
      try box.waitUntilActivated()
      return state == "activated" ? "it was activated" : "it went on by itself"
    }
    do {
      try place.world.wait("", seconds: 5) { try box.activationState() != "unactivated" }
      try box.waitUntilActivated()
      return "it called itself unactivated at first, and went on by itself"
    } catch LabError.timeout {
      let answer = try box.ask("activate", ("code", .string(gateway.code)))
      guard answer["done"].bool == true else {
        throw LabError.failed("the code again: \(answer["text"].text ?? "")")
      }
      try box.waitUntilActivated()
      return "the same code typed again finished it"
    }
  }
}

extension Stage {
  /// Fails unless the client reaches the server through box A.
  func expectForwarding(_ place: ActivationWorld) throws {
    try place.world.wait("the box to forward", seconds: 30) {
      try place.world.client.attempt(["ping", "-c", "1", "-W", "1", "\(Plan.server)"]).0
        == .exited(0)
    }
  }
}
