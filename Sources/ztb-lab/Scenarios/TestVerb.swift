import Linux
import Wire

/// `ztb-lab test`: runs scenarios and counts.
enum TestVerb {
  /// What became of one scenario.
  private enum Verdict {
    case passed
    case failed(String)
    case skipped(String)
  }

  static func run(_ workspace: Workspace, _ options: Options) throws -> Int32 {
    let names = options.words
    for name in names where !Scenario.all.contains(where: { $0.name == name }) {
      throw LabError.usage("there is no scenario \(name); see ztb-lab test --list")
    }
    let chosen = Scenario.all.filter { names.isEmpty || names.contains($0.name) }
    var passed = 0
    var failed = 0
    var skipped = 0
    for scenario in chosen {
      var verdict = try play(scenario, workspace, options)
      // A shared machine may stand still for longer than a pair waits, and no gateway can tell
      // that from a death. The acceptance lengths allow for no second try.
      if case .failed(let why) = verdict, !options.has("full") {
        Output.line("     failed: \(why)")
        Output.line("     once more, in case the machine stood still")
        verdict = try play(scenario, workspace, options)
      }
      switch verdict {
      case .passed: passed += 1
      case .failed(let why):
        failed += 1
        Output.line("FAIL \(scenario.name): \(why)")
      case .skipped(let why):
        skipped += 1
        Output.line("skip \(scenario.name): \(why)")
      }
    }
    Output.line("\(passed) passed, \(failed) failed, \(skipped) skipped")
    return failed == 0 ? 0 : 1
  }

  private static func play(
    _ scenario: Scenario, _ workspace: Workspace, _ options: Options
  ) throws -> Verdict {
    let stage = Stage(
      workspace, try options.kind(), isFull: options.has("full"),
      pictures: Pictures(directory: options.text("pictures")),
      seed: UInt64(try options.int("seed", .random(in: 1...999_999))),
      minutes: options.text("minutes") == nil ? nil : try options.int("minutes", 1))
    defer { stage.end() }
    let began = MonotonicClock.now()
    do {
      try scenario.body(stage)
    } catch LabError.missing(let why) {
      return .skipped(why)
    } catch {
      if options.has("keep-logs") { stage.printLogs() }
      return .failed("\(error)")
    }
    let seconds = (MonotonicClock.now() - began).milliseconds / 1000
    Output.line("ok   \(scenario.name) (\(seconds.text(1)) s)")
    return .passed
  }
}
