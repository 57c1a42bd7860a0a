import Glibc
import Linux

/// The file that software is fetched into.
struct FetchFile: ~Copyable {
  private let file: Descriptor
  private let path: String
  /// Octets in it.
  private(set) var count: UInt64 = 0

  /// Makes it anew, empty. It is readable for all: whoever checks it is another user.
  init(_ path: String) throws(SystemError) {
    self.path = path
    file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o644)
  }

  /// Writes behind what is there.
  mutating func append(_ octets: [UInt8]) throws(SystemError) {
    var rest = octets[...]
    do {
      while !rest.isEmpty, let written = try file.write(rest) { rest = rest.dropFirst(written) }
    } catch { throw SystemError(call: error.call, code: error.code, subject: path) }
    count += UInt64(octets.count)
  }

  /// Drops what is there.
  mutating func empty() throws(SystemError) {
    guard count > 0 else { return }
    let number = file.rawValue
    try system("ftruncate", path) { ftruncate(number, 0) }
    try system("lseek", path) { lseek(number, 0, SEEK_SET) }
    count = 0
  }
}
