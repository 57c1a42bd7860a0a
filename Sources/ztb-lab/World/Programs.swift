import Glibc
import Linux

/// Where programs are found.
enum Programs {
  /// Stands for this program itself, through `/proc/self/exe`.
  static let own = "/proc/self/exe"

  /// The full path of a program by its name.
  static func path(_ name: String) throws -> String {
    if name.contains("/") { return name }
    for directory in ["/usr/sbin", "/usr/bin", "/sbin", "/bin"] {
      let path = directory + "/" + name
      if exists(path) { return path }
    }
    throw LabError.missing("the program \(name) is not installed")
  }

  /// Whether a program can be run.
  static func exists(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

  /// The names from `names` that are not installed.
  static func missing(_ names: [String]) -> [String] {
    names.filter { (try? path($0)) == nil }  // the error says only what nil says
  }

  /// Throws ``LabError/missing(_:)`` unless all of `names` are installed.
  static func require(_ names: [String]) throws {
    let missing = missing(names)
    guard missing.isEmpty else {
      throw LabError.missing("not installed: \(missing.joined(separator: ", "))")
    }
  }

  /// Whether a file is there and can be read.
  static func isReadable(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

  /// The path of this program's file.
  static func ownPath() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = try system("readlink") { unsafe readlink("/proc/self/exe", &buffer, 4095) }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Waits at most `milliseconds` for one message on a channel between our processes.
func waitForMessage(_ channel: Int32, milliseconds: Int32) throws -> [UInt8] {
  var entry = pollfd(fd: channel, events: Int16(POLLIN), revents: 0)
  let count = try system("poll") { unsafe poll(&entry, 1, milliseconds) }
  guard count > 0 else { throw LabError.timeout("an answer of a process of the lab") }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let size = try system("recv") { unsafe recv(channel, &bytes, bytes.count, 0) }
  guard size > 0 else { throw LabError.failed("a process of the lab has ended") }
  return Array(bytes[..<size])
}
