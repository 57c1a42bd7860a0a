import Glibc
import Linux

/// One line, one event, on standard error: `portal key=value …`.
enum Log {
  /// The operator must act.
  static func error(_ line: String) { write("error", line) }

  /// A state changed.
  static func notice(_ line: String) { write("notice", line) }

  /// Longest line; what gateways and people send is cut before.
  private static let lineLimit = 4_000

  private static func write(_ level: String, _ line: String) {
    let text = "\(WallClock.timestamp()) \(level) portal \(line.line(lineLimit))\n"
    _ = unsafe Glibc.write(2, text, text.utf8.count)
  }
}

extension String {
  /// The first `limit` code points, with a space for each that could end a line, move a terminal's
  /// cursor or turn the direction of the text.
  func line(_ limit: Int) -> String {
    var scalars = UnicodeScalarView()
    for scalar in unicodeScalars.prefix(limit) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: scalars.append(" ")
      default: scalars.append(scalar)
      }
    }
    return String(scalars)
  }
}
