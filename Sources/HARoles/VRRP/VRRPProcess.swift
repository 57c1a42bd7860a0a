import CLinux
import Glibc
import Linux

/// The process of the `vrrp` role: NET_ADMIN, NET_RAW, real-time, given by whoever starts it.
enum VRRPProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 { RealTimeRole.run("vrrp") { try VRRPRole().run() } }
}

/// What `vrrp` and `fence` have in common as processes.
enum RealTimeRole {
  /// Runs `body` and returns the exit status.
  static func run(_ name: String, _ body: () throws -> Int32) -> Int32 {
    // Ctrl-C in a terminal reaches the whole process group; only the supervisor acts on it.
    _ = signal(SIGINT, SIG_IGN)
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      return try body()
    } catch {
      // Without a channel there is nobody to tell but whoever reads standard error.
      let line = Array("\(name): \(error)\n".utf8)
      _ = unsafe write(STDERR_FILENO, line, line.count)
      return 1
    }
  }

  /// Keeps every page in memory from its first use on, and says what is missing for real-time work.
  ///
  /// The program itself is read whole, now: a takeover runs through parts of it for the first time.
  /// Of the libraries a role with heartbeats uses what each of them uses; `withLibraries` they are
  /// read whole, too.
  static func lockMemory(withLibraries: Bool) -> String? {
    let all = MCL_CURRENT | MCL_FUTURE
    let isLocked =
      withLibraries
      ? mlockall(Int32(all)) == 0
      : mlockall(Int32(all | MCL_ONFAULT)) == 0 && ztb_mlock_program() == 0
    guard isLocked else {
      return "memory is not locked: the limit (RLIMIT_MEMLOCK) is too low"
    }
    return sched_getscheduler(0) == SCHED_FIFO ? nil : "the scheduler is not SCHED_FIFO"
  }
}
