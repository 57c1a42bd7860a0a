import Glibc
import Messages
import NetRoles

/// The roles that speak HTTP, in a binary of their own: what has to be always there does not carry
/// libcurl and libmicrohttpd.
enum Program {
  private static let help = """
    usage: ztbd-net role agent     talks to the portal: activation, configuration, status, events
           ztbd-net role web       serves the activation page on the management port
           ztbd-net role checks    asks the targets of path checks
           ztbd-net version | --help

    Started by `ztbd supervise` only: a role finds its channel at descriptor 3.
    Exit status: 0 asked to leave, 1 cannot go on, 2 wrong usage.

    """

  /// Runs with `argv`; returns the exit status.
  static func run(_ arguments: [String]) -> Int32 {
    let rest = Array(arguments.dropFirst())
    switch rest.first {
    case "role":
      if rest.count == 2, let status = NetRoleProgram.run(rest[1]) { return status }
    case "version":
      print("ztbd-net \(Product.version)")
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
}
