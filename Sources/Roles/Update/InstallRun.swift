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
  private var process: CapturedProcess?
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
    var specification = ProcessSpecification(
      arguments: ["ztbd", "install-update", "--bundle", "-", "--esp", partition.path] + arguments)
    specification.capabilities = []
    specification.noNewPrivileges = true
    self.partition = partition
    self.said = said
    deadline = MonotonicClock.now() + SupervisorLimits.installPatience
    process = try CapturedProcess(
      specification, input: bundle, reactor, received: { [unowned self] in take($0) },
      ended: { [unowned self] in ended(last) })
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
