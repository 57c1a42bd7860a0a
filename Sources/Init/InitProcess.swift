import Boot
import CLinux
import Configuration
import Glibc
import Linux
import Wire

/// `ztb-init`: process 1 of the appliance.
///
/// It makes the machine ready, starts the supervisor and starts it again, reaps whatever ends, and
/// feeds the hardware watchdog while the supervisor lives. It reads nothing from outside: only
/// files of the verified root, of the kernel, and the port map of the box. If it ends, the kernel
/// panics, and the machine starts again.
public final class InitProcess {
  private enum Limits {
    /// What is left after an orderly stop gets this long before it is killed.
    static let farewell = Interval.seconds(3)
  }

  /// What becomes descriptor 4 of the supervisor.
  private static let channelNumber = 4

  private let reactor: Reactor
  private let log: KernelLog
  private var setup: MachineSetup
  private let record: BootRecord?
  private let watchdog: Watchdog?
  private var feeder: WatchdogFeeder
  private var restarts = RestartLimit()
  private var signals: SignalSource?
  private var timer: DeadlineTimer?
  private var supervisor: ChildProcess?
  private var channel: PacketChannel?
  private var startAt: Instant?
  private var isReady = false

  /// Runs the machine; returns only when that cannot be done.
  public static func run(_ arguments: [String]) -> Int32 {
    guard getpid() == 1 else {
      print("ztb-init: process 1 of the appliance; only its kernel starts this")
      return arguments.dropFirst().first == "--help" ? 0 : 2
    }
    guard Stage1.run() else { return 1 }
    do {
      try InitProcess().serve()
    } catch { print("init: \(error)") }
    return 1
  }

  private init() throws(SystemError) {
    umask(0o022)
    // Before anything is mounted there is no place for a line of the log but the console.
    var early: [(KernelLog.Level, String)] = []
    var setup = MachineSetup { early.append(($0, $1)) }
    setup.run()
    log = try KernelLog(as: "init")
    for (level, line) in early { log.write(level, line) }
    for (level, line) in early where level != .info { InitProcess.tell(setup.consoles, line) }
    self.setup = setup
    // Without /cfg nobody could read it: the machine works all the same.
    record = try? BootRecord(version: setup.version)
    let now = MonotonicClock.now()
    feeder = WatchdogFeeder(at: now)
    do throws(SystemError) {
      watchdog = try Watchdog(timeoutSeconds: WatchdogFeeder.Limits.timeoutSeconds)
    } catch {
      watchdog = nil
      log.write(.notice, "no hardware watchdog: \(error)")
    }
    reactor = try Reactor()
    startAt = now
  }

  private func serve() throws(SystemError) {
    // Control-Alt-Delete is a signal to us, not a cold restart.
    _ = ztb_signal_on_three_keys()
    signals = try SignalSource(reactor, [SIGCHLD, SIGINT, SIGTERM]) { [unowned self] number in
      number == SIGCHLD ? reap() : stop()
    }
    timer = try DeadlineTimer(reactor) { [unowned self] in tick() }
    tick()
    try reactor.run()
  }

  /// Somebody wants the machine to start again; the supervisor leaves first.
  private func stop() {
    guard let supervisor else { leave(.reboot) }
    supervisor.signal(SIGTERM)
  }

  /// Feeds, starts, and sets the next time to do so.
  private func tick() {
    let now = MonotonicClock.now()
    if feeder.isFed(at: now) { watchdog?.feed() }
    if let at = startAt, at <= now { start(at: now) }
    let meal = now + WatchdogFeeder.Limits.period
    timer?.arm(at: startAt.map { min($0, meal) } ?? meal)
  }

  // MARK: The supervisor

  private func start(at now: Instant) {
    startAt = nil
    do throws(SystemError) {
      let pair = try PacketChannel.pair()
      let null = try Descriptor.open("/dev/null", O_RDWR)
      let messages = try Descriptor.open("/dev/kmsg", O_WRONLY)
      var process = ProcessSpecification(
        program: "/usr/bin/ztbd", arguments: InitProcess.arguments(setup))
      process.descriptors = [
        null.rawValue, null.rawValue, messages.rawValue, null.rawValue, pair.second.rawValue,
      ]
      process.newSession = true
      let child = try process.spawn()
      supervisor = child
      try listen(pair.first.duplicate())
      record?.add("supervisor")
      feeder.supervisorStarted(at: now)
    } catch {
      log.write(.error, "the supervisor cannot be started: \(error)")
      supervisorEnded("it cannot be started: \(error)", at: now)
    }
  }

