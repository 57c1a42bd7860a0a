import CLinux
import Glibc
import Linux
import Messages

/// A binary that holds roles: `NAME role ROLE`, `NAME version`, `NAME --help`.
public struct RoleProgram: Sendable {
  private let name: String
  private let help: String
  private let roles: [String: @Sendable () -> Int32]

  /// - Parameters:
  ///   - name: what the binary is called.
  ///   - help: what `--help` prints, and wrong usage to standard error.
  ///   - roles: name on the command line to what runs; a role takes everything else from its
  ///     descriptors and returns its exit status.
  public init(_ name: String, help: String, roles: [String: @Sendable () -> Int32]) {
    self.name = name
    self.help = help
    self.roles = roles
  }

  /// Runs with what follows the program's name; the exit status is 2 for wrong usage.
  public func run(_ arguments: [String]) -> Int32 {
    switch arguments.first {
    case "role":
      if arguments.count == 2, let status = runRole(arguments[1]) { return status }
    case "version":
      print("\(name) \(Product.version)")
      return 0
    case "--help":
      print(help, terminator: "")
      return 0
    default: break
    }
    let bytes = Array(help.utf8)
    // Nobody is left to tell when standard error is gone.
    _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
    return 2
  }

  /// Runs a role, confined, to its end; nil when there is none of that name.
  private func runRole(_ role: String) -> Int32? {
    guard let entry = roles[role] else { return nil }
    // What ps and top show instead of "exe", the name behind /proc/self.
    unsafe "ztb-\(role)".withCString { _ = ztb_prctl(PR_SET_NAME, UInt(bitPattern: $0), 0) }
    do {
      try SystemCallFilter.install()
    } catch {
      let line = Array("\(role): \(error)\n".utf8)
      // A role that cannot be confined does not run, whether anybody reads why or not.
      return unsafe write(STDERR_FILENO, line, line.count) < 0 ? 2 : 1
    }
    return entry()
  }
}
