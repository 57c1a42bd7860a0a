import Boot
import Configuration
import Glibc
import Linux
import Messages
import Store

/// `ztbd supervise`: runs one gateway in the foreground, in this network namespace.
public enum Supervise {
  /// What `--help` prints.
  public static let help = """
    usage: ztbd supervise [--state-dir DIR] [--log-dir DIR] [--data-dir DIR]
                          [--run-dir DIR] [--config FILE] [--profile NAME]
                          [--serial TEXT] [--portal HOST:PORT] [--console DEVICE]...
                          [--machine FD] [--slots DIR]

    Runs one gateway in the foreground, in the current network namespace.

      --state-dir DIR     what is kept: database          (/var/lib/ztb)
      --log-dir DIR       the log                         (below the state)
      --data-dir DIR      support bundles, downloads      (the state)
      --run-dir DIR       control socket, lock            (/run/ztb)
      --config FILE       unmanaged: FILE is in force at every start; without it
                          the last confirmed configuration is, or the appliance
                          waits for its activation
      --profile NAME      model before activation         (zt400)
      --serial TEXT       serial number                   (DMI, or made once)
      --portal HOST:PORT  portal for codes that name none (DHCP option 224)
      --console DEVICE    show the menu on this terminal; up to three times
      --machine FD        channel to process 1 of the appliance
      --slots DIR         partitions of the appliance by their names

    Prints READY on standard output once every role works. SIGTERM hands over and
    then removes everything that was made.
    Files: DIR/ztb-N.db, LOG/ztbd.log; RUN/control.sock, RUN/lock, RUN/processes
    Exit status: 0 stopped, 1 configuration refused, 2 usage, 3 already running,
    10 reboot asked for, 11 power off asked for.

    """

  /// How the process ends.
  enum ExitCode {
    static let stopped: Int32 = 0
    static let refused: Int32 = 1
    static let usage: Int32 = 2
    static let alreadyRunning: Int32 = 3
  }

  /// Runs with the arguments behind `supervise`; returns the exit status.
  public static func run(_ arguments: [String]) -> Int32 {
    if arguments.contains("--help") {
      print(help, terminator: "")
      return ExitCode.stopped
    }
    guard let options = parse(arguments) else {
      complain("usage: ztbd supervise [OPTION VALUE]...; see --help")
      return ExitCode.usage
    }
    // A reader of our output that goes away must not take the gateway with it.
    signal(SIGPIPE, SIG_IGN)
    umask(0o077)
    return start(options)
  }

  private static func parse(_ arguments: [String]) -> SupervisorOptions? {
    var options = SupervisorOptions()
    var rest = arguments[...]
    while let option = rest.popFirst() {
      guard let value = rest.popFirst(), !value.isEmpty else { return nil }
      switch option {
      case "--state-dir": options.stateDirectory = value
      case "--log-dir": options.logDirectory = value
      case "--data-dir": options.dataDirectory = value
      case "--slots": options.slots = value
      case "--run-dir": options.runDirectory = value
      case "--config": options.configuration = value
      case "--profile":
        guard let profile = Profile(named: value) else { return nil }
        options.profile = profile
      case "--serial": options.serial = value
      case "--portal": options.portal = value
      case "--console" where options.consoles.count < Household.Name.consoles.count:
        options.consoles.append(value)
      case "--machine":
        guard let number = Int32(value), number > 2 else { return nil }
        options.machine = number
      default: return nil
      }
    }
    return options
  }

  private static func start(_ options: SupervisorOptions) -> Int32 {
    do {
      // Checked whole before anything is touched.
      let unmanaged = try options.configuration.map { try read($0) }
      try makeDirectory(options.runDirectory)
      // The hook of the DHCP client, which is another user, passes through.
      try system("chmod", options.runDirectory) { unsafe chmod(options.runDirectory, 0o711) }
      try makeDirectory(options.stateDirectory)
      try makeDirectory(options.logPlace)
      try makeDirectory(options.dataPlace)
      let run = try RunDirectory(options.runDirectory) { complain("ztbd: \($0)") }
      let store = try Store(directory: options.stateDirectory)
      let plan = try unmanaged ?? lastConfirmed(store) ?? Plan(.factory(options.profile))
      // A box in the carton may have its cables and ports anywhere; it starts all the same.
      // On the appliance there is always a menu, which says what is missing: a supervisor that
      // ends has the machine restart over and over.
      let isAlwaysStarted = plan.isFactory || options.machine != nil
      let missing = isAlwaysStarted ? [] : plan.missingPorts
      guard missing.isEmpty else {
        complain(missing.joined(separator: "\n"))
        run.clear()
        return ExitCode.refused
      }
      let log = LogWriter(directory: options.logPlace)
      let supervisor = try Supervisor(options, plan, log: log, store: store, run: run)
      try supervisor.supervise()
      return supervisor.farewell?.exitStatus ?? ExitCode.stopped
    } catch RunDirectory.Refusal.alreadyRunning(let pid) {
      complain(
        "ztbd: a supervisor (process \(pid)) already uses \(options.runDirectory); stop it first")
      return ExitCode.alreadyRunning
    } catch RunDirectory.Refusal.held {
      complain("ztbd: unknown processes hold \(options.runDirectory)/lock; stop them first")
      return ExitCode.alreadyRunning
    } catch {
      complain("\(error)")
      return ExitCode.refused
    }
  }

  private static func read(_ path: String) throws -> Plan {
    Plan(try ConfigurationDocument(parsing: try Files.read(path)))
  }

  private static func lastConfirmed(_ store: borrowing Store) throws -> Plan? {
    try store.lastConfirmed().map {
      Plan(try ConfigurationDocument(parsing: Array($0.text.utf8)))
    }
  }

  /// `mkdir -p`.
  private static func makeDirectory(_ path: String) throws(SystemError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += part + "/"
      do throws(SystemError) {
        try system("mkdir", made) { unsafe mkdir(made, 0o700) }
      } catch { if error.code != EEXIST { throw error } }
    }
  }

  private static func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    // Nobody is left to tell when standard error is gone.
    _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
  }
}
