import CLinux
import Glibc
import Linux

/// `ztbd role NAME`: the entry points of the supervised roles.
public enum RoleProgram {
  /// Name on the command line to what runs; a role takes everything else from its descriptors.
  private static let entries: [String: @Sendable () -> Int32] = [
    "console": ConsoleProcess.run, "console-2": ConsoleProcess.run,
    "console-3": ConsoleProcess.run, "fence": FenceProcess.run, "lldp": LLDPProcess.run,
    "policy": PolicyProcess.run, "probe": ProbeProcess.run, "sync": SyncProcess.run,
    "vrrp": VRRPProcess.run,
  ]

  /// Runs a role to its end and returns its exit status; nil when there is none of that name.
  public static func run(_ name: String) -> Int32? {
    guard let entry = entries[name] else { return nil }
    // What ps and top show instead of "exe", the name behind /proc/self.
    unsafe "ztb-\(name)".withCString { _ = ztb_prctl(PR_SET_NAME, UInt(bitPattern: $0), 0) }
    do {
      try SystemCallFilter.install()
    } catch {
      let line = Array("\(name): \(error)\n".utf8)
      // A role that cannot be confined does not run, whether anybody reads why or not.
      return unsafe write(STDERR_FILENO, line, line.count) < 0 ? 2 : 1
    }
    return entry()
  }
}
