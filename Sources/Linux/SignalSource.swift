import CLinux
import Glibc

/// Signals as events of the loop instead of interruptions.
public final class SignalSource {
  private let descriptor: Descriptor
  private let reactor: Reactor

  /// Blocks `signals` in this thread and reports each by number.
  ///
  /// Make it before any child is started; ``ProcessSpecification`` unblocks them in children.
  public init(
    _ reactor: Reactor, _ signals: [Int32], received: @escaping (Int32) -> Void
  ) throws(SystemError) {
    var mask = sigset_t()
    unsafe sigemptyset(&mask)
    for signal in signals { unsafe sigaddset(&mask, signal) }
    try system("sigprocmask") { unsafe sigprocmask(SIG_BLOCK, &mask, nil) }
    descriptor = Descriptor(
      owning: try system("signalfd") {
        unsafe signalfd(-1, &mask, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
      })
    self.reactor = reactor
    try reactor.add(descriptor.rawValue) { [unowned self] _ in
      var information = signalfd_siginfo()
      let size = MemoryLayout<signalfd_siginfo>.size
      while unsafe read(descriptor.rawValue, &information, size) == size {
        received(Int32(information.ssi_signo))
      }
    }
  }

  deinit { reactor.remove(descriptor.rawValue) }
}
