/// Why the lab could not do what it was asked for.
enum LabError: Error, CustomStringConvertible {
  /// The command line is wrong; exit status 2.
  case usage(String)
  /// A program ended badly: its command line, how it ended, what it printed.
  case command(String, String, String)
  /// Something did not happen within its time.
  case timeout(String)
  /// The machine or the build lacks something.
  case missing(String)
  /// An expectation of a scenario does not hold.
  case failed(String)

  var description: String {
    switch self {
    case .usage(let text), .missing(let text), .failed(let text): text
    case .command(let line, let status, let output): "\(line): \(status): \(output)"
    case .timeout(let what): "timed out: \(what)"
    }
  }
}
