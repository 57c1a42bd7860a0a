import Glibc
import Messages
import Roles
import Verbs

/// One binary, several programs: `ztb` and the hook of the DHCP client by their names, everything
/// else by its first argument.
enum Program {
  private static let help = """
    usage: ztbd supervise [--state-dir DIR] [--run-dir DIR] [--config FILE]
           ztbd role NAME      (started by the supervisor only)
           ztbd diagnose KIND [TARGET] [OPTION VALUE]…
           ztbd support-bundle --run-dir DIR --state-dir DIR --log-dir DIR
           ztbd install-update --bundle FILE …
           ztbd init           (started by the kernel of the appliance only)
           ztbd version | --help
           ztb VERB…           (this program under another name)

    """

  /// Runs with `argv`; returns the exit status.
  static func run(_ arguments: [String]) -> Int32 {
    let name = arguments.first?.split(separator: "/").last ?? "ztbd"
    let rest = Array(arguments.dropFirst())
    if name == "ztb" { return CommandLineTool.run(rest) }
    if name == "init" { return InitProcess.run() }
    if name == LeaseHook.programName { return LeaseHook.run(arguments) }
    switch rest.first {
    case "diagnose": return DiagnosisProgram.run(Array(rest.dropFirst()))
    case "install-update": return InstallProgram.run(Array(rest.dropFirst()))
    case "support-bundle": return SupportBundle.run(Array(rest.dropFirst()))
    case "init": return InitProcess.run()
    case "supervise": return Supervise.run(Array(rest.dropFirst()))
    case "role":
      if rest.count == 2, let status = RoleProgram.run(rest[1]) { return status }
    case "version":
      print("ztbd \(Product.version)")
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
