public import Wire

/// The virtual router of one port: the state machine of RFC 9568 section 6.
///
/// It owns the timers and the checksum form of its port, but does not change state by itself:
/// all ports of a group move together, so it says what the RFC would do (``Action``) and
/// ``SyncGroup`` answers with ``enter(_:at:)``. Timers are nanoseconds and never truncated.
public struct VirtualRouter: Sendable {
  /// RFC 9568 6.3.
  public enum State: Sendable {
    /// Not yet running.
    case initialize
    /// Another router is, or may be, active.
    case backup
    /// This router owns the virtual addresses.
    case active
  }

  /// What happens to a router.
  public enum Event: Sendable {
    /// An advert passed every check; `received` is the kernel's time.
    case advertisementReceived(Advertisement, source: IPAddress, received: Instant)
    /// ``VirtualRouter/deadline`` has come.
    case deadlineReached
  }

  /// What the RFC asks for.
  public enum Action: Hashable, Sendable {
    /// Send an advert now.
    case sendAdvertisement
    /// In Active: an advert outranks ours, RFC 9568 6.4.3 says become Backup.
    case outranked(by: UInt8, source: IPAddress)
    /// The active router resigned with priority 0.
    case resigned
  }

  /// The port's parameters.
  public let configuration: Configuration
  /// State as entered last.
  public private(set) var state = State.initialize
  /// The source of our adverts; nil while the port has no such address.
  public private(set) var nodeAddress: IPAddress?
  /// What adverts carry: the configured priority less the node's demotion, set by the group.
  public var priority: UInt8
  /// Preempt_Mode; the group decides when it may be on.
  public var preempts = false
  /// When the last advert of another active router arrived, and nothing since said that it left.
  public private(set) var lastHeard: Instant?
  /// The form in which our adverts are checksummed: the configured one, or the peer's.
  public private(set) var checksumForm: Advertisement.ChecksumForm
  /// In Backup: Active_Down_Timer ran out, so nobody is active on this port as far as adverts tell.
  public private(set) var isVacant = false
  /// When the last advert was sent.
  public private(set) var lastSent: Instant?
  private var activeInterval: Interval
  private var activeDown: Instant?
  private var nextAdvertisement: Instant?
  private var lastExtra: Instant?

  /// A router in Initialize.
  public init(_ configuration: Configuration) {
    self.configuration = configuration
    nodeAddress = configuration.nodeAddress
    priority = configuration.priority
    checksumForm = configuration.checksumForm ?? .withPseudoHeader
    activeInterval = configuration.interval
  }

  /// The port's own address came, went or is another one now.
  public mutating func change(nodeAddress: IPAddress?) { self.nodeAddress = nodeAddress }

  /// Whether this node owns the virtual addresses (RFC 9568 1.7): it becomes active at once.
  public var isOwner: Bool { configuration.priority == 255 }

  /// Skew_Time: in version 3 ((256 - Priority) * Active_Adver_Interval) / 256 (RFC 9568 6.1), in
  /// version 2 (256 - Priority) / 256 seconds (RFC 3768 6.1).
  public var skewTime: Interval {
    let base = configuration.version == .two ? .seconds(1) : activeInterval
    return base * (256 - Int(priority)) / 256
  }

  /// Active_Down_Interval = 3 * Active_Adver_Interval + Skew_Time (RFC 9568 6.1).
  public var activeDownInterval: Interval { activeInterval * 3 + skewTime }

  /// When a silence that began at the last advert, or at `start`, has lasted the given number of
  /// the peer's intervals.
  public func silent(intervals: Int, since start: Instant) -> Instant {
    max(lastHeard ?? start, start) + activeInterval * intervals
  }

  /// When ``handle(_:at:)`` wants `.deadlineReached`.
  public var deadline: Instant? {
    switch state {
    case .initialize: nil
    case .backup: activeDown
    case .active: nextAdvertisement
    }
  }

  /// The advert of this port with the given priority.
  public func advertisement(priority: UInt8) -> Advertisement {
    Advertisement(
      version: configuration.version, virtualRouter: configuration.virtualRouter,
      priority: priority,
      intervalCentiseconds: UInt16(clamping: configuration.interval.nanoseconds / 10_000_000),
      addresses: configuration.addresses, authentication: configuration.authentication,
      checksumForm: checksumForm)
  }

