import Linux
import Wire

extension ApplianceStory {
  /// What menu and portal can do to a box.
  static let menuSteps = [
    Step(name: "reboot", summary: "8 at the console of the standby: it comes back in sync") {
      scene in
      let active = try scene.waitForPair()
      let standby = active.peer
      try scene.place.installer(standby).showMenu()
      try scene.terminal(standby).type("8")
      try scene.terminal(standby).expect("Reboot now?", seconds: 15)
      let began = MonotonicClock.now()
      try scene.terminal(standby).type("y")
      let readiness = try scene.waitUntilReady(standby, since: began)
      scene.stage.tell("\(standby.name): ready \(readiness.seconds.text(1)) s after the answer")
      _ = try scene.waitForPair(active: active)
    },
    Step(
      name: "factory-reset", summary: "the portal has the standby forget everything: Not activated"
    ) { scene in
      let active = try scene.waitForPair()
      let index = active == .a ? 1 : 0
      let id = try scene.site().gateways[index].id
      try scene.admin().call("POST", "/api/v3/gateways/\(id)/factoryreset")
      let terminal = scene.terminal(active.peer)
      let end = MonotonicClock.now() + .seconds(120)
      while true {
        do {
          try terminal.type("")
          try terminal.expect("Not activated", seconds: 8)
          break
        } catch LabError.timeout where MonotonicClock.now() < end {}
      }
      try scene.waitForOneActive(active)
    },
  ]
}
