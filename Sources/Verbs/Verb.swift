import Glibc

/// One verb of the command line.
struct Verb: Sendable {
  /// Its words, such as `ha status`.
  let words: [String]
  /// What stands behind the words in the usage line.
  let synopsis: String
  /// What it does, in one line.
  let summary: String
  /// Further help: options with their defaults, examples. May be empty.
  var details = ""
  /// Options that take a value.
  var options: [String] = []
  /// Options that take none.
  var flags: [String] = []
  /// How many operands it takes.
  var operands = 0...0
  /// Does it; throws ``Refusal``.
  let run: @Sendable (Invocation) throws -> Void

  /// `ha status`.
  var name: String { words.joined(separator: " ") }

  /// What `--help` prints.
  var help: String {
    let head = "usage: ztb [--run-dir DIR] \(name)"
    let tail = synopsis.isEmpty ? " [--json]" : " \(synopsis) [--json]"
    // A long one goes on in a second line.
    let usage = head.count + tail.count > 80 ? "\(head)\n          \(tail)" : head + tail
    let more = details.isEmpty ? "" : "\n\(details)\n"
    return """
      \(usage)

      \(summary)
      \(more)
      Exit status: 0 done, 1 refused or failed, 2 usage.
      """
  }
}

/// A verb with what was said on the command line.
struct Invocation {
  /// Where the control socket is.
  var runDirectory = "/run/ztb"
  /// Whether the answer is to be JSON.
  var isJSON = false
  /// Values of options, by name with its dashes.
  var options: [String: String] = [:]
  /// Options without a value, with their dashes.
  var flags: Set<String> = []
  /// What is neither verb nor option.
  var operands: [String] = []

  /// The whole number behind an option, or `preset` without it.
  func number(_ option: String, in range: ClosedRange<Int>, default preset: Int) throws -> Int {
    guard let text = options[option] else { return preset }
    guard let number = Int(text), range.contains(number) else {
      throw Refusal.usage("\(option): \(text) is not a whole number in \(range)")
    }
    return number
  }
}

/// Why a verb did not do its work.
enum Refusal: Error {
  /// Refused or failed: what, why, and the remedy. Exit status 1.
  case failed(String)
  /// The command line makes no sense. Exit status 2.
  case usage(String)
}

/// Writes a line to standard error.
func complain(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  // Nobody is left to tell when standard error is gone.
  _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
}
