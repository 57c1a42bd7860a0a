public import RoleChannel

extension RoleProgram {
  /// `ztbd-ha`: the roles that a failover hangs on, and the one that measures it.
  public static let ha = RoleProgram(
    "ztbd-ha",
    help: """
      usage: ztbd-ha role vrrp     VRRP and the heartbeat: who is active
             ztbd-ha role fence    takes the addresses from a vrrp that is dead
             ztbd-ha role probe    asks during a drill who answers at the addresses
             ztbd-ha version | --help

      Started by `ztbd supervise` only: a role finds its channel at descriptor 3.
      Exit status: 0 asked to leave, 1 cannot go on, 2 wrong usage.

      """,
    roles: ["vrrp": VRRPProcess.run, "fence": FenceProcess.run, "probe": ProbeProcess.run])
}
