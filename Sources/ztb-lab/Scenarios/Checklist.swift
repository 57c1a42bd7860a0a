import Linux
import Wire

/// Named checks in one world: each is told with what was seen, and the scenario fails at its end with
/// all that failed.
final class Checklist {
  private let stage: Stage
  private var failures: [String] = []

  init(_ stage: Stage) { self.stage = stage }

  /// One case; `body` returns what it saw and throws where that is wrong.
  func check(_ name: String, _ body: () throws -> String) throws {
    do {
      stage.tell("\(name): \(try body())")
    } catch LabError.missing(let why) {
      stage.tell("\(name): SKIPPED, \(why)")
    } catch {
      stage.tell("\(name): FAILED, \(error)")
      failures.append("\(name): \(error)")
    }
  }

  /// Fails the scenario if anything failed.
  func finish() throws {
    try stage.expect(failures.isEmpty, failures.joined(separator: "; "))
  }
}
