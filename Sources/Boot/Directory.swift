import Glibc

/// What a directory holds.
public enum Directory {
  /// Paths of everything in it, in order; none when it cannot be read.
  public static func files(in path: String) -> [String] { names(path).map { "\(path)/\($0)" } }

  /// In order, without the two that every directory has; none when it cannot be read.
  static func names(_ path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
