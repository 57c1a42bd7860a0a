import CLinux
import Glibc
public import Wire

/// A timerfd on the monotonic clock with absolute deadlines, so that lateness does not add up.
public final class DeadlineTimer {
  private let timer: Descriptor
  private let reactor: Reactor
  private var armed: Instant?

  /// Makes a timer that is not armed; `expired` runs in the loop when the deadline has passed.
  public init(_ reactor: Reactor, expired: @escaping () -> Void) throws(SystemError) {
    timer = Descriptor(
      owning: try system("timerfd_create") {
        timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
      })
    self.reactor = reactor
    try reactor.add(timer.rawValue) { [unowned self] _ in
      var count: UInt64 = 0
      let size = unsafe read(timer.rawValue, &count, 8)
      guard size == 8 else { return }
      armed = nil
      expired()
    }
  }

  deinit { reactor.remove(timer.rawValue) }

  /// Sets, moves or (nil) clears the deadline. One in the past expires at once.
  public func arm(at deadline: Instant?) {
    guard deadline != armed else { return }
    armed = deadline
    var specification = itimerspec()
    if let deadline {
      // Zero would disarm; a deadline before the clock's origin is simply past.
      let nanoseconds = max(1, deadline.nanoseconds)
      specification.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
      specification.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
    }
    let result = unsafe timerfd_settime(
      timer.rawValue, Int32(TFD_TIMER_ABSTIME), &specification, nil)
    precondition(result == 0, "timerfd_settime takes every normalised time")
  }
}
