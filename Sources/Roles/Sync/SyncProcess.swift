import Glibc
import Linux

/// The process of the `sync` role: NET_ADMIN and nothing else, given by whoever starts it.
enum SyncProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 {
    // A peer that closes is seen in the result of a write.
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      return try Synchronizer().run()
    } catch {
      // Without a channel there is nobody to tell but whoever reads standard error.
      _ = FatalLine.write("sync: \(error)\n")
      return 1
    }
  }
}

/// A line on standard error, for a role that has no channel.
private enum FatalLine {
  static func write(_ text: String) -> Int {
    let octets = Array(text.utf8)
    return unsafe Glibc.write(STDERR_FILENO, octets, octets.count)
  }
}
