import Glibc
import Linux
import Messages
import Testing
import Wire

@testable import Roles

/// A directory of its own, removed with the value.
final class ScratchDirectory {
  let path: String

  init() {
    var template = Array("/tmp/ztb-roles-tests-XXXXXX".utf8CString)
    path = unsafe String(cString: mkdtemp(&template))
  }

  deinit {
    for name in ["lock", "processes", "control.sock"] + (0...4).map({ "ztbd.log.\($0)" }) {
      unsafe unlink("\(path)/\(name)")
    }
    unsafe unlink(path + "/ztbd.log")
    unsafe rmdir(path)
  }
}

@Suite("Run directory")
struct RunDirectoryTests {
  @Test("a second supervisor is refused and told the first one's process")
  func alreadyRunning() throws {
    let scratch = ScratchDirectory()
    let first = try RunDirectory(scratch.path) { _ in }
    do {
      _ = try RunDirectory(scratch.path) { _ in }
      Issue.record("two supervisors in one directory")
    } catch RunDirectory.Refusal.alreadyRunning(let pid) {
      #expect(pid == getpid())
    }
    _ = first
  }

  @Test("a child that a predecessor recorded is killed; a process that only has its number is not")
  func leftovers() throws {
    let scratch = ScratchDirectory()
    let specification = ProcessSpecification(program: "/bin/sleep", arguments: ["sleep", "60"])
    let recorded = try specification.spawn()
    let innocent = try specification.spawn()
    let identity = try #require(ProcessIdentity(runningAs: recorded.pid))
    let record = """
      vrrp \(recorded.pid) \(identity.startTime)
      sync \(innocent.pid) 1
      garbage
      policy 1 1

      """
    try Files.replace(scratch.path + "/processes", with: Array(record.utf8))
    _ = try RunDirectory(scratch.path) { _ in }
    #expect(recorded.wait(milliseconds: 5_000) == .signalled(SIGKILL))
    #expect(innocent.reap() == nil)
    innocent.signal(SIGKILL)
    _ = innocent.wait()
  }

  @Test("a start waits for the lock that a child of the last one still holds, then kills the child")
  func heldByChild() throws {
    let scratch = ScratchDirectory()
    // A child that holds the lock, as one that hangs does after its supervisor's death.
    func leave() throws -> ChildProcess {
      let run = try RunDirectory(scratch.path) { _ in }
      var child = ProcessSpecification(program: "/bin/sleep", arguments: ["sleep", "60"])
      child.descriptors = [0, 1, 2, run.lockDescriptor]
      let process = try child.spawn()
      run.remember("policy", pid: process.pid)
      run.forgetSelf()
      return process
    }
    let child = try leave()
    var told = 0
    let start = MonotonicClock.now()
    let next = try RunDirectory(scratch.path, patience: .milliseconds(50)) { _ in told += 1 }
    #expect(told == 1)
    #expect(MonotonicClock.now() - start >= .milliseconds(50))
    #expect(child.wait(milliseconds: 1_000) == .signalled(SIGKILL))
    _ = next
  }

  @Test("a process is known by its number and its start time")
  func identity() throws {
    let own = try #require(ProcessIdentity(runningAs: getpid()))
    #expect(own.isAlive)
    #expect(!ProcessIdentity(pid: own.pid, startTime: own.startTime + 1).isAlive)
    #expect(ProcessIdentity(runningAs: Int32.max) == nil)
  }
}

@Suite("Log")
struct LogWriterTests {
  @Test("a full file is put aside and three of them are kept")
  func ring() throws {
    let scratch = ScratchDirectory()
    let log = LogWriter(directory: scratch.path, echoes: false)
    let text = String(repeating: "x", count: 64 << 10)
    // As many roles as lines, so that the limit of lines in a second does not bite.
    for number in 0..<6 * SupervisorLimits.logFileBytes / text.count {
      log.write(.info, "role\(number)", text)
    }
    let kept = (1...5).filter { unsafe access("\(scratch.path)/ztbd.log.\($0)", F_OK) == 0 }
    #expect(kept == [1, 2, 3])
    let size = try Files.read(scratch.path + "/ztbd.log").count
    #expect(size <= SupervisorLimits.logFileBytes)
  }

  @Test("an entry is one line, and a role that floods the log is cut")
  func flood() throws {
    let scratch = ScratchDirectory()
    let log = LogWriter(directory: scratch.path, echoes: false)
    for _ in 0..<3 * SupervisorLimits.logLinesPerSecond { log.write(.error, "sync", "a\nb\r\nc") }
    let text = String(decoding: try Files.read(scratch.path + "/ztbd.log"), as: UTF8.self)
    let lines = text.split(separator: "\n")
    // The loop may touch two seconds.
    #expect((1...2 * SupervisorLimits.logLinesPerSecond + 1).contains(lines.count))
    #expect(lines.first?.hasSuffix(" error sync a b c") == true)
  }
}
