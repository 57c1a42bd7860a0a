import Linux
import Wire

/// `ztb-lab test`: runs scenarios and counts.
enum TestVerb {
  static func run(_ workspace: Workspace, _ options: Options) throws -> Int32 {
    let names = options.words
    for name in names where !Scenario.all.contains(where: { $0.name == name }) {
      throw LabError.usage("there is no scenario \(name); see ztb-lab test --list")
    }
    let chosen = Scenario.all.filter { names.isEmpty || names.contains($0.name) }
    let kind = try options.kind()
    var passed = 0
    var failed = 0
    var skipped = 0
    for scenario in chosen {
      let stage = Stage(workspace, kind, isFull: options.has("full"))
      let began = MonotonicClock.now()
      do {
        try scenario.body(stage)
        passed += 1
        let seconds = (MonotonicClock.now() - began).milliseconds / 1000
        Output.line("ok   \(scenario.name) (\(seconds.text(1)) s)")
      } catch LabError.missing(let why) {
        skipped += 1
        Output.line("skip \(scenario.name): \(why)")
      } catch {
        failed += 1
        Output.line("FAIL \(scenario.name): \(error)")
        if options.has("keep-logs") { stage.printLogs() }
      }
      stage.end()
    }
    Output.line("\(passed) passed, \(failed) failed, \(skipped) skipped")
    return failed == 0 ? 0 : 1
  }
}
