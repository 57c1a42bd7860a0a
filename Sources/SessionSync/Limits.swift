import Wire

/// Every bound of this module in one place; what happens at each is said where it is used.
public enum Limits {
  /// Entries of the flow table; further flows are counted and not synchronised.
  public static let flows = 4_000_000
  /// Octets of a frame with its header.
  public static let frame = 16_384
  /// Room that a frame must still have before one more record is written into it.
  static let recordRoom = 1_280
  /// Installations in one batch: the kernel's optimum and well below its socket buffer.
  static let batch = 512
  /// Entries that one walk through the table looks at before it lets others have a turn.
  static let walk = 16_384
  /// Deletes sent and not yet acknowledged; beyond, a reconnection takes a bulk.
  static let deleteLog = 65_536
  /// Deletes that wait for a lost peer; beyond, a reconnection takes a bulk.
  static let waitingDeletes = 65_536
  /// Expectations on either side; further ones are counted and not synchronised.
  static let expectations = 4_096
  /// Tuples destroyed while a dump runs; beyond, the dump is done again.
  static let destroyedDuringDump = 262_144
  /// Helpers that a greeting names.
  static let helpers = 32
  /// Octets of one message of the supervisor.
  public static let messageFrame = frame - FrameHeader.count
  /// Neighbours that a node tells of; further ones are counted and left out. Half of what a kernel
  /// keeps at most (`gc_thresh3`), and they fit one frame.
  public static let neighbours = 512
  /// Octets of such messages that wait for the peer; beyond, the connection is closed.
  static let messageQueue = 8 << 20
  /// Installations that failed and are tried again in one turn.
  static let retries = 1_024

  /// Silence after which a node says that it is still there.
  static let ping = Interval.milliseconds(500)
  /// Silence of the peer after which the connection is given up.
  static let silence = Interval.seconds(3)
  /// Time between two comparisons of digests.
  static let audit = Interval.seconds(3)
  /// Time between two counts of what is synchronised.
  static let census = Interval.seconds(3)
  /// Time between two parts of a count.
  static let censusPart = Interval.milliseconds(20)
  /// After a promotion, how long records of the old term are still used to fill gaps.
  static let drain = Interval.milliseconds(50)
  /// How long a standby's kernel may differ from what the peer says before it is put right.
  static let suspicion = Interval.seconds(2)
  /// Time between two attempts at what the kernel refused.
  static let retry = Interval.seconds(1)
  /// Time between two comparisons of a standby's kernel with what the peer says. No report tells it
  /// of new and changed entries, which only stray packets and operators make.
  static let look = Interval.seconds(120)
  /// First wait before a reconciliation after lost events; it doubles up to ``reconcileMaximum``.
  static let reconcile = Interval.milliseconds(200)
  /// Longest wait before a reconciliation.
  static let reconcileMaximum = Interval.seconds(30)
  /// Least time between two bulks that the receiver asks for.
  static let resync = Interval.seconds(5)
  /// After a promotion, when leases and lenient windows begin to be taken back.
  static let relax = Interval.seconds(5)

  /// Longest time between two looks at sessions that are still lenient.
  static let relaxMaximum = Interval.seconds(600)

  /// Least lease of a session that lives as long as it has traffic, in seconds.
  static let leaseSeconds: UInt32 = 86_400
  /// What a session that is opening or closing gets beyond its remaining time, in seconds.
  static let slackSeconds: UInt32 = 15
  /// Longest timeout a record can carry, in seconds.
  static let timeoutSeconds: UInt32 = 0xff_ffff
}
