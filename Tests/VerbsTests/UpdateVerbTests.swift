import Messages
import Testing

@testable import Verbs

@Suite("Verbs of the update")
struct UpdateVerbTests {
  @Test(
    "what makes no sense ends with exit status 2, before anybody is asked",
    arguments: [
      "update", "update install", "update install a b", "update install portal:1.2.3 --at 25:00",
      "update install portal:1.2.3 --at 2:30", "update delay", "update delay 24:00",
      "update delay noon", "update activate now", "update return 1.0.0", "update cancel all",
    ])
  func usage(line: String) {
    let words = ["--run-dir", "/nonexistent"] + line.split(separator: " ").map { String($0) }
    #expect(CommandLineTool.run(words) == 2)
  }

  @Test("without a supervisor, and without the file, every one of them fails with status 1")
  func fails() {
    for line in [
      "update install portal:1.2.3", "update install /nonexistent.ztb", "update status",
      "update activate", "update delay 23:59", "update cancel", "update return",
    ] {
      let words = ["--run-dir", "/nonexistent"] + line.split(separator: " ").map { String($0) }
      #expect(CommandLineTool.run(words) == 1, "\(line)")
    }
  }

  private func words(_ update: UpdateStatus?, isTrial: Bool = false) -> [String] {
    SoftwareText.lines(
      SoftwareStatus(version: "1.0.0", slot: "a", isTrial: isTrial, update: update))
  }

  @Test("every state of an update is said in a sentence")
  func sentences() {
    #expect(words(nil) == ["1.0.0 runs from slot a."])
    #expect(words(UpdateStatus(version: "1.0.0", state: .trial), isTrial: true).count == 1)
    let cases: [(UpdateStatus, String)] = [
      (.init(version: "", state: .downloading, percent: 7), "The update is fetched: 7 %."),
      (.init(version: "1.1.0", state: .verifying, percent: 8), "1.1.0 is checked: 8 %."),
      (.init(version: "1.1.0", state: .writing, percent: 9), "1.1.0 is written: 9 %."),
      (.init(version: "1.1.0", state: .installed), "1.1.0 is installed and waits for the restart."),
      (.init(version: "1.1.0", state: .installed, at: "T"), "1.1.0 is installed; restart at T."),
      (.init(version: "", state: .failed, reason: "no"), "The update was not installed: no"),
      (.init(version: "1.1.0", state: .returned, reason: "no"), "1.1.0 did not stay: no"),
    ]
    for (status, sentence) in cases { #expect(words(status).last == sentence) }
  }
}
