import Glibc
import Linux
import Messages
import Wire

/// The hook of the DHCP client: tells the supervisor what became of the lease.
///
/// The client runs `RUN/ztb-lease EVENT`, a link to this program, with the lease in the
/// environment. The directory of the link is the run directory; nothing else is looked at.
public enum LeaseHook {
  /// The name of the link.
  public static let programName = "ztb-lease"

  private enum Limits {
    /// The client waits for its hook; a supervisor that is about to stop the client must not wait
    /// for the client in turn.
    static let patience = Interval.seconds(3)
    /// Longest value that is passed on.
    static let valueBytes = 1_024
  }

  /// What is passed on, by udhcpc's names.
  private static let names = [
    "interface", "ip", "mask", "subnet", "router", "dns", "domain", "lease", "serverid", "opt224",
    "ntpsrv",
  ]

  /// Runs with `argv`: path of the link, event. Exit status 0 when the supervisor has taken it.
  public static func run(_ arguments: [String]) -> Int32 {
    guard arguments.count >= 2, let slash = arguments[0].lastIndex(of: "/") else { return 2 }
    var request = ControlRequest(.lease)
    request.lease = report(event: arguments[1]) { name in
      unsafe getenv(name).map { unsafe String(cString: $0) }
    }
    do {
      let directory = String(arguments[0][..<slash])
      _ = try ControlClient(runDirectory: directory.isEmpty ? "/" : directory)
        .ask(request, patience: Limits.patience)
      return 0
    } catch {
      let bytes = Array("\(programName): \(error)\n".utf8)
      // Nobody is left to tell when standard error is gone.
      _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
      return 1
    }
  }

  /// The report: the event and what is known of the lease.
  static func report(event: String, _ value: (String) -> String?) -> [String: String] {
    var report = ["event": event]
    for name in names {
      guard let value = value(name), value.utf8.count <= Limits.valueBytes else { continue }
      report[name] = value
    }
    return report
  }
}
