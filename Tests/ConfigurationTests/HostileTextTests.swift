import Configuration
import Glibc
import Testing

@Suite("Hostile documents")
struct HostileTextTests {
  /// Processor seconds: several times what the slowest needs without optimisation; comparing everything
  /// with everything takes minutes.
  private static let patience = 60

  @Test("is judged in bounded time, with few and short lines", arguments: HostileText.allCases)
  func bounded(_ hostile: HostileText) {
    let text = Array(hostile.text.utf8)
    #expect(text.count < ConfigurationDocument.textBytes, "it is to be read")
    var problems: [ConfigurationProblem] = []
    let before = Self.processorSeconds
    do throws(ConfigurationProblems) {
      _ = try ConfigurationDocument(parsing: text).policyWarnings
    } catch { problems = error.problems }
    #expect(Self.processorSeconds - before < Self.patience)
    #expect(problems.reduce(0) { $0 + "\($1)".utf8.count } < 100_000)
  }

  /// Of this thread: what others do on the machine does not count.
  private static var processorSeconds: Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec
  }
}
