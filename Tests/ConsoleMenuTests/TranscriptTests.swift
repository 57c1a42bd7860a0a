import FoundationEssentials
import Testing

/// Where the stories are, beside this file.
private let directory = String(#filePath.dropLast("TranscriptTests.swift".count)) + "Transcripts"

private let names: [String] = {
  // Without the directory there is no story, which the first test tells.
  let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
  return found.filter { $0.hasSuffix(".txt") }.sorted()
}()

@Suite("Console transcripts")
struct TranscriptTests {
  @Test("every story is told")
  func stories() {
    for name in [
      "procedure", "paste", "wrong-answers", "type-ahead", "cancel", "login", "progress",
      "unconfirmed", "menus", "keys", "emergency",
    ] {
      #expect(names.contains(name + ".txt"), "\(name)")
    }
  }

  @Test("the screen shows what the transcript says", arguments: names)
  func transcript(name: String) throws {
    let path = directory + "/" + name
    let wanted = String(
      decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    let played = Transcript.play(wanted)
    #expect(played.problems.isEmpty)
    #expect(played.widest <= 80, "\(name) has a line of \(played.widest) columns")
    if ProcessInfo.processInfo.environment["UPDATE_TRANSCRIPTS"] == "1" {
      try Data(played.text.utf8).write(to: URL(filePath: path))
    } else {
      let difference = Array(wanted.split(separator: "\n", omittingEmptySubsequences: false))
        .difference(
          from: Array(played.text.split(separator: "\n", omittingEmptySubsequences: false)))
      #expect(difference.isEmpty, "\(name); UPDATE_TRANSCRIPTS=1 rewrites it")
    }
  }
}
