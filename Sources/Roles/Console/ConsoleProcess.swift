import Glibc
import Linux

/// The process of the `console` role: no capability, a user of its own; its terminal is
/// descriptors 0 and 1.
enum ConsoleProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 {
    // A supervisor that is gone is seen in the result of a write, a line that hangs up in that of
    // a read.
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGHUP, SIG_IGN)
    do {
      return try ConsoleRole().run()
    } catch {
      let line = Array("console: \(error)\n".utf8)
      // Without a channel there is nobody to tell but whoever reads standard error.
      return unsafe write(STDERR_FILENO, line, line.count) < 0 ? 2 : 1
    }
  }
}
