import Glibc
import Linux
import Wire

/// `ztbd diagnose`: tries one thing of the network, in a process of its own.
public enum DiagnosisProgram {
  /// What `--help` prints.
  public static let help = """
    usage: ztbd diagnose KIND [TARGET] [--proxy HOST:PORT] [--dns A,B]
                         [--portal URL|HOST:PORT]

    Tries one thing of the network, at most 20 s, one line each as it goes.

      ping    four echo requests to TARGET
      dns     resolve TARGET, or the portal's name, by each name server in turn
      proxy   open a tunnel through the proxy to the portal
      portal  reach the portal, through the proxy where there is one
      ports   every upstream port that the product needs

    Needs no privileges. The credentials of the proxy are taken from the variable
    ZTB_PROXY_CREDENTIALS (user:password in Base64).
    Exit status: 0 everything answered, 1 something did not, 2 usage.

    """

  /// Runs with the arguments behind `diagnose`; returns the exit status.
  public static func run(_ arguments: [String]) -> Int32 {
    if arguments.contains("--help") {
      say(help.dropLast())
      return 0
    }
    let credentials = unsafe getenv(Diagnosis.proxyCredentials).map {
      unsafe String(cString: $0)
    }
    guard let diagnosis = Diagnosis(arguments: arguments, credentials: credentials) else {
      say(help.dropLast())
      return 2
    }
    _ = signal(SIGPIPE, SIG_IGN)
    // Whatever a wait does not see, the kernel ends.
    alarm(UInt32(Diagnosis.Limits.whole.nanoseconds / 1_000_000_000) + 5)
    let end = MonotonicClock.now() + Diagnosis.Limits.whole
    return DiagnosisRunner(diagnosis, until: end, say: { say($0[...]) }).run() ? 0 : 1
  }

  /// One line, at once.
  private static func say(_ text: Substring) {
    let octets = Array((text + "\n").utf8)
    // Nobody is left to tell when standard output is gone.
    _ = unsafe write(STDOUT_FILENO, octets, octets.count)
  }
}
