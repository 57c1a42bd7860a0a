public import Wire

/// How often a node speaks on the HA link, and for how long its silence is borne.
///
/// A quarter of the interval of its adverts, within bounds: where adverts are slow, as in emulated
/// machines, more heartbeats would not find a death sooner, which takes two silent intervals, and
/// cost what such a machine has not. What changes is said at once, whatever the pace.
public struct Pace: Hashable, Sendable {
  /// Time between two heartbeats, 10 to 50 ms.
  public let interval: Interval
  /// A heartbeat that is gone for longer says nothing about this moment: RFC timers apply again. Long
  /// enough that two silent intervals can be judged with it, at least 1 s.
  public let forgotten: Interval
  /// Where the heartbeat is forgotten: how long an active may sleep and keep its role. Less than its fence
  /// and its peer bear.
  let unwitnessedSleep: Interval

  /// The pace of a node whose slowest router has this interval of adverts.
  public init(advertInterval: Interval) {
    interval = min(max(advertInterval / 4, Limits.heartbeatInterval), Limits.slowHeartbeatInterval)
    forgotten = max(
      Limits.heartbeatForgotten, advertInterval * Limits.silentIntervals + interval * 7)
    let lease = max(advertInterval * 3, Limits.heartbeatDead)
    unwitnessedSleep =
      advertInterval * 3 + min(Limits.unwitnessedSleep, lease * 2 - interval * 2)
  }

  /// Time from a heartbeat that left with something else to the next: a little more than
  /// ``interval``, so that the next such occasion finds it waiting.
  var companion: Interval { interval + interval / 10 }

  /// Silence after which a heartbeat counts as gone, unless its sender asked for more patience.
  public var dead: Interval { interval * 4 }

  /// Most patience that the node may ask for, because its machine lets it sleep too long at times.
  public var patience: Interval { interval * 6 }

  /// A wake-up later than this was not the peer's silence but our own sleep.
  public var lateWakeUp: Interval { interval * 2 }

  /// How long an active that slept waits for its peer to say that it did not take over.
  public var doubtWait: Interval { interval * 4 }

  /// How long nobody must be active before the better of two waiting nodes takes over: each has
  /// said since what it is.
  public var vacancyHold: Interval { interval * 3 }

  /// Longest time that a node offers its role before it takes part in elections again.
  public var handOverWait: Interval { max(Limits.handOverWait, interval * 8) }

  /// How often the fence is told that all is well.
  public var beat: Interval { interval * 2 }
}
