import Glibc
import Linux

/// A process that cannot be mistaken for a later one with the same number: pid and start time.
struct ProcessIdentity: Hashable {
  /// Process number.
  let pid: Int32
  /// Clock ticks from the start of the machine to the start of the process.
  let startTime: UInt64

  /// Joins the parts, as they were recorded.
  init(pid: Int32, startTime: UInt64) {
    self.pid = pid
    self.startTime = startTime
  }

  /// Looks at a process that runs now; nil when there is none with that number.
  init?(runningAs pid: Int32) {
    // No such file is the answer, not an error.
    guard let octets = try? Files.read("/proc/\(pid)/stat") else { return nil }
    let text = String(decoding: octets, as: UTF8.self)
    // The name, field 2, is in parentheses and may hold spaces and parentheses itself.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[end...].split(separator: " ")
    // Field 3 is the first behind the name; field 22 is the start time, field 3 the state.
    guard fields.count > 20, fields[1] != "Z", let time = UInt64(fields[20]) else { return nil }
    self.init(pid: pid, startTime: time)
  }

  /// Whether exactly this process still runs.
  var isAlive: Bool { ProcessIdentity(runningAs: pid) == self }

  /// Sends SIGKILL if exactly this process still runs.
  func kill() { if isAlive { _ = Glibc.kill(pid, SIGKILL) } }
}
