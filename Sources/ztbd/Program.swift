import RoleChannel
import Roles
import Verbs

/// One binary, several programs: `ztb` and the hook of the DHCP client by their names, everything
/// else by its first argument.
enum Program {
  /// Runs with `argv`; returns the exit status.
  static func run(_ arguments: [String]) -> Int32 {
    let name = arguments.first?.split(separator: "/").last ?? "ztbd"
    let rest = Array(arguments.dropFirst())
    if name == "ztb" { return CommandLineTool.run(rest) }
    if name == LeaseHook.programName { return LeaseHook.run(arguments) }
    return switch rest.first {
    case "diagnose": DiagnosisProgram.run(Array(rest.dropFirst()))
    case "install-update": InstallProgram.run(Array(rest.dropFirst()))
    case "support-bundle": SupportBundle.run(Array(rest.dropFirst()))
    case "supervise": Supervise.run(Array(rest.dropFirst()))
    default: RoleProgram.engine.run(rest)
    }
  }
}
