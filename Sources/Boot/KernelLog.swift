import Glibc
public import Linux

/// Lines in the kernel's log, for the time before there is any other.
public struct KernelLog: ~Copyable {
  /// How bad a line is; the numbers of syslog (RFC 5424).
  public enum Level: Int, Sendable {
    case error = 3
    case notice = 5
    case info = 6
  }

  private let device: Descriptor
  private let name: String

  /// Opens `/dev/kmsg`; every line begins with `name`.
  public init(as name: String) throws(SystemError) {
    device = try Descriptor.open("/dev/kmsg", O_WRONLY)
    self.name = name
  }

  /// Writes one line. The kernel takes a line a `write`, so nothing is buffered.
  public func write(_ level: Level, _ text: String) {
    // There is nobody to tell of a line that the kernel does not take.
    _ = try? device.write(Array("<\(level.rawValue)>\(name): \(text)\n".utf8)[...])
  }
}
