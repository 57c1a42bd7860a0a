public import Wire

/// One check of a path: probes at an interval, and a verdict that one lost probe does not change.
///
/// The caller sends what ``Action/probe(_:)`` asks for and hands in the answers; a probe without an
/// answer within the timeout has failed. `fall` failures in a row make the path down, `rise`
/// successes in a row make it up again. Until the first result it counts as down, so that a node that
/// just started does not look healthier than it is; the first result decides at once.
public struct PathCheck: Sendable {
  /// What a check needs to know.
  public struct Configuration: Hashable, Sendable {
    /// Time between two probes.
    public var interval: Interval
    /// How long an answer may take; not longer than the interval.
    public var timeout: Interval
    /// Failures in a row that make the path down, at least 1.
    public var fall: Int
    /// Successes in a row that make it up, at least 1.
    public var rise: Int

    /// Joins the parameters.
    public init(
      interval: Interval = .seconds(1), timeout: Interval = .milliseconds(500), fall: Int = 3,
      rise: Int = 2
    ) {
      precondition(fall > 0 && rise > 0, "a verdict needs at least one result")
      self.interval = interval
      self.timeout = min(timeout, interval)
      self.fall = fall
      self.rise = rise
    }
  }

  /// What happens to a check.
  public enum Event: Sendable {
    /// Begin.
    case started
    /// The target answered a probe as it should.
    case answered(probe: UInt32)
    /// A probe could not be sent, or its answer says that the path does not work.
    case refused(probe: UInt32)
    /// ``PathCheck/deadline`` has come.
    case deadlineReached
  }

  /// What a check wants done.
  public enum Action: Hashable, Sendable {
    /// Send the probe with this number; the number must come back with the answer.
    case probe(UInt32)
    /// The verdict is another one now.
    case changed(isUp: Bool)
  }

  /// The parameters.
  public let configuration: Configuration
  /// The verdict; down before the first result.
  public private(set) var isUp = false
  /// Whether a probe has been decided since the start.
  public private(set) var isDecided = false
  /// Results in a row that speak against the verdict.
  public private(set) var against = 0
  private var probe: UInt32 = 0
  private var due: Instant?
  private var expires: Instant?

  /// A check that has not started.
  public init(_ configuration: Configuration) { self.configuration = configuration }

  /// When ``handle(_:at:)`` wants `.deadlineReached`.
  public var deadline: Instant? { [due, expires].compactMap { $0 }.min() }

  /// Handles one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    switch event {
    case .started:
      return send(at: now)
    case .answered(let number):
      return settle(number, isGood: true)
    case .refused(let number):
      return settle(number, isGood: false)
    case .deadlineReached:
      var actions: [Action] = []
      if let expires, now >= expires { actions += settle(probe, isGood: false) }
      if let due, now >= due { actions += send(at: now) }
      return actions
    }
  }

  private mutating func send(at now: Instant) -> [Action] {
    probe &+= 1
    // Absolute, so that lateness does not add up; a sleep is not made up for with a burst.
    due = max((due ?? now) + configuration.interval, now + configuration.interval / 2)
    expires = now + configuration.timeout
    return [.probe(probe)]
  }

  /// One probe, one result: an answer that comes twice or too late changes nothing.
  private mutating func settle(_ number: UInt32, isGood: Bool) -> [Action] {
    guard number == probe, expires != nil else { return [] }
    expires = nil
    guard isDecided else {
      isDecided = true
      isUp = isGood
      return [.changed(isUp: isGood)]
    }
    guard isGood != isUp else {
      against = 0
      return []
    }
    against += 1
    guard against >= (isUp ? configuration.fall : configuration.rise) else { return [] }
    against = 0
    isUp = isGood
    return [.changed(isUp: isGood)]
  }
}
