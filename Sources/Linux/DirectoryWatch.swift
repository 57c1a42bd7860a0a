import Glibc

/// Hears from the kernel that files in a directory are written, whoever writes them.
///
/// Which one is not told: who is called looks at those that count.
public final class DirectoryWatch {
  private let notifications: Descriptor
  private let reactor: Reactor

  /// Calls `changed` after writes to files in the directory, once for several of them.
  public init(
    _ reactor: Reactor, _ path: String, changed: @escaping () -> Void
  ) throws(SystemError) {
    notifications = Descriptor(
      owning: try system("inotify_init1", path) {
        inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
      })
    self.reactor = reactor
    let number = notifications.rawValue
    try system("inotify_add_watch", path) {
      unsafe inotify_add_watch(number, path, UInt32(IN_MODIFY))
    }
    try reactor.add(number) { [unowned self] _ in
      // The rest comes with the next wake-up; an error only says that news were dropped.
      _ = try? notifications.read(limit: 65_536)
      changed()
    }
  }

  deinit { reactor.remove(notifications.rawValue) }
}
