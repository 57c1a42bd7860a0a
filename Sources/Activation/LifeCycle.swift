/// The life of one gateway as the portal sees it, from the carton on.
///
///     Disconnected -code accepted-> Initializing -configuration verified-> Post-update
///     Initializing -error or 10 min-> Disconnected(reason) -configuration verified-> Initializing
///     Post-update -ready-> Standalone | Active | Standby (sessions in step)
///     Post-update -apply failed, rolled back-> Fault
///     Active <-failover, switchover-> Standby
///     any -reboot, update-> Restarting -> Post-update
///     any -health lost-> Fault -stable-> Standby | Standalone
///     any -suspend-> Suspended -resume-> Standby
///     any -90 s silence-> Disconnected (last: X) -contact-> the reported state
///     any -reset, replaced-> Disconnected (new code)
///
/// Times are seconds since 1970, because the portal keeps them over its own restarts.
public struct LifeCycle: Hashable, Sendable {
  /// Numbers of the machine.
  public enum Limits {
    /// Longest initialisation, in seconds.
    public static let initializingSeconds: Int64 = 600
    /// Longest silence, in seconds.
    public static let silenceSeconds: Int64 = 90
  }

  /// What happens to a gateway.
  public enum Event: Hashable, Sendable {
    /// The portal signed its key.
    case codeAccepted
    /// The gateway has checked the configuration whole.
    case configurationVerified
    /// The gateway could not use the configuration, and went back.
    case configurationFailed(reason: String)
    /// The gateway asked for something without telling its state.
    case contacted
    /// The gateway told its state.
    case reported(Report)
    /// It is told to start again.
    case restarting(cause: String)
    /// Its certificate ends and a new code is issued: a reset, or another box in its place.
    case reset(cause: String)
    /// Time has passed.
    case timePassed
  }

  /// What a gateway says of itself.
  public struct Report: Hashable, Sendable {
    /// Its state.
    public var state: GatewayState
    /// Whether the standby holds every session; true for one without a pair.
    public var sessionsInStep: Bool
    /// Why it is so, in its own words; may be empty.
    public var reason: String

    /// Joins the parts.
    public init(state: GatewayState, sessionsInStep: Bool = true, reason: String = "") {
      self.state = state
      self.sessionsInStep = sessionsInStep
      self.reason = reason
    }
  }

  /// A step from one state to another.
  public struct Transition: Hashable, Sendable {
    /// Before.
    public var from: GatewayState
    /// After.
    public var to: GatewayState
    /// Why.
    public var cause: String
    /// When, in seconds since 1970.
    public var time: Int64
  }

  /// The state.
  public private(set) var state: GatewayState
  /// When it began, in seconds since 1970.
  public private(set) var since: Int64
  /// Why it began.
  public private(set) var cause: String
  /// The state before silence; nil unless the gateway is silent.
  public private(set) var last: GatewayState?
  /// Whether its activation came to nothing, by a refusal or by time: another configuration leads
  /// on, contact alone does not.
  public private(set) var hasFailed = false
  /// When the gateway was last heard of, in seconds since 1970; nil: never.
  public private(set) var heardAt: Int64?

  /// A gateway that was never activated.
  public init(at now: Int64) {
    state = .disconnected
    since = now
    cause = "not activated"
  }

  /// A gateway as it was stored.
  public init(
    state: GatewayState, since: Int64, cause: String, last: GatewayState?, heardAt: Int64?,
    hasFailed: Bool = false
  ) {
    self.state = state
    self.since = since
    self.cause = cause
    self.last = last
    self.heardAt = heardAt
    self.hasFailed = hasFailed
  }

  /// When ``Event/timePassed`` has something to do; nil: never.
  public var deadline: Int64? {
    guard state != .disconnected else { return nil }
    let silence = (heardAt ?? since) + Limits.silenceSeconds
    return state == .initializing ? min(silence, since + Limits.initializingSeconds) : silence
  }

  /// Takes an event; returns the steps in their order.
  public mutating func handle(_ event: Event, at now: Int64) -> [Transition] {
    switch event {
    case .codeAccepted:
      heardAt = now
      return [move(.initializing, "activation code accepted", now)]
    case .configurationVerified: return verified(now)
    case .configurationFailed(let reason): return failed(reason, now)
    case .contacted:
      heardAt = now
      return resumeInterrupted(now)
    case .reported(let report):
      heardAt = now
      return resumeInterrupted(now) + reported(report, now)
    case .restarting(let cause):
      guard state != .disconnected, state != .restarting else { return [] }
      return [move(.restarting, cause, now)]
    case .reset(let cause):
      heardAt = nil
      return [move(.disconnected, cause, now)]
    case .timePassed: return timePassed(now)
    }
  }
}

