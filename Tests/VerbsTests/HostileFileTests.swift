import Configuration
import FoundationEssentials
import Glibc
import Testing

@testable import Verbs

/// `ztb config check` on files that nobody should have made.
@Suite struct HostileFileTests {
  /// Why the verb refuses the file that `write` makes; empty when it does not.
  private static func refusal(_ write: (String) throws -> Void) throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/ztb-hostile-\(UUID().uuidString)"
    try write(path)
    defer { _ = unsafe unlink(path) }
    guard
      case .verb(let verb, let invocation) = try CommandLineTool.parse(["config", "check", path])
    else { return "" }
    let error = #expect(throws: Refusal.self) { try verb.run(invocation) }
    guard case .failed(let text) = error else { return "" }
    return String(
      text.split(separator: path, omittingEmptySubsequences: false).joined(separator: "FILE"))
  }

  private static func refusal(of text: String) throws -> String {
    try refusal { try Data(text.utf8).write(to: URL(filePath: $0)) }
  }

  @Test("100 MB are not read, let alone parsed")
  func large() throws {
    let text = try Self.refusal { path in
      try Data("{".utf8).write(to: URL(filePath: path))
      let lengthened = unsafe truncate(path, 100 << 20)
      #expect(lengthened == 0)
    }
    #expect(text == "FILE: no document is longer than 4194304 octets; name another file")
  }

  @Test("10 000 levels end at the 33rd, whatever they are of")
  func deep() throws {
    let lists = try Self.refusal(of: String(repeating: "[", count: 10_000))
    #expect(lists == "FILE: not valid\nline 1 column 34: nested deeper than 32 levels")
    let objects = try Self.refusal(of: String(repeating: "{\"a\":", count: 10_000))
    #expect(objects == "FILE: not valid\nline 1 column 166: nested deeper than 32 levels")
  }

  @Test("what is no text, or nothing, is refused with its place")
  func noText() throws {
    #expect(try Self.refusal(of: "") == "FILE: not valid\nline 1 column 1: expected a value")
    let octets = try Self.refusal { path in
      try Data([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]).write(to: URL(filePath: path))
    }
    #expect(octets.contains("line 1 column 5: the string is not UTF-8"))
    #expect(throws: Refusal.self) { try ConfigurationVerbs.read("/") }
  }
}
