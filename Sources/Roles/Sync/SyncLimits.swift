import Wire

/// Bounds of the `sync` role; those of the protocol are in `SessionSync`.
enum SyncLimits {
  /// TCP port on the HA link.
  static let port: UInt16 = 7113
  /// Time between two attempts to listen or to dial.
  static let dial = Interval.milliseconds(500)
  /// Time that an attempt to connect, or a handshake, may take.
  static let handshake = Interval.seconds(2)
  /// Connections that may be in their handshake at once; more are closed.
  static let candidates = 4
  /// Octets fetched for the peer at a time: a slow link makes changes coalesce, not queue.
  static let outputBytes = 65_536
  /// Octets read in one turn of the loop: some 7 000 sessions, which the kernel takes in 50 ms. A
  /// change of role does not wait longer than that.
  static let bytesReadPerTurn = 1 << 18
  /// Octets written in one turn of the loop.
  static let bytesWrittenPerTurn = 1 << 20
  /// Room for kernel events, which the kernel doubles: about 100 000 of them.
  static let eventBufferBytes: Int32 = 64 << 20
  /// Room for the answers to a dump, which the kernel makes as we read.
  static let dumpBufferBytes: Int32 = 4 << 20
  /// How long events gather before they are read: a fifth of the cost of reading each at once.
  static let gather = Interval.milliseconds(1)
  /// Calls that read events, 64 each, in one turn of the loop.
  static let eventReadsPerTurn = 128
  /// Calls that read a dump, 8 times 32 kB each, in one turn of the loop.
  static let dumpReadsPerTurn = 4
  /// Rounds of handling and performing in one turn of the loop.
  static let roundsPerTurn = 64
  /// Time that a barrier may take before the switchover is told that it failed.
  static let barrier = Interval.seconds(1)
  /// Time between two looks at the hosts that this node's kernel knows.
  static let neighbours = Interval.seconds(2)
  /// Time between two status reports.
  static let status = Interval.seconds(1)
}
