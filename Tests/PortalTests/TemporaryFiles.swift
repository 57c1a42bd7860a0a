import Glibc
import Linux

/// Files of a test that go again.
enum TemporaryFiles {
  /// Removes a database with what SQLite keeps beside it.
  static func remove(_ path: String) {
    for name in [path, path + "-wal", path + "-shm"] { unsafe unlink(name) }
  }

  /// Removes a folder of files.
  static func removeFolder(_ path: String) {
    for name in Directory.names(path) { unsafe unlink(path + "/" + name) }
    unsafe rmdir(path)
  }
}
