import CLinux
import Glibc
public import Linux

/// System calls of the first program.
public enum FirstProgram {
  /// Mounts `type` at `target`.
  public static func mount(
    _ source: String, _ target: String, _ type: String, flags: UInt = 0
  ) throws(SystemError) {
    try system("mount", target) {
      unsafe Glibc.mount(source, target, type, flags, nil)
    }
  }
  /// Loads the module of a file.
  public static func load(_ path: String, options: String) throws(SystemError) {
    let file = try Descriptor.open(path, O_RDONLY)
    let number = file.rawValue
    try system("finit_module", path) { unsafe ztb_finit_module(number, options) }
  }
}
