import Glibc

/// Files of a test that go again.
enum TemporaryFiles {
  /// Removes a database with what SQLite keeps beside it.
  static func remove(_ path: String) {
    for name in [path, path + "-wal", path + "-shm"] { unsafe unlink(name) }
  }
}
