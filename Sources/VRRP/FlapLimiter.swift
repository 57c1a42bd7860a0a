public import Wire

/// Notices that the role goes to and fro, and ends it.
///
/// Something that fails and recovers again and again, such as a link or the target of a check, must
/// not carry the role with it. When this node took the role ``Limits/flapMoves`` times within
/// ``Limits/flapWindow`` because it is preferred or healthier, it no longer does so until
/// ``Limits/flapHold`` has passed since the last time. A peer that is gone, faulted or leaves on
/// purpose is replaced all the same.
public struct FlapLimiter: Sendable {
  private var taken: [Instant] = []
  /// When the node takes the role again for health or preference; nil when it does now.
  public private(set) var holdsUntil: Instant?

  /// Starts without a memory.
  public init() {}

  /// Notes that this node took the role because it is preferred or healthier.
  public mutating func noteTaken(at now: Instant) {
    taken.removeAll { $0 + Limits.flapWindow <= now }
    taken.append(now)
    if taken.count >= Limits.flapMoves {
      holdsUntil = now + Limits.flapHold
      taken.removeAll()
    }
  }

  /// Ends the hold when its time has passed.
  public mutating func update(at now: Instant) {
    if let holdsUntil, now >= holdsUntil { self.holdsUntil = nil }
  }

  /// Whether the role is left where it is.
  public var isHolding: Bool { holdsUntil != nil }
}
