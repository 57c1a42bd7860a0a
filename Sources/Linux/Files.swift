import CLinux
import Glibc

/// Whole files, read and written in one step.
public enum Files {
  /// Reads a file of at most `limitBytes`; throws `EFBIG` for a longer one.
  public static func read(_ path: String, limitBytes: Int = 16 << 20) throws(SystemError) -> [UInt8]
  {
    let file = try Descriptor.open(path, O_RDONLY)
    var contents: [UInt8] = []
    // No more memory than a short file needs: every octet of it is cleared first.
    let pieceBytes = min(limitBytes + 1, 65_536)
    while let piece = try file.read(limit: pieceBytes), !piece.isEmpty {
      contents += piece
      guard contents.count <= limitBytes else {
        throw SystemError(call: "read", code: EFBIG, subject: path)
      }
    }
    return contents
  }

  /// Replaces a file so that a reader, also after a power cut, sees the old or the new one whole:
  /// temporary file, fsync, rename, fsync of the directory.
  public static func replace(
    _ path: String, with contents: some Collection<UInt8>, mode: UInt32 = 0o600
  ) throws(SystemError) {
    let temporary = path + ".new"
    do {
      let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
      try writeAll(file, contents)
      let number = file.rawValue
      try system("fsync", temporary) { fsync(number) }
    }
    try system("rename", path) { unsafe rename(temporary, path) }
    try synchronise(parent(of: path))
  }

  /// Returns when a file, or the names in a directory, are on the disk.
  public static func synchronise(_ path: String) throws(SystemError) {
    let file = try Descriptor.open(path, O_RDONLY)
    let number = file.rawValue
    try system("fsync", path) { fsync(number) }
  }

  /// Whether what is at `path` lies in memory, and is gone with the next start of the machine.
  public static func isInMemory(_ path: String) throws(SystemError) -> Bool {
    var status = statfs()
    try system("statfs", path) { unsafe statfs(path, &status) }
    // TMPFS_MAGIC of linux/magic.h.
    return status.f_type == 0x0102_1994
  }

  /// Writes a value to an existing file in place, as sysctls want it.
  public static func set(_ path: String, _ value: String) throws(SystemError) {
    let file = try Descriptor.open(path, O_WRONLY)
    do {
      try writeAll(file, Array(value.utf8))
    } catch { throw SystemError(call: error.call, code: error.code, subject: path) }
  }

  /// The directory that holds `path`.
  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func writeAll(
    _ file: borrowing Descriptor, _ contents: some Collection<UInt8>
  ) throws(SystemError) {
    var rest = Array(contents)[...]
    repeat {
      guard let count = try file.write(rest) else { continue }
      rest = rest.dropFirst(count)
    } while !rest.isEmpty
  }
}
