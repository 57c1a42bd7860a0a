public import RoleChannel

extension RoleProgram {
  /// `ztbd-net`: the roles that speak HTTP.
  public static let net = RoleProgram(
    "ztbd-net",
    help: """
      usage: ztbd-net role agent     talks to the portal: activation, configuration, status, events
             ztbd-net role web       serves the activation page on the management port
             ztbd-net role checks    asks the targets of path checks
             ztbd-net version | --help

      Started by `ztbd supervise` only: a role finds its channel at descriptor 3.
      Exit status: 0 asked to leave, 1 cannot go on, 2 wrong usage.

      """,
    roles: ["agent": AgentProcess.run, "web": WebProcess.run, "checks": ChecksProcess.run])
}
