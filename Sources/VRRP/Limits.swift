public import Wire

/// Every bound and time of the HA decision that is not configured.
public enum Limits {
  /// Shortest time between two heartbeats; see ``Pace``.
  public static let heartbeatInterval = Interval.milliseconds(10)
  /// Longest time between two heartbeats.
  public static let slowHeartbeatInterval = Interval.milliseconds(50)
  /// Least patience that a heartbeat can ask for: of the quickest pace.
  public static let heartbeatDead = heartbeatInterval * 4
  /// Most patience that a heartbeat can ask for: of the slowest pace.
  public static let patience = slowHeartbeatInterval * 6
  /// How long a late wake-up is remembered at least.
  public static let lateMemory = Interval.seconds(300)
  /// Advert intervals without an advert that, with a silent heartbeat, make a peer dead.
  public static let silentIntervals = 2
  /// Least time after which a silent heartbeat is forgotten; see ``Pace``.
  public static let heartbeatForgotten = Interval.seconds(1)
  /// Silence of a peer's adverts on top of the timers of the RFC that a busy machine may cause, borne
  /// where the heartbeat is forgotten; more than ``unwitnessedSleep``.
  public static let unwitnessedPatience = Interval.milliseconds(150)
  /// How much longer than three intervals an active may sleep at most and keep its role, where the heartbeat is
  /// forgotten; see ``Pace``.
  public static let unwitnessedSleep = Interval.milliseconds(100)
  /// Longest wait at start for a heartbeat or an advert.
  public static let startHold = Interval.seconds(2)
  /// How long nobody must be active before the worse of two waiting nodes takes over.
  public static let vacancyBackstop = Interval.milliseconds(500)
  /// After leaving for a lost link without a heartbeat: the wait on top of three intervals.
  public static let linkLossWait = Interval.seconds(1)
  /// How long a peer must have been healthier before an active node leaves in its favour, unless
  /// the node itself just got worse. Keeps two nodes from following a flapping link.
  public static let peerHealthSettle = Interval.seconds(1)
  /// Shortest time between two adverts that the timer did not ask for.
  public static let extraAdvertisementGap = Interval.milliseconds(10)
  /// Silence after which a loss is reported to people.
  public static let alarmDelay = Interval.milliseconds(200)
  /// Longest wait for the peer to acknowledge that it applied every session.
  public static let barrierWait = Interval.milliseconds(500)
  /// Least time that a node offers its role; see ``Pace``.
  public static let handOverWait = Interval.milliseconds(200)
  /// When gratuitous ARPs leave, counted from the moment the interfaces are up.
  public static let announcements: [Interval] = [
    .zero, .milliseconds(1), .milliseconds(10), .milliseconds(100), .seconds(1),
  ]
  /// Heartbeats that a peer's echo may lag behind before it counts as deaf.
  public static let echoLag: UInt64 = 8
  /// Terms of a heartbeat stay below; each activation adds one, so nobody comes near it.
  public static let termEnd = UInt64(1) << 62
  /// Boot ids of one peer that may wait for their echo.
  public static let candidates = 4
  /// Times that this node takes the role by preference or health within ``flapWindow`` before it
  /// leaves the role where it is.
  public static let flapMoves = 6
  /// See ``flapMoves``.
  public static let flapWindow = Interval.seconds(60)
  /// How long it does so.
  public static let flapHold = Interval.seconds(300)
  /// What makes a node worse for this long does not flap: a peer that holds off is given the role.
  public static let flapOutlast = Interval.seconds(10)
  /// Reasons for not forwarding that a heartbeat names.
  public static let heartbeatFaults = 6
  /// How long a failed check must speak for the peer before an active node leaves: what is wrong
  /// behind both nodes is seen by both within two probes, and then there is nothing to leave for.
  public static let checkSettle = Interval.seconds(2)
  /// How long both nodes must have been in step before a drill returns.
  public static let drillSettle = Interval.seconds(2)
  /// Longest wait of a drill for the nodes to be in step.
  public static let drillWait = Interval.seconds(120)
  /// Longest wait of a drill for the peer to give the role back.
  public static let drillReturnWait = Interval.seconds(5)
  /// How long after its last advert a router that nobody knows is spoken of.
  public static let strangerForgotten = Interval.seconds(5)
  /// Path checks of a node.
  public static let checks = 32
  /// Entries in any list of a heartbeat.
  public static let heartbeatList = 32
  /// Octets of a text in a heartbeat.
  public static let heartbeatText = 96
  /// Least silence of a sender after which its trailers may start again at our own clock.
  public static let replayWindow = Interval.seconds(5)
  /// How often the same complaint about adverts is told.
  public static let complaintPeriod = Interval.seconds(30)
  /// Senders whose trailers are remembered; only holders of the key get in.
  public static let replaySources = 8
  /// Virtual addresses of one advert (the count is one octet).
  public static let addresses = 255
}
