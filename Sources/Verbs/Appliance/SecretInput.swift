import Glibc
import Linux

/// Secrets come from files and standard input, never from the command line, which `ps` shows.
enum SecretInput {
  private enum Limits {
    /// Octets of one line.
    static let lineOctets = 4_096
  }

  /// Whether a person is at standard input.
  static var isInteractive: Bool { TerminalMode(STDIN_FILENO) != nil }

  /// The first line of a file; `-` is standard input.
  static func firstLine(of name: String) throws -> String {
    if name == "-" { return try line(prompt: "") }
    do throws(SystemError) {
      let octets = try Files.read(name, limitBytes: Limits.lineOctets)
      return text(octets.prefix { $0 != 10 })
    } catch { throw Refusal.failed("\(error)") }
  }

  /// One line of standard input; on a terminal after a prompt, and without being shown.
  static func line(prompt: String) throws -> String {
    let mode = TerminalMode(STDIN_FILENO)
    if mode != nil { tell(prompt) }
    try mode?.hideInput()
    defer {
      mode?.restore()
      if mode != nil { tell("\n") }
    }
    var octets: [UInt8] = []
    var octet: UInt8 = 0
    // One by one: what follows belongs to the next question.
    while octets.count < Limits.lineOctets {
      let count = try system("read", "standard input") { unsafe read(STDIN_FILENO, &octet, 1) }
      guard count == 1 else {
        if octets.isEmpty { throw Refusal.failed("standard input ended; one line was expected") }
        break
      }
      if octet == 10 { break }
      octets.append(octet)
    }
    return text(octets[...])
  }

  private static func text(_ octets: ArraySlice<UInt8>) -> String {
    String(decoding: octets.last == 13 ? octets.dropLast() : octets, as: UTF8.self)
  }

  private static func tell(_ prompt: String) {
    let octets = Array(prompt.utf8)
    // Nobody is left to tell when standard error is gone.
    _ = unsafe write(STDERR_FILENO, octets, octets.count)
  }
}
