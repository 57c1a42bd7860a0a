import Glibc

/// Names in directories.
public enum Directory {
  /// The entries of a directory without `.` and `..`, sorted; none when it cannot be read.
  public static func names(_ path: String) -> [String] {
    guard let stream = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(stream) }
    var result: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != "." && name != ".." { result.append(name) }
    }
    return result.sorted()
  }
}
