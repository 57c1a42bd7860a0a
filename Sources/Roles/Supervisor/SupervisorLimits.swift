import Wire

/// Numbers that bound the supervisor.
enum SupervisorLimits {
  /// How often process 1 of the appliance hears from us.
  static let aliveEvery = Interval.seconds(1)
  /// How long the household waits for the roles to work.
  static let housePatience = Interval.seconds(15)
  /// Longest emergency shell, however long its token is good.
  static let shellSeconds: Int64 = 3_600
  /// Clients of the control socket at one time; more are closed at once.
  static let clients = 16
  /// Longest request line; a configuration document fits many times over.
  static let requestBytes = 4 << 20
  /// The same of the DHCP client's hook: a dozen values of an environment.
  static let hookRequestBytes = 8 << 10
  /// How long a client may take to send its request, and to read its answer.
  static let clientPatience = Interval.seconds(10)
  /// How long `vrrp` may take to answer a switchover.
  static let switchoverPatience = Interval.seconds(10)
  /// How long a drill may take: two moves, and a full copy of the sessions between them.
  static let drillPatience = Interval.seconds(180)
  /// How long a drill waits for its probe to start, and for its word that the address is back: the
  /// role is when `vrrp` has ordered the interfaces up.
  static let probePatience = Interval.seconds(2)
  static let arrivalPatience = Interval.seconds(1)
  /// How often the node looks whether it is healthy, and whether its disk can be written.
  static let healthEvery = Interval.seconds(1)
  static let diskEvery = Interval.seconds(10)
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
  /// How soon what others removed from the network is put back, and how often at most.
  static let networkRepairDelay = Interval.milliseconds(50)
  static let networkRepairGap = Interval.milliseconds(500)
  /// How long a new start waits for what the last one left.
  static let lockPatience = Interval.seconds(5)
  /// How long an activation waits for the WAN.
  static let wanPatience = Interval.seconds(60)
  /// A document of the portal is taken back unless the portal was reached under it in this time.
  static let portalConfirmSeconds = 120
  /// A change of the network that people made is taken back unless they confirm it in this time.
  static let networkConfirmSeconds = 90
  /// A status goes to the portal at least this often.
  static let statusPeriod = Interval.seconds(10)
  /// Events that are handed over in one message.
  static let eventsAtOnce = 100
  /// 2026-01-01, seconds since 1970: a clock before it was never set.
  static let earliestClock: Int64 = 1_767_225_600
  /// How long a lease that the DHCP client gave up is kept, in case it only starts again.
  static let leaseGrace = Interval.seconds(15)
  /// Least time between two changes of the lease, as each may restart every role.
  static let leaseGap = Interval.seconds(5)
  /// Agents that may die over one update.
  static let fetchStarts = 5
  /// How long the installer of an update may say nothing.
  static let installPatience = Interval.seconds(120)
  /// A restart into new software that was missed by more than this, seconds, waits for the next day.
  static let activationGrace: Int64 = 600
  /// How long a diagnosis may take.
  static let diagnosisPatience = Interval.seconds(30)
  /// Octets of a diagnosis that are kept.
  static let diagnosisBytes = 65_536
  /// Seconds without a key after which an administrator is logged out of the console.
  static let consoleIdleSeconds: UInt32 = 600
  /// A break of a channel counts against it for this long.
  static let breakMemory = Interval.seconds(7_200)
  /// A wake-up this late means that the supervisor itself did not run.
  static let lateWakeUp = Interval.milliseconds(500)
}
