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
        let processes = try shell.run("ps -o pid,user,args | grep -v '\\['")
        scene.stage.tell(processes)
        let supervisor = processes.split(separator: "\n").first { $0.contains("ztbd supervise") }
        guard let number = supervisor?.split(separator: " ").first.flatMap({ Int($0) }) else {
          throw LabError.failed("no supervisor runs")
        }
        let began = MonotonicClock.now()
        // The shell is a child of init and goes on.
        try shell.send("kill -STOP \(number)")
        let readiness = try scene.waitUntilReady(.a, since: began, seconds: 240)
        scene.stage.tell(
          "stopped; ready again after \(readiness.seconds.text(1)) s (patience of init 15 s, of the "
            + "watchdog 30 s, the boot)")
        try scene.stage.expect(readiness.seconds > 20, "it was no watchdog: too quick")
        try scene.place.installer(.a).showMenu()
      }
    ])
}
