public import Wire

/// Numbers that bound what the agent keeps, and how often it does what.
public enum AgentLimits {
  /// Longest wait between tries while the portal is away. It calls a gateway disconnected after
  /// 90 seconds of silence, so that this is soon enough to be back.
  public static let longestBackoff = Interval.seconds(30)
  /// Longest wait while the portal refuses this gateway.
  public static let refusedBackoff = Interval.seconds(300)
  /// First wait after a failure that may be a stale connection.
  public static let firstBackoff = Interval.milliseconds(500)
  /// How often a code is tried again whose settings differ from the site's.
  public static let differencesRetry = Interval.seconds(30)
  /// How long the supervisor has to say that a new key is stored, before the key is used anyway.
  public static let keyPatience = Interval.seconds(2)

  /// How long the portal may hold a poll back, with time for the way.
  public static let pollTimeout = Interval.seconds(70)
  /// Every other request.
  public static let requestTimeout = Interval.seconds(20)
  /// Until name, TCP, proxy and TLS are done.
  public static let connectTimeout = Interval.seconds(10)
  /// Shortest time between two polls of which the first brought nothing.
  public static let pollSpacing = Interval.seconds(1)
  /// Shortest time between two status documents.
  public static let statusSpacing = Interval.seconds(1)
  /// Longest time without one.
  public static let statusSilence = Interval.seconds(30)

  /// How long results on their way to the portal hold up a change of task, or the end. The
  /// supervisor gives a role two seconds to leave.
  public static let settlePatience = Interval.milliseconds(1_500)

  /// Events in one request.
  public static let eventBatch = 100
  /// Events that wait; the supervisor sends more when these are delivered.
  public static let eventQueue = 2_000
  /// Outcomes of documents that wait.
  public static let outcomes = 16
  /// Results of commands that wait, and commands that are remembered.
  public static let commands = 128
  /// Longest text of the portal that people are shown, in characters.
  public static let messageLength = 300
  /// Most differences and reasons that people are shown.
  public static let messageCount = 20

  /// 2026-01-01T00:00:00Z: a clock before that was never set.
  public static let clockIsUnsetBefore: Int64 = 1_767_225_600
}
