import CLinux
import Glibc
public import Linux

/// A module of the kernel, as a line of a list names it: its file and, behind a space, its options, of
/// which `if=FLAG` is ours.
public struct KernelModule: Hashable, Sendable {
  /// Where the file is.
  public let path: String
  /// `NAME=VALUE` words, or nothing.
  public let options: String
  /// What the processor has to be able to do, as `/proc/cpuinfo` calls it; nil: nothing.
  public let processorFlag: String?

  /// Names a module.
  public init(path: String, options: String = "", processorFlag: String? = nil) {
    self.path = path
    self.options = options
    self.processorFlag = processorFlag
  }

  /// Reads a list, which is in the order of loading; empty lines mean nothing.
  public static func list(_ text: String) -> [KernelModule] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard let path = words.first else { return nil }
      let flag = words.dropFirst().first { $0.hasPrefix("if=") }
      return KernelModule(
        path: path, options: words.dropFirst().filter { $0 != flag }.joined(separator: " "),
        processorFlag: flag.map { String($0.dropFirst(3)) })
    }
  }

  /// Whether it is for a processor of which `/proc/cpuinfo` says this.
  public func isFor(_ processor: String) -> Bool {
    guard let processorFlag else { return true }
    let flags = processor.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    return flags.split { " \t:".contains($0) }.contains { $0 == processorFlag }
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
