import CLinux
import Glibc

/// An open file descriptor with one owner; closed when the owner goes.
///
/// Every descriptor is close-on-exec. A child gets one only through
/// ``ProcessSpecification/descriptors``.
public struct Descriptor: ~Copyable, Sendable {
  /// The number, for system calls while the owner lives.
  public let rawValue: Int32

  /// Takes over `rawValue`, which must be open and owned by nobody else.
  public init(owning rawValue: Int32) {
    precondition(rawValue >= 0, "a descriptor is not negative")
    self.rawValue = rawValue
  }

  deinit { close(rawValue) }

  /// Gives the number up without closing it.
  public consuming func release() -> Int32 {
    let number = rawValue
    discard self
    return number
  }

  /// Opens a file; `flags` as for `open(2)`, `O_CLOEXEC` is added.
  public static func open(
    _ path: String, _ flags: Int32, mode: UInt32 = 0o600
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try system("open", path) {
        unsafe path.withCString { unsafe ztb_open($0, flags, mode) }
      })
  }

  /// Another descriptor for the same open file.
  public func duplicate() throws(SystemError) -> Descriptor {
    Descriptor(owning: try system("fcntl") { ztb_fcntl(rawValue, F_DUPFD_CLOEXEC, 3) })
  }

  /// Makes reads and writes return at once instead of waiting.
  public func setNonBlocking() throws(SystemError) {
    let flags = try system("fcntl") { ztb_fcntl(rawValue, F_GETFL, 0) }
    try system("fcntl") { ztb_fcntl(rawValue, F_SETFL, flags | O_NONBLOCK) }
  }

  /// Makes reads and writes wait; for who gets the descriptor and does not expect otherwise.
  public func setBlocking() throws(SystemError) {
    let flags = try system("fcntl") { ztb_fcntl(rawValue, F_GETFL, 0) }
    try system("fcntl") { ztb_fcntl(rawValue, F_SETFL, flags & ~O_NONBLOCK) }
  }

  /// Reads at most `limit` octets; nil when nothing is there yet, empty at the end.
  public func read(limit: Int) throws(SystemError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    guard
      let count = try systemOrWouldBlock(
        "read", "", { unsafe Glibc.read(rawValue, &bytes, limit) })
    else { return nil }
    bytes.removeLast(limit - count)
    return bytes
  }

  /// Writes from `bytes`; the number written, or nil when nothing can be taken now.
  public func write(_ bytes: some Collection<UInt8>) throws(SystemError) -> Int? {
    let contiguous = ContiguousArray(bytes)
    var result: Swift.Result<Int?, SystemError> = .success(nil)
    unsafe contiguous.withUnsafeBytes { buffer in
      do throws(SystemError) {
        result = .success(
          try systemOrWouldBlock("write") {
            unsafe Glibc.write(rawValue, buffer.baseAddress, buffer.count)
          })
      } catch { result = .failure(error) }
    }
    return try result.get()
  }
}
