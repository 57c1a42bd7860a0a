import Glibc
import Linux
import Supervision
import Wire

/// What each role is started with: its line of the service table and its privileges.
///
/// User numbers are fixed and need no passwd entry; what a role may do is this one line.
struct RoleSpecification {
  /// The role.
  let name: RoleName
  /// Its line of the service table.
  let service: Service
  /// User and group number.
  let user: UInt32
  /// Capabilities it keeps.
  let capabilities: [Capability]
  /// SCHED_FIFO priority; locked memory goes with it, by the capability and not by the limit
  /// alone, which a supervisor without SYS_RESOURCE (in a container) cannot lift.
  let realTimePriority: Int32?

  /// What its process starts with; the channel is put in at descriptor 3.
  func process(null: Int32, lock: Int32, beat: Int32?) -> ProcessSpecification {
    // What runs in real time is in a binary of its own (``SupervisedPrograms``).
    let isRealTime = realTimePriority != nil
    var process = ProcessSpecification(
      program: isRealTime ? SupervisedPrograms.ha : nil,
      arguments: [isRealTime ? "ztbd-ha" : "ztbd", "role", name.rawValue])
    process.descriptors = [null, STDERR_FILENO, STDERR_FILENO, lock]
    if let beat { process.descriptors.append(beat) }
    process.user = user
    process.capabilities = capabilities
    process.realTimePriority = realTimePriority
    process.mayLockMemory = isRealTime
    process.noNewPrivileges = true
    // Ctrl-C in a terminal is for the supervisor alone, which then has the roles leave in order.
    process.newSession = true
    return process
  }

  /// The roles of a pair, in the order of the service table: the last leaves first.
  static let pair = [fence, policy, sync, vrrp]
  /// The roles of a gateway alone.
  static let standalone = [policy]

  private static let fence = RoleSpecification(
    name: .fence, service: Service(RoleName.fence.rawValue), user: 7_102,
    capabilities: [.netAdmin, .netRaw, .ipcLock], realTimePriority: 51)

  private static let policy = RoleSpecification(
    name: .policy, service: Service(RoleName.policy.rawValue, readyWithin: .seconds(30)),
    user: 7_104, capabilities: [.netAdmin], realTimePriority: nil)

  // A status once a second is its sign of life; a full copy of a large table may delay it.
  private static let sync = RoleSpecification(
    name: .sync, service: Service(RoleName.sync.rawValue, beatWithin: .seconds(30)),
    user: 7_103, capabilities: [.netAdmin], realTimePriority: nil)

  // Its fence acts within milliseconds; this is only about who ends a hung process.
  private static let vrrp = RoleSpecification(
    name: .vrrp,
    service: Service(
      RoleName.vrrp.rawValue, requires: [RoleName.fence.rawValue, RoleName.policy.rawValue],
      after: [RoleName.sync.rawValue], beatWithin: .seconds(5), leaveWithin: .seconds(3)),
    user: 7_101, capabilities: [.netAdmin, .netRaw, .ipcLock], realTimePriority: 50)
}

/// The roles that forward packets, by the name on their command line. What people and the portal
/// talk to is in ``Household``.
enum RoleName: String, Hashable, CaseIterable {
  /// VRRP and the heartbeat.
  case vrrp
  /// Watches `vrrp`.
  case fence
  /// Session synchronisation.
  case sync
  /// nftables.
  case policy
}
