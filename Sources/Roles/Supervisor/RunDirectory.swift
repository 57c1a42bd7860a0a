import CLinux
import Glibc
import Linux
import Wire

/// The run directory: the lock, and the record of our processes for whoever comes after us.
///
///     lock         flocked; every role inherits the descriptor, so it is free only when the last
///                  of them has gone
///     processes    NAME PID START-TIME, one a line; `supervise` is ours
///     control.sock the control socket
final class RunDirectory {
  /// Why a start is refused.
  enum Refusal: Error {
    /// Another supervisor works on this directory.
    case alreadyRunning(pid: Int32)
    /// Processes that nobody recorded hold the lock.
    case held
    /// The operating system refused.
    case system(SystemError)
  }

  private let path: String
  private let lock: Descriptor
  private var processes: [String: ProcessIdentity] = [:]

  /// The lock's number, descriptor 4 of every role.
  var lockDescriptor: Int32 { lock.rawValue }

  /// Takes the lock; waits for and at last kills what a killed predecessor left.
  ///
  /// `waiting` is told once when that takes time.
  init(
    _ path: String, patience: Interval = SupervisorLimits.lockPatience, waiting: (String) -> Void
  ) throws(Refusal) {
    self.path = path
    do {
      lock = try Descriptor.open(path + "/lock", O_RDWR | O_CREAT)
    } catch { throw .system(error) }
    if !tryLock() {
      if let other = RunDirectory.record(path)["supervise"], other.isAlive {
        throw .alreadyRunning(pid: other.pid)
      }
      waiting("waiting for the processes of the last start to leave")
      guard waitForLock(patience) || killRecorded() else { throw .held }
    }
    // Also after a lock that was free: a role may have closed it and hang all the same.
    for (_, process) in RunDirectory.record(path) where process.pid != getpid() { process.kill() }
    remember("supervise", pid: getpid())
  }

  /// Records a process, or (nil) forgets it.
  func remember(_ name: String, pid: Int32?) {
    processes[name] = pid.flatMap { ProcessIdentity(runningAs: $0) }
    let lines = processes.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value.pid) \($0.value.startTime)\n" }
    let temporary = path + "/processes.new"
    // No fsync: a record is of use only while the machine that wrote it runs. A failure leaves
    // the last record; the lock still protects.
    guard let file = try? Descriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC),
      (try? file.write(Array(lines.joined().utf8))) != nil
    else { return }
    unsafe rename(temporary, path + "/processes")
  }

  /// Tells a following start that this one is on its way out, so that it waits for the lock.
  func forgetSelf() { remember("supervise", pid: nil) }

  /// Removes what the directory holds; the lock goes with the process.
  func clear() {
    for name in ["processes", "control.sock"] { unsafe unlink("\(path)/\(name)") }
  }

  private func tryLock() -> Bool { flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0 }

  private func waitForLock(_ patience: Interval) -> Bool {
    let end = MonotonicClock.now() + patience
    while MonotonicClock.now() < end {
      if tryLock() { return true }
      // Nothing tells that a lock is free; this is the start, and nobody waits for this loop.
      usleep(10_000)
    }
    return false
  }

  private func killRecorded() -> Bool {
    for (_, process) in RunDirectory.record(path) { process.kill() }
    return waitForLock(.seconds(1))
  }

  private static func record(_ path: String) -> [String: ProcessIdentity] {
    // No file: nothing was left.
    guard let octets = try? Files.read(path + "/processes", limitBytes: 65_536) else { return [:] }
    var result: [String: ProcessIdentity] = [:]
    for line in String(decoding: octets, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count == 3, let pid = Int32(fields[1]), pid > 1, let time = UInt64(fields[2])
      else { continue }
      result[String(fields[0])] = ProcessIdentity(pid: pid, startTime: time)
    }
    return result
  }
}