// MARK: Activation

extension LifeCycle {
  private mutating func verified(_ now: Int64) -> [Transition] {
    heardAt = now
    var before = resumeInterrupted(now)
    if hasFailed { before.append(move(.initializing, "another configuration", now)) }
    switch state {
    case .initializing, .restarting:
      return before + [move(.postUpdate, "configuration verified", now)]
    case .disconnected, .postUpdate, .standalone, .active, .standby, .fault, .suspended:
      // A later configuration does not change what the gateway is.
      return before
    }
  }

  private mutating func failed(_ reason: String, _ now: Int64) -> [Transition] {
    heardAt = now
    let before = resumeInterrupted(now)
    switch state {
    case .initializing:
      let step = move(.disconnected, "configuration refused: \(reason)", now)
      last = .initializing
      hasFailed = true
      return before + [step]
    case .postUpdate:
      return before + [move(.fault, "configuration failed, rolled back: \(reason)", now)]
    case .disconnected, .restarting, .standalone, .active, .standby, .fault, .suspended:
      return before
    }
  }

  /// A gateway that was silent in the middle of its activation goes on where it was; what it is
  /// otherwise, its next report tells.
  private mutating func resumeInterrupted(_ now: Int64) -> [Transition] {
    guard state == .disconnected, !hasFailed, let last,
      last == .initializing || last == .postUpdate
    else { return [] }
    return [move(last, "in contact again", now)]
  }
}

// MARK: Reports

extension LifeCycle {
  private mutating func reported(_ report: Report, _ now: Int64) -> [Transition] {
    switch report.state {
    case .disconnected, .initializing, .postUpdate, .restarting: starting(report, now)
    case .standalone, .active, .standby, .fault, .suspended: running(report, now)
    }
  }

  /// The gateway says that it is not ready yet.
  private mutating func starting(_ report: Report, _ now: Int64) -> [Transition] {
    switch state {
    case .initializing, .postUpdate: return []
    case .restarting:
      guard report.state != .restarting else { return [] }
      return [move(.postUpdate, "started again", now)]
    case .disconnected where last == nil || hasFailed: return []
    case .disconnected, .standalone, .active, .standby, .fault, .suspended:
      return [move(.restarting, words(report, "starting again"), now)]
    }
  }

  private mutating func running(_ report: Report, _ now: Int64) -> [Transition] {
    switch state {
    case .initializing: return []
    case .restarting:
      let first = move(.postUpdate, "started again", now)
      return [first] + ready(report, now)
    case .postUpdate: return ready(report, now)
    case .disconnected:
      guard last != nil, !hasFailed else { return [] }
      return [move(report.state, words(report, "in contact again"), now)]
    case .fault, .suspended:
      guard report.state == .active else { return change(report, now) }
      // It passes through Standby, even if that was too short to be reported.
      let cause = state == .fault ? "stable again" : "resumed"
      let first = move(.standby, cause, now)
      return [first, move(.active, words(report, "took over"), now)]
    case .standalone, .active, .standby: return change(report, now)
    }
  }

  /// Out of Post-update.
  private mutating func ready(_ report: Report, _ now: Int64) -> [Transition] {
    if report.state == .standby, !report.sessionsInStep {
      cause = "waiting for the sessions of the active node"
      return []
    }
    return [move(report.state, words(report, "ready"), now)]
  }

  private mutating func change(_ report: Report, _ now: Int64) -> [Transition] {
    guard report.state != state else { return [] }
    let preset =
      switch (state, report.state) {
      case (_, .fault): "health lost"
      case (_, .suspended): "suspended"
      case (.fault, _): "stable again"
      case (.suspended, _): "resumed"
      case (_, .active): "took over"
      case (.active, .standby): "handed over"
      case (_, _): "reported by the gateway"
      }
    return [move(report.state, words(report, preset), now)]
  }

  private func words(_ report: Report, _ preset: String) -> String {
    report.reason.isEmpty ? preset : report.reason
  }
}

// MARK: Time

extension LifeCycle {
  private mutating func timePassed(_ now: Int64) -> [Transition] {
    guard let deadline, now >= deadline else { return [] }
    let before = state
    let isOverdue = state == .initializing && now >= since + Limits.initializingSeconds
    let cause =
      isOverdue ? "not ready within 10 minutes" : "silent for 90 seconds (last: \(state.rawValue))"
    let step = move(.disconnected, cause, now)
    last = before
    hasFailed = isOverdue
    return [step]
  }

  private mutating func move(_ next: GatewayState, _ cause: String, _ now: Int64) -> Transition {
    let step = Transition(from: state, to: next, cause: cause, time: now)
    state = next
    since = now
    self.cause = cause
    last = nil
    hasFailed = false
    return step
  }
}
