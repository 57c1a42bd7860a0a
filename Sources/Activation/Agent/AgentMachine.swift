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
  }

  private enum Phase {
    case resting
    case enrolling(EnrollmentMachine)
    case serving(ServiceMachine)
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
    }
  }

  /// Takes an event and says what to do.
  public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    if case .configured(let configuration) = event { return configure(configuration, at: now) }
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
    default: break
    }
    let cancellations = callsInFlight.map { Action.cancel($0) }
    return cancellations + begin(withKnownKey(configuration), at: now)
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

  private mutating func begin(_ configuration: AgentConfiguration, at now: Instant) -> [Action] {
    switch configuration.task {
    case .rest:
      phase = .resting
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
    case .serving(let machine): machine.callsInFlight
    }
  }
}