  /// Moves to `state`; entering Active sends the first advert.
  public mutating func enter(_ state: State, at now: Instant) -> [Action] {
    self.state = state
    isVacant = false
    activeDown = nil
    nextAdvertisement = nil
    switch state {
    case .initialize:
      return []
    case .backup:
      // (RFC 9568 6.4.1, 6.4.3) The timers start with our own interval until an advert teaches.
      activeInterval = configuration.interval
      lastHeard = nil
      activeDown = now + activeDownInterval
      return []
    case .active:
      nextAdvertisement = now + configuration.interval
      lastSent = now
      lastExtra = now
      return [.sendAdvertisement]
    }
  }

  /// Starts the silence anew: the port came up, or we slept and could not have heard.
  public mutating func listenAgain(at now: Instant) {
    guard state == .backup else { return }
    lastHeard = nil
    isVacant = false
    activeDown = now + activeDownInterval
  }

  /// Handles one event; a rejected packet never gets here.
  public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    switch (state, event) {
    case (.initialize, .advertisementReceived(_, _, let received)):
      lastHeard = received
      return []
    case (.initialize, .deadlineReached):
      return []
    case (.backup, .advertisementReceived(let advertisement, _, let received)):
      return hearInBackup(advertisement, received: received)
    case (.backup, .deadlineReached):
      return expireInBackup(at: now)
    case (.active, .advertisementReceived(let advertisement, let source, let received)):
      return hearInActive(advertisement, source: source, received: received, at: now)
    case (.active, .deadlineReached):
      return expireInActive(at: now)
    }
  }

  /// An advert that the timer did not ask for, unless the last such one is less than
  /// ``Limits/extraAdvertisementGap`` old: a storm of losing adverts must not become ours.
  public mutating func sendExtra(at now: Instant) -> [Action] {
    guard state == .active else { return [] }
    if let lastExtra, now < lastExtra + Limits.extraAdvertisementGap { return [] }
    lastExtra = now
    lastSent = now
    nextAdvertisement = now + configuration.interval
    return [.sendAdvertisement]
  }

  /// RFC 9568 6.4.2.
  private mutating func hearInBackup(
    _ advertisement: Advertisement, received: Instant
  ) -> [Action] {
    mirror(advertisement)
    if advertisement.priority == 0 {
      // (440) Set the Active_Down_Timer to Skew_Time.
      lastHeard = nil
      if !isVacant { activeDown = received + skewTime }
      return [.resigned]
    }
    lastHeard = received
    // (450) With Preempt_Mode and a lower priority: discard, the timer runs on.
    if preempts && advertisement.priority < priority { return [] }
    // (455) Learn the interval, recompute both intervals, restart the timer.
    // In version 2 it is ours, or the advert would not have been admitted.
    activeInterval = advertisement.interval
    activeDown = received + activeDownInterval
    isVacant = false
    return []
  }

  /// RFC 9568 6.4.2 (405): Active_Down_Timer fired.
  private mutating func expireInBackup(at now: Instant) -> [Action] {
    guard let due = activeDown, due <= now else { return [] }
    activeDown = nil
    isVacant = true
    return []
  }

  /// RFC 9568 6.4.3 (700).
  private mutating func hearInActive(
    _ advertisement: Advertisement, source: IPAddress, received: Instant, at now: Instant
  ) -> [Action] {
    mirror(advertisement)
    // (705) Priority 0: send an advert at once, restart the timer.
    if advertisement.priority == 0 {
      lastHeard = nil
      return sendExtra(at: now)
    }
    lastHeard = received
    // (725) Higher priority, or equal and the source is greater as an unsigned number.
    let isGreater = nodeAddress.map { source > $0 } ?? true
    if advertisement.priority > priority || advertisement.priority == priority && isGreater {
      return [.outranked(by: advertisement.priority, source: source)]
    }
    // (745) Discard and send at once: the loser and the bridges between learn of us again.
    return sendExtra(at: now)
  }

  /// RFC 9568 6.4.3 (650): Adver_Timer fired. The next one is absolute, so lateness does not add up.
  private mutating func expireInActive(at now: Instant) -> [Action] {
    guard let due = nextAdvertisement, due <= now else { return [] }
    let interval = configuration.interval
    nextAdvertisement = max(due + interval, now + interval / 2)
    lastSent = now
    return [.sendAdvertisement]
  }

  private mutating func mirror(_ advertisement: Advertisement) {
    if configuration.checksumForm == nil { checksumForm = advertisement.checksumForm }
  }
}
