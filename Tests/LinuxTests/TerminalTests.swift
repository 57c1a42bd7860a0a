import Glibc
import Testing
import Wire

@testable import Linux

/// A pseudo-terminal: keys are written to `person`, `terminal` is the program's end.
private struct Pseudoterminal: ~Copyable {
  let person: Descriptor
  let terminal: Descriptor

  init() throws {
    let person = Descriptor(
      owning: try system("posix_openpt") { posix_openpt(O_RDWR | O_NOCTTY) })
    let number = person.rawValue
    try system("grantpt") { grantpt(number) }
    try system("unlockpt") { unlockpt(number) }
    let path = unsafe ptsname(number).map { unsafe String(cString: $0) } ?? ""
    let terminal = try Descriptor.open(path, O_RDWR | O_NOCTTY)
    try person.setNonBlocking()
    try terminal.setNonBlocking()
    // Last: a value with a deinit must be whole or not at all.
    self.person = person
    self.terminal = terminal
  }
}

/// What a line reported.
private final class Record {
  var octets: [UInt8] = []
  var hasEnded = false
}

@Suite("Terminal")
struct TerminalTests {
  @Test("raw: keys come one by one and unechoed, and the old settings come back")
  func raw() throws {
    let pair = try Pseudoterminal()
    let mode = try #require(TerminalMode(pair.terminal.rawValue))
    try mode.makeRaw()
    _ = try pair.person.write([0x03, 0x0d])
    #expect(try wait(pair.terminal) == [0x03, 0x0d])
    _ = try pair.terminal.write(Array("a\n".utf8))
    // An echo of the keys would stand before it.
    #expect(try wait(pair.person) == Array("a\r\n".utf8))
    mode.restore()
    _ = try pair.person.write(Array("b".utf8))
    #expect(try wait(pair.person) == Array("b".utf8))
    #expect(try pair.terminal.read(limit: 10) == nil)
  }

  /// The kernel carries octets over in its own time.
  private func wait(_ end: borrowing Descriptor) throws -> [UInt8]? {
    let limit = MonotonicClock.now() + .seconds(5)
    guard IPv4Connection.wait(end.rawValue, until: limit) else { return nil }
    return try end.read(limit: 10)
  }

  @Test("what is no terminal has no mode")
  func noTerminal() throws {
    let null = try Descriptor.open("/dev/null", O_RDWR)
    #expect(TerminalMode(null.rawValue) == nil)
  }

  @Test("a line that takes nothing never stops the program, and loses nothing below its limit")
  func slowLine() throws {
    let pair = try Pseudoterminal()
    let mode = try #require(TerminalMode(pair.terminal.rawValue))
    try mode.makeRaw()
    let output = try pair.terminal.duplicate()
    let reactor = try Reactor()
    let line = try TerminalLine(
      reactor, input: pair.terminal.rawValue, output: output.rawValue, received: { _ in },
      ended: {})
    let text = String(repeating: "x", count: 100_000)
    line.write(text)
    #expect(!line.isFlushed)
    var count = 0
    for _ in 0..<1_000 where !line.isFlushed || count < text.utf8.count {
      while let piece = try pair.person.read(limit: 65_536) { count += piece.count }
      try reactor.turn(timeoutMilliseconds: 1)
    }
    #expect(count == text.utf8.count && line.isFlushed)
    line.write(String(repeating: "y", count: 2 * TerminalLine.Limits.waitingOctets))
    line.close()
  }

  @Test("a line that hangs up says so once, and the loop rests")
  func hangUp() throws {
    let record = Record()
    let reactor = try Reactor()
    let pair = try Pseudoterminal()
    let output = try pair.terminal.duplicate()
    let line = try TerminalLine(
      reactor, input: pair.terminal.rawValue, output: output.rawValue,
      received: { record.octets += $0 }, ended: { record.hasEnded = true })
    _ = try pair.person.write(Array("5\n".utf8))
    try reactor.turn(timeoutMilliseconds: 100)
    #expect(record.octets == Array("5\n".utf8) && !record.hasEnded)
    // Puts something else in the place of the person's end, which closes it.
    let null = try Descriptor.open("/dev/null", O_RDWR)
    dup2(null.rawValue, pair.person.rawValue)
    try reactor.turn(timeoutMilliseconds: 100)
    #expect(record.hasEnded)
    line.write("nobody reads this")
    record.hasEnded = false
    try reactor.turn(timeoutMilliseconds: 10)
    #expect(!record.hasEnded)
  }
}
