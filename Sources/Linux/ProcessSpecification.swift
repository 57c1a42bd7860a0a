import CLinux
import Glibc

/// A Linux capability, by its number in `capabilities(7)`.
public struct Capability: RawRepresentable, Hashable, Sendable {
  /// The bit number.
  public let rawValue: Int32
  /// Names a capability by its bit number.
  public init(rawValue: Int32) { self.rawValue = rawValue }
  /// Interfaces, routes, nftables, conntrack.
  public static let netAdmin = Capability(rawValue: CAP_NET_ADMIN)
  /// Raw and packet sockets, binding to a device.
  public static let netRaw = Capability(rawValue: CAP_NET_RAW)
  /// Ports below 1024.
  public static let netBindService = Capability(rawValue: CAP_NET_BIND_SERVICE)
  /// The clock of the machine.
  public static let sysTime = Capability(rawValue: CAP_SYS_TIME)
  /// Locked memory without regard to the limit.
  public static let ipcLock = Capability(rawValue: CAP_IPC_LOCK)
}

/// Everything that a child process starts with.
///
/// A child that does not get as far as its program exits with 118 (no terminal), 119 (no resolver
/// file), 120 (no network namespace), 121 (we are gone), 122 (no capabilities), 123 (no change of
/// user), 124 (no descriptors), 126 (the program cannot run) or 127 (there is none).
public struct ProcessSpecification: Hashable, Sendable {
  /// Path of the program; nil runs this same program again (`/proc/self/exe`).
  public var program: String?
  /// `argv`, the name first.
  public var arguments: [String]
  /// `NAME=VALUE` strings; nothing is inherited.
  public var environment: [String] = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"]
  /// Descriptors of ours that become 0, 1, 2, 3 … in the child; all others are closed.
  public var descriptors: [Int32] = [0, 1, 2]
  /// User and group number to change to; nil keeps ours.
  public var user: UInt32?
  /// Capabilities to keep, in every set; nil leaves them alone.
  public var capabilities: [Capability]?
  /// Real-time priority 1…99 (`SCHED_FIFO`), or nil for the ordinary scheduler.
  public var realTimePriority: Int32?
  /// How far the child stands back for others under the ordinary scheduler, 0…19.
  public var niceness: Int32 = 0
  /// Lifts the limit on locked memory.
  public var mayLockMemory = false
  /// No program run by the child can gain privileges.
  public var noNewPrivileges = false
  /// Signal that the child gets when we die, or nil.
  public var deathSignal: Int32?
  /// Makes the child the leader of a session of its own.
  public var newSession = false
  /// Makes descriptor 0 the terminal of that session: keys that interrupt reach the child.
  public var ownsTerminal = false
  /// Flags for `clone3`, such as `CLONE_NEWPID`.
  public var cloneFlags: UInt64 = 0
  /// Descriptor of a network namespace that the child enters; nil keeps ours. Needs `SYS_ADMIN`.
  public var networkNamespace: Int32?
  /// A file that the child alone sees as `/etc/resolv.conf`, in mounts of its own; nil keeps the
  /// system's, and so does a system without that file. To change what a running child sees, write
  /// the file in place (``Files/set(_:_:)``): a renamed one would not be seen. Needs `SYS_ADMIN`.
  public var resolverFile: String?

  /// A child with the given `argv`; `program` nil runs this same program again.
  public init(program: String? = nil, arguments: [String]) {
    self.program = program
    self.arguments = arguments
  }

  /// Starts the child.
  public func spawn() throws(SystemError) -> ChildProcess {
    var pidfd: Int32 = -1
    let pid = try unsafe withSpawn { pointer throws(SystemError) in
      try system("clone3", arguments.first ?? "") { unsafe ztb_spawn(pointer, &pidfd) }
    }
    return ChildProcess(pid: pid, pidfd: Descriptor(owning: pidfd))
  }

  /// Lays the values out for C; the pointers live as long as the call.
  private func withSpawn<Result>(
    _ body: (UnsafePointer<ztb_spawn>) throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    let argv = unsafe strings(arguments)
    let envp = unsafe strings(environment)
    let path = unsafe program.map { unsafe strdup($0) }
    let resolver = unsafe resolverFile.map { unsafe strdup($0) }
    let numbers = UnsafeMutablePointer<Int32>.allocate(capacity: max(1, descriptors.count))
    defer {
      unsafe release(argv)
      unsafe release(envp)
      if let path = unsafe path { unsafe free(path) }
      if let resolver = unsafe resolver { unsafe free(resolver) }
      unsafe numbers.deallocate()
    }
    for (index, number) in descriptors.enumerated() { unsafe numbers[index] = number }
    var raw = unsafe ztb_spawn()
    if let path = unsafe path { unsafe raw.path = unsafe UnsafePointer(path) }
    if let resolver = unsafe resolver {
      unsafe raw.resolver_file = unsafe UnsafePointer(resolver)
    }
    unsafe raw.argv = unsafe UnsafePointer(argv)
    unsafe raw.envp = unsafe UnsafePointer(envp)
    unsafe raw.descriptors = unsafe UnsafePointer(numbers)
    unsafe raw.descriptor_count = Int32(descriptors.count)
    unsafe raw.uid = user ?? 0
    unsafe raw.gid = user ?? 0
    unsafe raw.set_ids = user == nil ? 0 : 1
    unsafe raw.capabilities = (capabilities ?? []).reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    unsafe raw.limit_capabilities = capabilities == nil ? 0 : 1
    unsafe raw.fifo_priority = realTimePriority ?? 0
    unsafe raw.niceness = niceness
    unsafe raw.lock_memory = mayLockMemory ? 1 : 0
    unsafe raw.no_new_privileges = noNewPrivileges ? 1 : 0
    unsafe raw.death_signal = deathSignal ?? 0
    unsafe raw.new_session = newSession ? 1 : 0
    unsafe raw.owns_terminal = ownsTerminal ? 1 : 0
    unsafe raw.clone_flags = cloneFlags
    unsafe raw.network_namespace = networkNamespace ?? -1
    return try unsafe body(&raw)
  }

  private func strings(_ values: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: values.count + 1)
    for (index, value) in values.enumerated() { unsafe list[index] = unsafe strdup(value) }
    unsafe list[values.count] = nil
    return unsafe list
  }

  private func release(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
    var index = 0
    while let string = unsafe list[index] {
      unsafe free(string)
      index += 1
    }
    unsafe list.deallocate()
  }
}
