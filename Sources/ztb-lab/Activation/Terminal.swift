import CLinux
import Glibc
import Linux
import Wire

/// A serial line with a person at it: a pseudo-terminal of the lab whose other end is the console
/// of a gateway. It outlives the gateway, as a terminal outlives a power cut.
final class Terminal: Companion {
  /// For the transcript's file and for failures.
  let name: String
  /// Path of the gateway's end.
  let path: String
  /// Everything that was printed, control sequences removed.
  private(set) var transcript = ""

  private let master: Descriptor
  /// Keeps the line up while no gateway holds it.
  private let slave: Descriptor
  private var filter = ControlFilter()
  /// Where the part begins that ``expect(_:seconds:)`` has not yet passed.
  private var seen: String.Index
  /// Lets time pass for everything else while we wait.
  private let idle: () throws -> Void

  init(_ name: String, idle: @escaping () throws -> Void) throws {
    self.name = name
    self.idle = idle
    master = Descriptor(owning: try system("posix_openpt") { posix_openpt(O_RDWR | O_NOCTTY) })
    let number = master.rawValue
    try system("grantpt") { grantpt(number) }
    try system("unlockpt") { unlockpt(number) }
    guard let text = unsafe ptsname(number) else { throw LabError.missing("ptsname fails") }
    path = unsafe String(cString: text)
    slave = try Descriptor.open(path, O_RDWR | O_NOCTTY)
    try master.setNonBlocking()
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    try system("ioctl", "TIOCSWINSZ") { unsafe ztb_ioctl_pointer(number, UInt(TIOCSWINSZ), &size) }
    seen = transcript.startIndex
  }

  /// Takes what has been printed; a line that nobody reads would stop the console.
  func tend() throws {
    while let octets = try master.read(limit: 4096), !octets.isEmpty {
      transcript += filter.text(octets)
    }
  }

  /// Types a line and Enter.
  func type(_ line: String) throws { try send(line + "\r") }

  /// Sends keys as they are.
  func send(_ keys: String) throws {
    var rest = Array(keys.utf8)[...]
    while !rest.isEmpty {
      guard let count = try master.write(rest) else {
        try idle()
        continue
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Waits until `text` is printed after what was expected last; what was printed before it.
  @discardableResult
  func expect(_ text: String, seconds: Int) throws -> String {
    let (_, before) = try expect(oneOf: [text], seconds: seconds)
    return before
  }

  /// Waits for the first of several texts; its index, and what was printed before it.
  @discardableResult
  func expect(oneOf texts: [String], seconds: Int) throws -> (Int, String) {
    let end = MonotonicClock.now() + .seconds(seconds)
    while true {
      try tend()
      let found = texts.enumerated().compactMap { index, text in
        transcript[seen...].firstRange(of: text).map { (index, $0) }
      }.min { $0.1.lowerBound < $1.1.lowerBound }
      if let (index, range) = found {
        let before = String(transcript[seen..<range.lowerBound])
        seen = range.upperBound
        return (index, before)
      }
      guard MonotonicClock.now() < end else {
        let wanted = texts.map { "“\($0)”" }.joined(separator: " or ")
        throw LabError.timeout(
          "\(name) to print \(wanted) within \(seconds) s; the end of its transcript:\n"
            + transcript.suffix(1_500))
      }
      try idle()
    }
  }
}

/// Removes the control sequences of a terminal (ECMA-48), so that what is left reads as lines.
struct ControlFilter {
  private enum State { case text, escape, sequence, command }
  private var state = State.text
  private var pending: [UInt8] = []

  /// The text in `octets`; half a character at the end waits for its rest.
  mutating func text(_ octets: [UInt8]) -> String {
    var kept = pending
    for octet in octets {
      switch (state, octet) {
      case (.text, 0x1b): state = .escape
      case (.text, 10), (.text, 9), (.text, 32...): kept.append(octet)
      case (.text, 8):
        // What was rubbed out is not to be read.
        if kept.last != 10 { _ = kept.popLast() }
      case (.text, _): break
      case (.escape, UInt8(ascii: "[")): state = .sequence
      case (.escape, UInt8(ascii: "]")): state = .command
      case (.escape, _): state = .text
      case (.sequence, 0x40...0x7e): state = .text
      case (.sequence, _): break
      case (.command, 7), (.command, 0x5c): state = .text
      case (.command, _): break
      }
    }
    let whole = ControlFilter.wholeCharacters(kept)
    pending = Array(kept[whole...])
    return String(decoding: kept[..<whole], as: UTF8.self)
  }

  /// How many octets at the start are whole UTF-8 characters.
  private static func wholeCharacters(_ octets: [UInt8]) -> Int {
    var start = octets.count
    while start > 0, octets.count - start < 3, octets[start - 1] & 0xc0 == 0x80 { start -= 1 }
    guard start > 0, octets[start - 1] >= 0xc0 else { return octets.count }
    let length = octets[start - 1] >= 0xf0 ? 4 : octets[start - 1] >= 0xe0 ? 3 : 2
    return octets.count - start + 1 < length ? start - 1 : octets.count
  }
}
