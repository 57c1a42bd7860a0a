public import Wire

/// What the heartbeat says about one peer.
public struct Witness: Sendable {
  /// Whether the heartbeat is a witness now.
  public enum Life: Sendable {
    /// No heartbeat since our start counted.
    case neverUp
    /// One arrived within the sender's ``Heartbeat/patience``.
    case up
    /// Gone for less than ``Pace/forgotten``: its silence is evidence.
    case silent
    /// Gone for longer, or adverts went on without it: as if it had never been.
    case forgotten
  }

  /// The peer.
  public let node: NodeID
  /// Which heartbeats count.
  public private(set) var session: HeartbeatSession
  /// The last heartbeat that counted.
  public private(set) var last: Heartbeat?
  /// When it arrived, by the kernel's clock.
  public private(set) var heardAt: Instant?
  /// Since when the peer's health is not worse than now.
  public private(set) var improvedAt = Instant.zero
  private let pace: Pace
  /// The last moment at which adverts proved life between the nodes.
  private var advertisedAt: Instant?

  /// Starts without having heard anything.
  public init(node: NodeID, ownBoot: BootID, _ pace: Pace) {
    self.node = node
    self.pace = pace
    session = HeartbeatSession(peer: node, ownBoot: ownBoot)
  }

  /// Judges and stores an authentic heartbeat.
  ///
  /// - Returns: whether it began a new boot of the peer.
  public mutating func receive(
    _ header: HeartbeatHeader, _ heartbeat: Heartbeat, received: Instant, ownCounter: UInt64
  ) throws(HeartbeatDrop) -> Bool {
    let isNew = try session.accept(
      header, heartbeat, from: header.node, ownCounter: ownCounter)
    if isNew || last.map({ heartbeat.health.isBetter(than: $0.health) }) ?? true {
      improvedAt = received
    }
    last = heartbeat
    heardAt = received
    return isNew
  }

  /// When the silence since the last heartbeat lasts long enough; nil before the first.
  public var silentAt: Instant? {
    guard let heardAt, let last else { return nil }
    return heardAt + last.patience
  }

  /// Whether the heartbeat is a witness at `now`.
  public func life(at now: Instant) -> Life {
    guard let heardAt, let silentAt else { return .neverUp }
    if now < silentAt { return .up }
    let isOutlived = advertisedAt.map { $0 >= silentAt } ?? false
    return !isOutlived && now < heardAt + pace.forgotten ? .silent : .forgotten
  }

  /// Notes an advert of an active router. One that arrives after the heartbeat fell silent tells of
  /// a broken HA link, so that silence is no evidence until the heartbeat is back.
  public mutating func advertisementHeard(at received: Instant) {
    advertisedAt = max(advertisedAt ?? received, received)
  }

  /// Notes an advert of our own. The peer draws the same conclusion from it as we would, but it may
  /// have heard us up to a heartbeat later than we heard it, and waits as long as we asked.
  public mutating func advertisementSent(at now: Instant) {
    let margin = pace.patience - pace.dead + pace.interval
    advertisementHeard(at: now - margin)
  }

  /// The peer's last heartbeat while the peer hears us as well, as its echo of our counter says;
  /// only then do both nodes judge by the same facts.
  public func mutual(at now: Instant, ownCounter: UInt64) -> Heartbeat? {
    guard let peer = living(at: now),
      let echo = peer.echoes.first(where: { $0.boot == session.ownBoot }),
      ownCounter <= echo.counter + Limits.echoLag
    else { return nil }
    return peer
  }

  /// The last heartbeat while it is a witness.
  public func living(at now: Instant) -> Heartbeat? {
    life(at: now) == .up ? last : nil
  }
}

extension Heartbeat {
  /// Who of two active nodes stays, and who of two waiting ones goes first among equally healthy:
  /// the owner of the address, then higher term, then priority, then address; a pair that speaks
  /// IPv6 alone is told apart by its highest one.
  public func isPreferred(to other: Heartbeat) -> Bool {
    if (priority == 255) != (other.priority == 255) { return priority == 255 }
    let (own, theirs) = ((term, priority, address), (other.term, other.priority, other.address))
    if own != theirs { return own > theirs }
    let none = IPAddress.v4(IPv4Address(0))
    return addresses.max() ?? none > other.addresses.max() ?? none
  }
}
