public import RoleChannel

extension RoleProgram {
  /// `ztbd`, as far as it holds roles.
  public static let engine = RoleProgram(
    "ztbd",
    help: """
      usage: ztbd supervise [--state-dir DIR] [--run-dir DIR] [--config FILE]
             ztbd role NAME      (started by the supervisor only)
             ztbd diagnose KIND [TARGET] [OPTION VALUE]…
             ztbd support-bundle --run-dir DIR --state-dir DIR --log-dir DIR
             ztbd install-update --bundle FILE …
             ztbd version | --help
             ztb VERB…           (this program under another name)

      """,
    roles: [
      "console": ConsoleProcess.run, "console-2": ConsoleProcess.run,
      "console-3": ConsoleProcess.run, "lldp": LLDPProcess.run, "policy": PolicyProcess.run,
      "sync": SyncProcess.run,
    ])
}
