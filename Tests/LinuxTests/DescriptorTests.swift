import CLinux
import Glibc
import Linux
import Testing

/// Whether `number` is an open descriptor of this process.
private func isOpen(_ number: Int32) -> Bool { ztb_fcntl(number, F_GETFD, 0) >= 0 }

/// Whether `path` names what descriptor `number` has open.
///
/// Other tests open and close descriptors at the same time, so a number alone proves nothing.
private func holds(_ number: Int32, _ path: String) -> Bool {
  var buffer = [CChar](repeating: 0, count: 4_096)
  let count = unsafe readlink("/proc/self/fd/\(number)", &buffer, buffer.count)
  return count > 0
    && String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) == path
}

@Test("a descriptor is closed when its owner goes, and is close-on-exec before")
func descriptorCloses() throws {
  let path = "/proc/self/oom_score"
  func use() throws -> Int32 {
    let file = try Descriptor.open(path, O_RDONLY)
    #expect(ztb_fcntl(file.rawValue, F_GETFD, 0) == FD_CLOEXEC)
    return file.rawValue
  }
  let number = try use()
  #expect(!holds(number, path))
}

@Test("a released descriptor stays open and belongs to the caller")
func descriptorRelease() throws {
  let number = try Descriptor.open("/dev/null", O_RDONLY).release()
  #expect(isOpen(number))
  close(number)
}

@Test("a system call that fails says which call, on what, and why")
func systemErrorText() {
  let error = #expect(throws: SystemError.self) {
    _ = try Descriptor.open("/nonexistent", O_RDONLY)
  }
  #expect(error?.description == "open /nonexistent: No such file or directory")
}

@Test("reading a file stops at the limit")
func fileLimit() throws {
  let error = #expect(throws: SystemError.self) {
    _ = try Files.read("/proc/self/maps", limitBytes: 10)
  }
  #expect(error?.code == EFBIG)
}

@Test("a replaced file is whole and leaves no temporary file")
func fileReplace() throws {
  let path = "/tmp/ztb-linux-tests-\(getpid())"
  defer { unsafe unlink(path) }
  try Files.replace(path, with: Array("one".utf8))
  try Files.replace(path, with: Array("two".utf8))
  #expect(try Files.read(path) == Array("two".utf8))
  #expect(unsafe access(path + ".new", F_OK) != 0)
}
