import CLinux
import Glibc
public import Linux

/// A module of the kernel, as a line of a list names it: its file and, behind a space, its options.
public struct KernelModule: Hashable, Sendable {
  /// Where the file is.
  public let path: String
  /// `NAME=VALUE` words, or nothing.
  public let options: String

  /// Names a module.
  public init(path: String, options: String = "") {
    self.path = path
    self.options = options
  }

  /// Reads a list, which is in the order of loading; empty lines mean nothing.
  public static func list(_ text: String) -> [KernelModule] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", maxSplits: 1)
      guard let path = words.first else { return nil }
      return KernelModule(path: String(path), options: words.count > 1 ? String(words[1]) : "")
    }
  }

  /// Loads it; one that is loaded already is no error.
  /// - Parameter root: stands in front of ``path``.
  /// - Throws: also when a driver does not find its hardware (`ENODEV`).
  public func load(root: String = "") throws(SystemError) {
    let file = try Descriptor.open(root + path, O_RDONLY)
    let number = file.rawValue
    do {
      try system("finit_module", path) { unsafe ztb_finit_module(number, options) }
    } catch { if error.code != EEXIST { throw error } }
  }
}
