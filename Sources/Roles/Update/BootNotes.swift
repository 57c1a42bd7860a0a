import Glibc
import Linux

/// What a version wrote down of its start, for the one that runs after it: a file a version.
struct BootNotes {
  /// The directory with the files.
  let directory: String

  /// Why a version did not stay, from what it left.
  func reason(_ version: String) -> String {
    // A version that did not come that far left nothing.
    let octets = (try? Files.read("\(directory)/\(version)", limitBytes: 65_536)) ?? []
    return Self.reason(String(decoding: octets, as: UTF8.self))
  }

  static func reason(_ notes: String) -> String {
    let lines = notes.split(separator: "\n")
    if let words = lines.last(where: { $0.hasPrefix("words ") }) {
      return String(words.dropFirst(6).prefix(500))
    }
    guard let last = lines.last else { return "it did not start" }
    return "it stopped behind '\(last.prefix(100))'"
  }

  /// Adds the last words of a version.
  func add(words: String, of version: String) throws(SystemError) {
    let path = "\(directory)/\(version)"
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND)
    _ = try file.write(Array("words \(words)\n".utf8))
    let number = file.rawValue
    try system("fsync", path) { fsync(number) }
  }
}
