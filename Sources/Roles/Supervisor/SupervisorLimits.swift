import Wire

/// Numbers that bound the supervisor.
enum SupervisorLimits {
  /// Clients of the control socket at one time; more are closed at once.
  static let clients = 16
  /// Longest request line; a configuration document fits many times over.
  static let requestBytes = 4 << 20
  /// How long a client may take to send its request, and to read its answer.
  static let clientPatience = Interval.seconds(10)
  /// How long `vrrp` may take to answer a switchover.
  static let switchoverPatience = Interval.seconds(10)
  /// How long the roles may take to report on a new configuration.
  static let applyPatience = Interval.seconds(20)
  /// Messages that may wait for one role; a role that reads none of them is hung.
  static let queuedMessages = 256
  /// Size at which the log file is put aside.
  static let logFileBytes = 4 << 20
  /// Log files that were put aside and are kept.
  static let logFilesKept = 3
  /// Log lines of one role in one second; the rest is counted.
  static let logLinesPerSecond = 200
  /// Time until settings of the network that the kernel refused are tried again.
  static let networkRetry = Interval.seconds(5)
  /// How long a new start waits for what the last one left.
  static let lockPatience = Interval.seconds(5)
  /// A wake-up this late means that the supervisor itself did not run.
  static let lateWakeUp = Interval.milliseconds(500)
}
