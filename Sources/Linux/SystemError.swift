import CLinux
import Glibc

/// A system call that failed: which one, with what `errno`, on what.
public struct SystemError: Error, Hashable, Sendable {
  /// The call, such as `bind`.
  public let call: String
  /// The value of `errno`, such as `EADDRINUSE`.
  public let code: Int32
  /// What the call was made on: a path, an interface, an address. May be empty.
  public let subject: String

  /// Describes a failed call.
  public init(call: String, code: Int32, subject: String = "") {
    self.call = call
    self.code = code
    self.subject = subject
  }
}

extension SystemError: CustomStringConvertible {
  /// `bind ge4: Address already in use`.
  public var description: String {
    let reason = unsafe String(cString: strerror(code))
    return subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
  }
}

/// Makes a system call: again after `EINTR`, a value or a thrown error otherwise.
///
/// `EBADF` and `EFAULT` are bugs of ours, never of the outside, and trap.
@discardableResult
public func system<Result: FixedWidthInteger>(
  _ call: StaticString, _ subject: @autoclosure () -> String = "", _ body: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = body()
    if result >= 0 { return result }
    let code = errno
    if code == EINTR { continue }
    precondition(code != EBADF && code != EFAULT, "\(call) was given a bad descriptor or address")
    throw SystemError(call: "\(call)", code: code, subject: subject())
  }
}

/// Like ``system(_:_:_:)``, with "it would block" as nil: a full or empty socket is no error.
@discardableResult
public func systemOrWouldBlock<Result: FixedWidthInteger>(
  _ call: StaticString, _ subject: @autoclosure () -> String = "", _ body: () -> Result
) throws(SystemError) -> Result? {
  do {
    return try system(call, subject(), body)
  } catch {
    if error.code == EAGAIN || error.code == EWOULDBLOCK { return nil }
    throw error
  }
}
