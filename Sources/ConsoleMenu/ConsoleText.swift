/// Words for a serial terminal: ASCII, lines of at most 80 columns, no control characters.
enum ConsoleText {
  /// `text` with nothing but printable ASCII; what comes from outside must not reach the terminal
  /// as it is.
  static func ascii(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case " "..."~": result.unicodeScalars.append(scalar)
      case "\u{2026}": result += "..."
      case "\u{2010}"..."\u{2015}": result += "-"
      case "\u{2018}", "\u{2019}": result += "'"
      case "\u{201c}", "\u{201d}": result += "\""
      case "\u{203a}": result += ">"
      case "\u{b7}": result += "-"
      case _ where scalar.value < 0x20 || (0x7f...0xa0).contains(scalar.value): result += " "
      default: result += "?"
      }
    }
    return result
  }

  /// `text` in lines that fit the screen, broken between words; further lines are indented as far
  /// as the first one's text.
  static func wrapped(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
      wrap(ascii(String($0)))
    }
  }

  /// `text` with spaces behind it up to `width`.
  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }

  private static func wrap(_ line: String) -> [String] {
    let room = Limits.columns - 1
    guard line.utf8.count > room else { return [line] }
    let indent = String(repeating: " ", count: min(20, hangingIndent(line)))
    var lines: [String] = []
    var rest = Substring(line)
    while rest.utf8.count + (lines.isEmpty ? 0 : indent.utf8.count) > room {
      let head = rest.prefix(room - (lines.isEmpty ? 0 : indent.utf8.count))
      // A word longer than a line is cut.
      let body = head.lastIndex(of: " ").map { head[..<$0] } ?? head
      let piece = body.allSatisfy { $0 == " " } ? head : body
      lines.append((lines.isEmpty ? "" : indent) + piece)
      rest = rest[piece.endIndex...].drop { $0 == " " }
    }
    return rest.isEmpty ? lines : lines + [indent + rest]
  }

  /// Where the text begins behind a column of names: `Portal    https://…` gives 10.
  private static func hangingIndent(_ line: String) -> Int {
    let name = line.prefix { $0 != " " }
    let gap = line[name.endIndex...].prefix { $0 == " " }
    return gap.count > 1 || name.isEmpty ? name.count + gap.count : 0
  }
}
