public import Wire

/// One line of the service table: what a supervised program needs and how patient we are with it.
public struct Service: Hashable, Sendable {
  /// The name in the table, in the log and in the status document.
  public var name: String
  /// Services that must be ready before this one starts.
  public var requires: [String]
  /// Services that must be ready, or have failed once, before this one starts.
  ///
  /// The weaker form: a filling of a vacancy must not wait for ever for a broken helper.
  public var after: [String]
  /// How long the program may take from its start to its readiness.
  public var readyWithin: Interval
  /// The longest silence of a running program; nil when it gives no sign of life.
  public var beatWithin: Interval?
  /// How long the program may take to leave once asked.
  public var leaveWithin: Interval

  /// Makes a line of the table.
  public init(
    _ name: String, requires: [String] = [], after: [String] = [],
    readyWithin: Interval = .seconds(10), beatWithin: Interval? = nil,
    leaveWithin: Interval = .seconds(2)
  ) {
    self.name = name
    self.requires = requires
    self.after = after
    self.readyWithin = readyWithin
    self.beatWithin = beatWithin
    self.leaveWithin = leaveWithin
  }
}

/// Where a service stands.
public enum ServiceState: String, Hashable, Sendable {
  /// Not wanted.
  case stopped
  /// Wanted, not started: another service has to be ready first.
  case waiting
  /// Started, not yet ready.
  case starting
  /// Ready.
  case running
  /// Died; started again when its delay is over.
  case backingOff = "backing-off"
  /// Asked to leave in order.
  case leaving
  /// Did not leave in time; sent SIGTERM.
  case terminating
  /// Hung, or did not obey SIGTERM; sent SIGKILL.
  case killing
}

/// How a process ended.
public enum Exit: Hashable, Sendable {
  /// It called exit with this status.
  case status(Int32)
  /// This signal ended it.
  case signal(Int32)
}

extension Exit: CustomStringConvertible {
  /// `exit 1` or `signal 9`.
  public var description: String {
    switch self {
    case .status(let status): "exit \(status)"
    case .signal(let signal): "signal \(signal)"
    }
  }
}

/// Numbers that bound the service table.
public enum Limits {
  /// The delay before the second restart in a row; it doubles from there.
  public static let firstDelay = Interval.milliseconds(100)
  /// The longest delay before a restart.
  public static let longestDelay = Interval.seconds(10)
  /// A service that ran this long is forgiven its earlier deaths.
  public static let stableAfter = Interval.seconds(10)
  /// The time between SIGTERM and SIGKILL.
  public static let terminateWithin = Interval.seconds(1)

  /// The delay before the restart that follows `failures` deaths in a row (1…).
  ///
  /// None after the first: a role that dies once must be back before anybody notices.
  public static func delay(afterFailures failures: Int) -> Interval {
    guard failures > 1 else { return .zero }
    let doublings = min(failures - 2, 10)
    return min(firstDelay * (1 << doublings), longestDelay)
  }
}
