import Glibc
public import Linux

/// Mounts, as the first programs make them.
public enum Mounting {
  /// Mounts a file system; `flags` are those of `mount(2)`, such as `MS_RDONLY`.
  public static func mount(
    _ source: String, at target: String, type: String, flags: Int = 0
  ) throws(SystemError) {
    try system("mount", target) {
      unsafe Glibc.mount(source, target, type, UInt(flags), nil)
    }
  }

  /// Mounts one of the kernel's own file systems, such as `proc`, unless it is there already.
  public static func ensure(_ type: String, at target: String, flags: Int) throws(SystemError) {
    do {
      try mount(type, at: target, type: type, flags: flags)
    } catch { if error.code != EBUSY { throw error } }
  }

  /// Moves what is mounted at one place to another.
  public static func move(_ source: String, to target: String) throws(SystemError) {
    try system("mount", target) {
      unsafe Glibc.mount(source, target, nil, UInt(MS_MOVE), nil)
    }
  }
}
