import CLinux
import Glibc
import Linux
import Messages
import Update
import Wire

/// The process that installs: it owns the slots as user 0, without one capability.
final class InstallRun {
  /// When it is ended, unless it says something before.
  private(set) var deadline: Instant
  /// The EFI system partition stays mounted as long as the process runs.
  let partition: BootPartition
  private let child: ChildProcess
  private let output: Descriptor
  private let reactor: Reactor
  private let said: (String) -> Void
  private var rest: [UInt8] = []
  private var last = ""

  /// Starts it on the bundle at `path`.
  ///
  /// - Parameters:
  ///   - said: gets every line but the last.
  ///   - ended: gets the last line, once.
  init(
    _ path: String, _ arguments: [String], partition: BootPartition, _ reactor: Reactor,
    said: @escaping (String) -> Void, ended: @escaping (String) -> Void
  ) throws(SystemError) {
    // Without capabilities it could not open what belongs to the agent.
    let bundle = try Self.open(path)
    var ends: [Int32] = [-1, -1]
    try system("pipe2") { unsafe pipe2(&ends, O_CLOEXEC) }
    output = Descriptor(owning: ends[0])
    let input = Descriptor(owning: ends[1])
    var process = ProcessSpecification(
      arguments: ["ztbd", "install-update", "--bundle", "-", "--esp", partition.path] + arguments)
    process.descriptors = [bundle.rawValue, input.rawValue, input.rawValue]
    process.capabilities = []
    process.noNewPrivileges = true
    process.newSession = true
    process.deathSignal = SIGKILL
    self.partition = partition
    self.reactor = reactor
    self.said = said
    child = try process.spawn()
    deadline = MonotonicClock.now() + SupervisorLimits.installPatience
    try output.setNonBlocking()
    try reactor.add(output.rawValue) { [unowned self] _ in
      guard isFinished() else { return }
      reactor.remove(output.rawValue)
      _ = child.wait(milliseconds: 100)
      ended(last)
    }
  }

  deinit {
    reactor.remove(output.rawValue)
    child.signal(SIGKILL)
    _ = child.wait(milliseconds: 1_000)
  }

  /// Opens a file that may have been put there by somebody else: not a pipe, which would have us wait.
  private static func open(_ path: String) throws(SystemError) -> Descriptor {
    let file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    let number = file.rawValue
    var status = stat()
    try system("fstat", path) { unsafe fstat(number, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SystemError(call: "open", code: EINVAL, subject: "\(path) (not a file)")
    }
    return file
  }

  private func isFinished() -> Bool {
    do throws(SystemError) {
      while let piece = try output.read(limit: 4_096) {
        if piece.isEmpty { return true }
        take(piece)
      }
      return false
    } catch { return true }
  }

  private func take(_ piece: [UInt8]) {
    deadline = MonotonicClock.now() + SupervisorLimits.installPatience
    // A line is short; whatever does not end is not one of ours.
    rest += piece.prefix(SupervisorLimits.diagnosisBytes - rest.count)
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      last = String(decoding: rest[..<end], as: UTF8.self)
      rest.removeFirst(end + 1)
      said(last)
    }
  }
}
