/// One line as it is typed: the terminal is raw, so echo and editing are ours.
///
/// Printable ASCII only. CR and LF both end a line, CR LF ends it once. Backspace, Ctrl-U (whole
/// line) and Ctrl-W (last word) erase; the sequences of cursor keys are swallowed.
struct LineEditor {
  /// What a key came to.
  enum Outcome: Equatable {
    /// The line goes on.
    case more
    /// Enter: the line, without its end.
    case line(String)
    /// Ctrl-D on an empty line.
    case up
  }

  private enum Escape { case none, begun, sequence }

  /// Nothing that is typed is shown.
  var isSecret = false
  private var characters: [UInt8] = []
  private var escape = Escape.none
  private var sawCarriageReturn = false

  /// Whether something was typed.
  var isEmpty: Bool { characters.isEmpty }
  /// What the screen shows of the line.
  var shown: String { isSecret ? "" : String(decoding: characters, as: UTF8.self) }

  /// Forgets the line.
  mutating func clear() { characters = [] }

  /// Takes one octet; `echo` gets what the screen is to show for it.
  mutating func take(_ octet: UInt8, echo: inout String) -> Outcome {
    let followsCarriageReturn = sawCarriageReturn
    sawCarriageReturn = octet == 0x0d
    if octet == 0x0a && followsCarriageReturn { return .more }
    if octet == 0x0a || octet == 0x0d { return end(&echo) }
    if swallows(octet) { return .more }
    switch octet {
    case 0x08, 0x7f: erase(1, &echo)
    case 0x15: erase(characters.count, &echo)
    case 0x17: erase(lastWord, &echo)
    case 0x04 where characters.isEmpty: return .up
    case 0x00: break
    case 0x20...0x7e where characters.count < Limits.lineCharacters: append(octet, &echo)
    default: echo += "\u{7}"
    }
    return .more
  }

  private mutating func end(_ echo: inout String) -> Outcome {
    escape = .none
    let text = String(decoding: characters, as: UTF8.self)
    characters = []
    echo += "\n"
    return .line(text)
  }

  /// Whether the octet belongs to the sequence of a cursor or function key (ECMA-48).
  private mutating func swallows(_ octet: UInt8) -> Bool {
    switch (escape, octet) {
    case (.none, 0x1b): escape = .begun
    case (.none, _): return false
    case (.begun, UInt8(ascii: "[")), (.begun, UInt8(ascii: "O")): escape = .sequence
    case (.begun, _), (.sequence, 0x40...0x7e): escape = .none
    case (.sequence, _): break
    }
    return true
  }

  private mutating func append(_ octet: UInt8, _ echo: inout String) {
    characters.append(octet)
    if !isSecret { echo.unicodeScalars.append(Unicode.Scalar(octet)) }
  }

  private mutating func erase(_ count: Int, _ echo: inout String) {
    guard count > 0, !characters.isEmpty else { return }
    characters.removeLast(count)
    if !isSecret { echo += String(repeating: "\u{8} \u{8}", count: count) }
  }

  /// How many characters Ctrl-W erases: spaces at the end, and the word before them.
  private var lastWord: Int {
    let space = UInt8(ascii: " ")
    let trailing = characters.reversed().prefix { $0 == space }.count
    return trailing + characters.reversed().dropFirst(trailing).prefix { $0 != space }.count
  }
}
