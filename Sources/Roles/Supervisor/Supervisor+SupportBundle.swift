import Linux
import Messages
import Wire

extension Supervisor {
  /// Has a support bundle written, and answers with its path.
  func writeSupportBundle(for client: ControlClient) {
    let process = ProcessSpecification(arguments: [
      "ztbd", "support-bundle", "--run-dir", options.runDirectory, "--state-dir",
      options.dataPlace, "--log-dir", options.logPlace,
    ])
    do throws(SystemError) {
      diagnoses[client] = try DiagnosisRun(process, reactor) { [unowned self] lines in
        finishBundle(client, lines)
      }
    } catch { refuse(client, "support-bundle: \(error)") }
  }

  private func finishBundle(_ client: ControlClient, _ lines: [String]) {
    let finished = diagnoses.removeValue(forKey: client)
    let text = lines.last ?? "support-bundle: nothing was written; see the log"
    let isWritten = text.hasSuffix(".tar")
    if isWritten { note("support-bundle", "a support bundle was written", text) }
    answer(client, ControlAnswer(done: isWritten, text))
    withExtendedLifetime(finished) {}
  }
}
