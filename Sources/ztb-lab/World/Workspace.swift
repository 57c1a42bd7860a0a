import CLinux
import Glibc
import Linux

/// The lab's own directory, `.build/lab/PID`: logs, keys, state of the gateways. Removed at the end.
final class Workspace {
  /// Absolute path.
  let path: String
  private let nullDevice: Descriptor
  private var worlds = 0

  /// Opens the directory, which exists.
  init(_ path: String) throws {
    self.path = path
    nullDevice = try Descriptor.open("/dev/null", O_RDWR)
  }

  /// A descriptor for `/dev/null`.
  var null: Int32 { nullDevice.rawValue }

  /// Name of a directory for one more world, so that no gateway remembers an earlier one.
  func nextWorld() throws -> String {
    worlds += 1
    try directory("world-\(worlds)")
    return "world-\(worlds)"
  }

  /// Makes a directory below and returns its path.
  @discardableResult
  func directory(_ name: String) throws -> String {
    let full = path + "/" + name
    if unsafe mkdir(full, 0o755) != 0, errno != EEXIST {
      throw SystemError(call: "mkdir", code: errno, subject: full)
    }
    return full
  }

  /// Opens a log file for appending.
  func log(_ name: String) throws -> Descriptor {
    try Descriptor.open("\(path)/log/\(name)", O_WRONLY | O_CREAT | O_APPEND, mode: 0o644)
  }

  /// What a log file holds so far; empty when there is none.
  func logText(_ name: String) -> String {
    guard let bytes = try? Files.read("\(path)/log/\(name)") else { return "" }  // no log yet
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A file without a name that starts with `text`, positioned at its start.
  func scratch(_ text: String = "") throws -> Descriptor {
    let file = try Descriptor.open(path, O_RDWR | O_TMPFILE)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty { rest = rest.dropFirst(try file.write(rest) ?? 0) }
    try system("lseek") { lseek(file.rawValue, 0, SEEK_SET) }
    return file
  }

  /// Everything in a scratch file, as text without the last line's end.
  func text(of file: borrowing Descriptor) throws -> String {
    let number = file.rawValue
    try system("lseek") { lseek(number, 0, SEEK_SET) }
    var bytes: [UInt8] = []
    while let piece = try file.read(limit: 1 << 16), !piece.isEmpty { bytes += piece }
    while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
