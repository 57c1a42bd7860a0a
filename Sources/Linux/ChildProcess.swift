import CLinux
import Glibc

/// How a child ended.
public enum ExitStatus: Hashable, Sendable {
  /// It returned this exit status.
  case exited(Int32)
  /// This signal killed it.
  case signalled(Int32)
}

extension ExitStatus: CustomStringConvertible {
  /// `exit status 1`, or `signal 9`.
  public var description: String {
    switch self {
    case .exited(let status): "exit status \(status)"
    case .signalled(let number): "signal \(number)"
    }
  }
}

/// A child of ours, held by its pidfd: a signal can never reach another process with its number.
public final class ChildProcess {
  /// The process number, for people and records.
  public let pid: Int32
  private let pidfd: Descriptor

  init(pid: Int32, pidfd: consuming Descriptor) {
    self.pid = pid
    self.pidfd = pidfd
  }

  /// Readable when the child has ended; for ``Reactor/add(_:_:_:)``.
  public var descriptor: Int32 { pidfd.rawValue }

  /// Sends a signal; does nothing when the child has ended.
  public func signal(_ number: Int32) { _ = ztb_pidfd_send_signal(pidfd.rawValue, number) }

  /// Collects the exit status; nil while the child runs. To be called until it returns one.
  public func reap() -> ExitStatus? {
    var information = unsafe siginfo_t()
    guard unsafe ztb_waitid_pidfd(pidfd.rawValue, &information) == 0,
      unsafe ztb_siginfo_pid(&information) != 0
    else { return nil }
    let status = unsafe ztb_siginfo_status(&information)
    return Int(unsafe information.si_code) == Int(CLD_EXITED) ? .exited(status) : .signalled(status)
  }

  /// Waits at most `milliseconds` (-1: for ever) for the end.
  public func wait(milliseconds: Int32 = -1) -> ExitStatus? {
    var entry = pollfd(fd: pidfd.rawValue, events: Int16(POLLIN), revents: 0)
    while true {
      let count = unsafe poll(&entry, 1, milliseconds)
      if count < 0 && errno == EINTR { continue }
      return count > 0 ? reap() : nil
    }
  }
}
