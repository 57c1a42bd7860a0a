import Linux
import Wire

extension ApplianceStory {
  /// One machine whose supervisor stands still.
  static let watchdog = ApplianceStory(
    name: "watchdog", start: .direct,
    steps: [
      Step(
        name: "watchdog", summary: "the supervisor stands still: reset by the watchdog, READY again"
      ) { scene in
        try scene.boot(.a)
        let shell = try EmergencyShell(scene, .a)
        scene.stage.tell(try shell.run("ps -o pid,user,args | grep -v '\\['"))
        let began = MonotonicClock.now()
        // The process whose parent is init; its shell goes on.
        try shell.send("kill -STOP $(pgrep -P 1 -f supervise)")
        let readiness = try scene.waitUntilReady(.a, since: began, seconds: 240)
        scene.stage.tell(
          "stopped; ready again after \(readiness.seconds.text(1)) s (patience of init 15 s, of the "
            + "watchdog 30 s, the boot)")
        try scene.stage.expect(readiness.seconds > 20, "it was no watchdog: too quick")
        try scene.place.installer(.a).showMenu()
      }
    ])
}
