import Messages
import Wire

/// What the roles reported last.
struct Knowledge {
  /// This node's role in the pair; `initialize` while `vrrp` does not run.
  var role = HARole.initialize
  /// The term that goes with it.
  var term: UInt64 = 0
  /// Why it has this role.
  var reason = "starting"
  /// The last picture of the group; nil while `vrrp` does not run.
  var vrrp: VRRPStatus?
  /// When that came.
  var vrrpToldAt: Instant?
  /// The last picture of the synchroniser; nil while `sync` does not run.
  var sync: SyncStatus?
  /// What the kernel enforces; kept when `policy` dies, as the kernel keeps it too.
  var policy: PolicyStatus?

  /// Whether the session tables agree, and why not.
  var syncReadiness: (ready: Bool, reason: String) {
    guard let sync else { return (false, "sync does not run") }
    return (sync.ready, sync.reason)
  }
}
