import CLinux
import Glibc
import Linux

/// `/cfg/boot/VERSION`: how far a version of the software came when it was last started.
///
/// The version that runs after it, when it did not come up, tells its reader why.
struct BootRecord {
  /// Directory of the records.
  static let directory = "/cfg/boot"

  private let path: String

  /// Begins the record of a version anew.
  init(version: String) throws(SystemError) {
    path = "\(BootRecord.directory)/\(version)"
    if unsafe mkdir(BootRecord.directory, 0o700) != 0, errno != EEXIST {
      throw SystemError(call: "mkdir", code: errno, subject: BootRecord.directory)
    }
    try Files.replace(path, with: Array("init\n".utf8))
  }

  /// Adds a line and waits until the disk has it. What cannot be written is missed by nobody who
  /// can still do something about it.
  func add(_ line: String) {
    guard let file = try? Descriptor.open(path, O_WRONLY | O_APPEND) else { return }
    _ = try? file.write(Array("\(line)\n".utf8))
    fsync(file.rawValue)
  }
}
