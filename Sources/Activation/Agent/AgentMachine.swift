public import Messages
public import Wire

/// The agent without its network: what it sends to the portal and reports to the supervisor, and
/// when.
///
/// Who drives it performs the actions in their order, gives what comes of them back as events, and
/// comes again at ``deadline``.
public struct AgentMachine {
  /// What happens to the agent.
  public enum Event {
    /// The supervisor says what to do; also to try at once what is waiting.
    case configured(AgentConfiguration)
    /// The supervisor has something for the portal.
    case commanded(AgentCommand)
    /// A connection comes about.
    case progressed(PortalCall, PortalProgress)
    /// A request is over.
    case ended(PortalCall, PortalOutcome)
    /// ``AgentMachine/deadline`` has come.
    case deadlinePassed
    /// The process is to end.
    case left
  }

  /// What is to be done about it.
  public enum Action: Hashable, Sendable {
    /// Send a request; its end is ``Event/ended(_:_:)``.
    case send(PortalRequest)
    /// Give a request up; nothing more is heard of it.
    case cancel(PortalCall)
    /// Tell the supervisor.
    case report(AgentReport)
    /// One line for the log; holds no secret.
    case log(LogLevel, String)
    /// End the process; nothing more is to be done.
    case leave
  }

  private enum Phase {
    case resting
    case enrolling(EnrollmentMachine)
    case serving(ServiceMachine)
    /// The portal still gets to know what became of a command; then comes the next task, or (nil)
    /// the end.
    case settling(ServiceMachine, next: AgentConfiguration?, until: Instant)
  }

  private let cryptography: any AgentCryptography
  private let seed: UInt64
  private var phase = Phase.resting

  /// An agent that rests.
  /// - Parameter seed: for the jitter of its waits; another one in each gateway.
  public init(cryptography: any AgentCryptography, seed: UInt64) {
    self.cryptography = cryptography
    self.seed = seed
  }

  /// When the agent wants to be called again, whatever happens.
  public var deadline: Instant? {
    switch phase {
    case .resting: nil
    case .enrolling(let machine): machine.deadline
    case .serving(let machine): machine.deadline
    case .settling(_, _, let until): until
    }
  }

  /// Takes an event and says what to do.
  public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    if case .configured(let configuration) = event { return configure(configuration, at: now) }
    if case .left = event { return turn(to: nil, at: now) }
    switch phase {
    case .resting: return []
    case .enrolling(var machine):
      let actions = machine.handle(event, at: now)
      phase = .enrolling(machine)
      return actions
    case .serving(var machine):
      let actions = machine.handle(event, at: now)
      phase = .serving(machine)
      return actions
    case .settling(var machine, let next, let until):
      let actions = machine.handle(event, at: now)
      phase = .settling(machine, next: next, until: until)
      let isOver = machine.isSettled || until <= now
      return actions + (isOver ? begin(next, at: now) : [])
    }
  }

  private mutating func configure(
    _ configuration: AgentConfiguration, at now: Instant
  ) -> [Action] {
    switch (phase, configuration.task) {
    case (.enrolling(var machine), .enroll(let enrollment)) where machine.isFor(configuration):
      let actions = machine.resume(enrollment, at: now)
      phase = .enrolling(machine)
      return actions
    case (.serving(var machine), .serve(let identity)) where machine.isFor(identity):
      let actions = machine.resume(configuration, at: now)
      phase = .serving(machine)
      return actions
    default: return turn(to: withKnownKey(configuration), at: now)
    }
  }

  /// Goes over to another task, or (nil) to the end; at once, unless the portal waits for something.
  private mutating func turn(to next: AgentConfiguration?, at now: Instant) -> [Action] {
    switch phase {
    case .serving(var machine):
      let actions = machine.settle(at: now)
      guard !machine.isSettled else { return actions + begin(next, at: now) }
      phase = .settling(machine, next: next, until: now + AgentLimits.settlePatience)
      return actions
    case .settling(let machine, _, let until):
      phase = .settling(machine, next: next, until: until)
      return []
    case .resting, .enrolling: return begin(next, at: now)
    }
  }

  /// The same code with other settings keeps the key that was made for it, stored or not.
  private func withKnownKey(_ configuration: AgentConfiguration) -> AgentConfiguration {
    guard case .enrolling(let machine) = phase, case .enroll(var next) = configuration.task,
      next.privateKey.isEmpty, next.code == machine.enrollment.code
    else { return configuration }
    next.privateKey = machine.privateKey
    var result = configuration
    result.task = .enroll(next)
    return result
  }

  private mutating func begin(_ next: AgentConfiguration?, at now: Instant) -> [Action] {
    let cancellations = callsInFlight.map { Action.cancel($0) }
    phase = .resting
    guard let next else { return cancellations + [.leave] }
    return cancellations + start(next, at: now)
  }

  private mutating func start(_ configuration: AgentConfiguration, at now: Instant) -> [Action] {
    switch configuration.task {
    case .rest:
      return [.log(.info, "rests: the gateway is not activated or not managed")]
    case .enroll(let enrollment):
      var machine = EnrollmentMachine(
        configuration, enrollment, cryptography: cryptography, seed: seed)
      let actions = machine.begin(at: now)
      phase = .enrolling(machine)
      return actions
    case .serve(let identity):
      var machine = ServiceMachine(configuration, identity, seed: seed)
      let actions = machine.begin(at: now)
      phase = .serving(machine)
      return actions
    }
  }

  private var callsInFlight: [PortalCall] {
    switch phase {
    case .resting: []
    case .enrolling(let machine): machine.callsInFlight
    case .serving(let machine), .settling(let machine, _, _): machine.callsInFlight
    }
  }
}