  private static func arguments(_ setup: MachineSetup) -> [String] {
    [
      "ztbd", "supervise", "--state-dir", "/cfg/ztb", "--log-dir", "/data/log", "--data-dir",
      "/data", "--run-dir", "/run/ztb", "--profile", setup.profile.name, "--slots",
      MachineSetup.Place.partitions, "--machine", "\(channelNumber)",
    ] + setup.consoles.flatMap { ["--console", $0] }
  }

  private func listen(_ socket: consuming Descriptor) throws(SystemError) {
    if let old = channel?.rawValue { reactor.remove(old) }
    let number = socket.rawValue
    channel = try PacketChannel(owning: socket)
    try reactor.add(number) { [unowned self] _ in receive() }
  }

  private func receive() {
    do throws(SystemError) {
      while case .message(let octets)? = try channel?.receive() {
        take(String(decoding: octets.prefix(500), as: UTF8.self))
      }
    } catch { log.write(.notice, "\(error)") }
  }

  private func take(_ message: String) {
    switch message {
    case "alive": feeder.supervisorSpoke(at: MonotonicClock.now())
    case "ready" where !isReady:
      isReady = true
      restarts.becameReady()
      record?.add("ready")
      announce()
    case "ready": restarts.becameReady()
    default: if message.hasPrefix("words ") { record?.add(message) }
    }
  }

  private func announce() {
    var since = timespec()
    _ = unsafe clock_gettime(CLOCK_BOOTTIME, &since)
    let tenths = since.tv_sec * 10 + since.tv_nsec / 100_000_000
    let memory = MemoryUse.now
    let line =
      "ready after \(tenths / 10).\(tenths % 10) s, "
      + "\(memory.usedMebibytes) of \(memory.totalMebibytes) MiB in use"
    log.write(.notice, line)
    InitProcess.tell(setup.consoles, line)
  }

  private static func tell(_ consoles: [String], _ line: String) {
    for console in consoles {
      // A terminal that nobody reads must not stop the machine.
      guard let device = try? Descriptor.open(console, O_WRONLY | O_NOCTTY | O_NONBLOCK) else {
        continue
      }
      // A line that a terminal does not take is in the log too.
      _ = try? device.write(Array("\r\(line)\r\n".utf8))
    }
  }

  /// Takes the ends of all processes; orphans come here too.
  private func reap() {
    var status: Int32 = 0
    while true {
      let pid = unsafe waitpid(-1, &status, WNOHANG)
      guard pid > 0 else { return }
      guard pid == supervisor?.pid else { continue }
      supervisor = nil
      let code = status & 0x7f == 0 ? (status >> 8) & 0xff : -1
      switch code {
      case Farewell.reboot.exitStatus: leave(.reboot)
      case Farewell.powerOff.exitStatus: leave(.powerOff)
      // Stopped by our own signal: somebody pressed the three keys.
      case 0: leave(.reboot)
      default:
        let how = code < 0 ? "signal \(status & 0x7f)" : "status \(code)"
        supervisorEnded("the supervisor ended with \(how)", at: MonotonicClock.now())
      }
    }
  }

  private func supervisorEnded(_ how: String, at now: Instant) {
    log.write(.error, how)
    guard restarts.ended(at: now) else {
      startAt = now + RestartLimit.Limits.pause
      return tick()
    }
    let words = "\(how), \(RestartLimit.Limits.ends) times without being ready; restarting"
    record?.add("words \(words)")
    InitProcess.tell(setup.consoles, words)
    leave(.reboot)
  }

  // MARK: The end

  private func leave(_ farewell: Farewell) -> Never {
    InitProcess.tell(setup.consoles, farewell == .reboot ? "Restarting." : "Power off.")
    kill(-1, SIGTERM)
    waitForChildren()
    kill(-1, SIGKILL)
    // One that hangs in the kernel is not waited for any longer.
    waitForChildren()
    sync()
    for place in ["/esp", "/data", "/cfg"] { unsafe umount2(place, 0) }
    sync()
    switch farewell {
    case .reboot: _ = ztb_restart_machine()
    case .powerOff: _ = ztb_power_off_machine()
    }
    // The kernel refuses: what is left is to end, which makes it panic and start again.
    exit(1)
  }

  private func waitForChildren() {
    let end = MonotonicClock.now() + Limits.farewell
    while MonotonicClock.now() < end, hasChildren() { usleep(20_000) }
  }

  private func hasChildren() -> Bool {
    while true {
      let pid = waitpid(-1, nil, WNOHANG)
      if pid <= 0 { return pid == 0 }
    }
  }
}
