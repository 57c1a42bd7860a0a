import Glibc
import Linux
import Wire

/// `ztb-lab appliance`: plays the stories of the image in virtual machines and counts their steps.
final class ApplianceVerb {
  /// How many steps came to which end.
  private struct Counts {
    var passed = 0
    var failed = 0
    var skipped = 0

    static func + (one: Counts, other: Counts) -> Counts {
      Counts(
        passed: one.passed + other.passed, failed: one.failed + other.failed,
        skipped: one.skipped + other.skipped)
    }
  }

  /// Of the story that is played.
  private var counts = Counts()
  private let workspace: Workspace
  private let options: Options
  private let images: ApplianceImages

  static func run(_ workspace: Workspace, _ options: Options) throws -> Int32 {
    let known = ApplianceStory.all.flatMap { [$0.name] + $0.steps.map(\.name) }
    for word in options.words where !known.contains(word) {
      throw LabError.usage("there is no step \(word); see ztb-lab appliance --list")
    }
    let verb = try ApplianceVerb(workspace, options)
    let counts = try ApplianceStory.all.reduce(Counts()) { $0 + (try verb.count($1)) }
    Output.line("\(counts.passed) passed, \(counts.failed) failed, \(counts.skipped) skipped")
    return counts.failed == 0 ? 0 : 1
  }

  /// Plays a story. An emulated machine stands still with the one below it, which no test can tell
  /// from a defect: the short form plays a story once more.
  private func count(_ story: ApplianceStory) throws -> Counts {
    counts = Counts()
    try play(story)
    guard counts.failed > 0, !options.has("full") else { return counts }
    Output.line("     once more, in case the machine stood still")
    counts = Counts()
    try play(story)
    return counts
  }

  /// Names of the stories with their steps.
  static func list() {
    for story in ApplianceStory.all {
      for step in story.steps { Output.line("\(step.name.padded(20)) \(step.summary)") }
    }
  }

  private init(_ workspace: Workspace, _ options: Options) throws {
    self.workspace = workspace
    self.options = options
    images = ApplianceImages(directory: try options.images(), keys: try options.keys())
  }

  /// Plays the chosen steps of a story and those that they build on.
  private func play(_ story: ApplianceStory) throws {
    let words = options.words
    let isWhole = words.isEmpty || words.contains(story.name)
    let chosen = story.steps.filter { isWhole || words.contains($0.name) }
    guard let last = chosen.last?.name else { return }
    let end = story.steps.firstIndex { $0.name == last } ?? 0
    let steps = story.steps.prefix(end + 1).filter { step in
      step.isFoundation || chosen.contains { $0.name == step.name }
    }
    let stage = Stage(
      workspace, try options.kind(), isFull: options.has("full"),
      pictures: Pictures(directory: options.text("pictures")))
    defer { stage.end() }
    var scene: ApplianceScene?
    var obstacle: String?
    for step in steps {
      if let obstacle {
        skip(step, obstacle)
        continue
      }
      obstacle = try play(step) {
        let place = try scene ?? ApplianceScene(stage, self.images, story)
        scene = place
        try step.body(place)
      }
      if obstacle != nil, options.has("keep-logs") { stage.printLogs() }
      if !step.isFoundation { obstacle = nil }
    }
  }

  /// Plays a step; why it did not pass.
  private func play(
    _ step: ApplianceStory.Step, _ body: () throws -> Void
  ) throws -> String? {
    let began = MonotonicClock.now()
    do {
      try body()
    } catch LabError.missing(let why) {
      skip(step, why)
      return why
    } catch {
      counts.failed += 1
      Output.line("FAIL \(step.name): \(error)")
      return "\(step.name) failed"
    }
    counts.passed += 1
    let seconds = (MonotonicClock.now() - began).milliseconds / 1000
    Output.line("ok   \(step.name) (\(seconds.text(1)) s)")
    return nil
  }

  private func skip(_ step: ApplianceStory.Step, _ why: String) {
    counts.skipped += 1
    Output.line("skip \(step.name): \(why)")
  }
}

extension Options {
  /// Directory with the builds of the image.
  func images() throws -> String { try full(text("images") ?? buildRoot() + "images/lab") }

  /// Directory with the keys of these builds.
  func keys() throws -> String { try full(text("keys") ?? buildRoot() + "keys") }

  /// The path from the root: machines of the lab have other directories of their own.
  private func full(_ path: String) throws -> String {
    guard let text = unsafe realpath(path, nil) else {
      throw LabError.missing("\(path) is not there; see Scripts/test appliance")
    }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }
}
