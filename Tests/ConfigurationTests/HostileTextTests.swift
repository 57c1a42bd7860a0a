import Configuration
import Testing

@Suite("Hostile documents")
struct HostileTextTests {
  /// Several times what the slowest needs without optimisation; comparing everything with everything
  /// takes minutes.
  private static let patience = Duration.seconds(30)

  @Test("is judged in bounded time, with few and short lines", arguments: HostileText.allCases)
  func bounded(_ hostile: HostileText) {
    let text = Array(hostile.text.utf8)
    #expect(text.count < ConfigurationDocument.textBytes, "it is to be read")
    var problems: [ConfigurationProblem] = []
    let time = ContinuousClock().measure {
      do throws(ConfigurationProblems) {
        _ = try ConfigurationDocument(parsing: text).policyWarnings
      } catch { problems = error.problems }
    }
    #expect(time < Self.patience)
    #expect(problems.reduce(0) { $0 + "\($1)".utf8.count } < 100_000)
  }
}
