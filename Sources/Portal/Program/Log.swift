import Glibc
import Linux

/// One line, one event, on standard error: `portal key=value …`.
enum Log {
  /// The operator must act.
  static func error(_ line: String) { write("error", line) }

  /// A state changed.
  static func notice(_ line: String) { write("notice", line) }

  private static func write(_ level: String, _ line: String) {
    let text = "\(WallClock.timestamp()) \(level) portal \(line)\n"
    _ = unsafe Glibc.write(2, text, text.utf8.count)
  }
}
