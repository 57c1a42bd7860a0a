import Messages
import Wire

/// An activation from the first look at the portal to the signed certificate: steps 3 to 7.
///
/// The secret of the code leaves the box only when the portal has proved to know it, and only to
/// the holder of a certificate of the CA that the proof covers.
struct EnrollmentMachine {
  /// Where the activation is; each stage is one request.
  enum Stage {
    /// Make the portal prove itself.
    case anchor
    /// Ask whether it would take the code.
    case validation
    /// Have the key signed.
    case issuing
    /// Nothing more is done: enrolled, or refused for good.
    case over
  }

  let configuration: AgentConfiguration
  let cryptography: any AgentCryptography
  var enrollment: Enrollment
  var stage = Stage.anchor
  var actions: [AgentMachine.Action] = []

  let code: ActivationCode?
  let portal: PortalURL?
  /// The key that the certificate is for (PEM).
  var privateKey: String
  /// From then on a new key is used, though the supervisor has not said that it is stored.
  var keyWait: Instant?
  /// Whether the portal may have bound the code to this key already, its answer being lost.
  var mayBeBound: Bool
  var nonce: [UInt8] = []
  /// The portal's CA (PEM), once it is proved.
  var authority: String?

  var callInFlight: PortalCall?
  var retryAt: Instant?
  var backoff: Backoff
  /// Whether the try that is under way repeats one whose outcome people already see.
  var isQuiet = false
  /// What people were told last.
  var lastReasons: [String] = []
  private var marks: [ActivationStep: Mark] = [:]

  private struct Mark: Hashable {
    var state: StepState
    var cause: String
  }

  init(
    _ configuration: AgentConfiguration, _ enrollment: Enrollment,
    cryptography: any AgentCryptography, seed: UInt64
  ) {
    self.configuration = configuration
    self.enrollment = enrollment
    self.cryptography = cryptography
    // The supervisor has checked what was typed; nil ends in a report that says so.
    code = try? ActivationCode(parsing: enrollment.code)
    portal = PortalURL(enrollment.portal)
    privateKey = enrollment.privateKey
    mayBeBound = !enrollment.privateKey.isEmpty
    backoff = Backoff(seed: seed)
  }

  /// When to come again.
  var deadline: Instant? { retryAt }

  /// What is under way.
  var callsInFlight: [PortalCall] { callInFlight.map { [$0] } ?? [] }

  /// Whether a configuration is for this activation, perhaps with the key stored meanwhile.
  func isFor(_ other: AgentConfiguration) -> Bool {
    guard case .enroll(var enrollment) = other.task else { return false }
    enrollment.privateKey = self.enrollment.privateKey
    var same = configuration
    same.task = .enroll(enrollment)
    var theirs = other
    theirs.task = same.task
    return enrollment == self.enrollment && theirs == same
  }

  mutating func handle(_ event: AgentMachine.Event, at now: Instant) -> [AgentMachine.Action] {
    switch event {
    case .progressed(let call, let progress) where call == callInFlight: progressed(progress)
    case .ended(let call, let outcome) where call == callInFlight:
      callInFlight = nil
      ended(call, outcome, at: now)
    case .deadlinePassed: if let retryAt, retryAt <= now { go(at: now) }
    case .progressed, .ended, .commanded, .configured, .left: break
    }
    return take()
  }

  /// The first try.
  mutating func begin(at now: Instant) -> [AgentMachine.Action] {
    guard code != nil else {
      giveUp(["The activation code is damaged."], "Type it again.")
      return take()
    }
    guard portal != nil else {
      giveUp(
        ["The address of the portal, \(enrollment.portal), is malformed."],
        "Name it behind the code as CODE@host:port.")
      return take()
    }
    if privateKey.isEmpty || cryptography.certificateRequest(privateKey: privateKey) == nil {
      guard let key = cryptography.makeKey() else {
        giveUp(["No key can be made."], "Restart the gateway.")
        return take()
      }
      privateKey = key
      mayBeBound = false
      report(.keyMade(privateKey: key))
      keyWait = now + AgentLimits.keyPatience
    }
    go(at: now)
    return take()
  }

  /// The supervisor says the same once more: the key is stored, or a person wants another try.
  mutating func resume(_ again: Enrollment, at now: Instant) -> [AgentMachine.Action] {
    let isWaitingForKey = keyWait != nil && retryAt == keyWait
    let isAcknowledgement = enrollment.privateKey.isEmpty && again.privateKey == privateKey
    if again.privateKey == privateKey { keyWait = nil }
    enrollment.privateKey = again.privateKey
    if isAcknowledgement {
      if isWaitingForKey { go(at: now) }
      return take()
    }
    if stage == .over || !again.privateKey.isEmpty && again.privateKey != privateKey {
      return restart(again, at: now)
    }
    // Whoever asks shows the steps from the beginning.
    for (step, mark) in marks.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      report(.step(number: UInt8(step.rawValue), state: mark.state, cause: mark.cause))
    }
    if callInFlight == nil { go(at: now) }
    return take()
  }

  private mutating func restart(_ again: Enrollment, at now: Instant) -> [AgentMachine.Action] {
    let cancellations = callsInFlight.map { AgentMachine.Action.cancel($0) }
    var fresh = EnrollmentMachine(configuration, again, cryptography: cryptography, seed: 0)
    fresh.backoff = backoff
    // A key that was made and not stored yet is still the key of this box.
    if again.privateKey.isEmpty {
      fresh.privateKey = privateKey
      fresh.mayBeBound = mayBeBound
    }
    self = fresh
    return cancellations + begin(at: now)
  }

  /// Sends the request of the stage.
  mutating func go(at now: Instant) {
    retryAt = nil
    guard let portal, let code else { return }
    switch stage {
    case .anchor:
      nonce = cryptography.makeNonce()
      markConnecting()
      send(.anchor, to: portal, body: EnrollmentBody.anchor(code, nonce), trust: .anything)
    case .validation:
      guard let authority else { return }
      markConnecting()
      if !isQuiet { mark(.codeAccepted, .running) }
      send(.validate, to: portal, body: body(code), trust: .authority(authority))
    case .issuing: issue(to: portal, code, at: now)
    case .over: break
    }
  }

  private mutating func issue(to portal: PortalURL, _ code: ActivationCode, at now: Instant) {
    mark(.certificateIssued, .running)
    // A key that is used before it is stored would be lost, and the code with it, in a power cut.
    if let keyWait, now < keyWait {
      retryAt = keyWait
      return
    }
    keyWait = nil
    guard let authority,
      let request = cryptography.certificateRequest(privateKey: privateKey)
    else { return giveUp(["The key of the gateway cannot be read."], "Restart the gateway.") }
    markConnecting()
    mayBeBound = true
    send(.enroll, to: portal, body: body(code, request), trust: .authority(authority))
  }

  private func body(_ code: ActivationCode, _ request: String? = nil) -> [UInt8] {
    EnrollmentBody.enrollment(code, configuration, enrollment, certificateRequest: request)
  }

  private mutating func send(
    _ call: PortalCall, to portal: PortalURL, body: [UInt8], trust: PortalRequest.Trust
  ) {
    callInFlight = call
    let path = call == .validate ? "validateActivationCode" : call.rawValue
    actions.append(
      .send(
        PortalRequest(
          call: call, method: "POST", url: "\(portal.text)/api/v3/activation/\(path)", body: body,
          trust: trust, identity: nil, proxy: proxy, timeout: AgentLimits.requestTimeout)))
  }

  /// The proxy on the way to the portal.
  var proxy: ProxyRoute? {
    guard let proxy = configuration.proxy, let portal, !proxy.spares(portal.host) else {
      return nil
    }
    return proxy
  }
}

// MARK: Steps

extension EnrollmentMachine {
  /// A connection begins: the steps on the way to the portal are to be taken, unless they were.
  private mutating func markConnecting() {
    guard !isDone(.portalReached), let portal else { return }
    if isAddress(proxy?.host ?? portal.host) {
      mark(.dns, .skipped)
      markBehindName()
    } else {
      mark(.dns, .running)
    }
  }

  private mutating func markBehindName() {
    if proxy == nil {
      mark(.proxy, .skipped)
      mark(.portalReached, .running)
    } else {
      mark(.proxy, .running)
    }
  }

  private mutating func progressed(_ progress: PortalProgress) {
    guard !isDone(.portalReached) else { return }
    pass(.dns)
    switch progress {
    case .resolved: markBehindName()
    case .connected:
      if proxy == nil { mark(.proxy, .skipped) }
      pass(.proxy, cause: proxy.map { "by \($0.place)" } ?? "")
      mark(.portalReached, .running)
    }
  }

  /// A step is done, unless it was or was not needed.
  mutating func pass(_ step: ActivationStep, cause: String = "") {
    let state = marks[step]?.state
    if state != .skipped, state != .done { mark(step, .done, cause) }
  }

  /// A step that was passed, and not failed since.
  func isDone(_ step: ActivationStep) -> Bool { marks[step]?.state == .done }

  /// Reports where a step is, once.
  mutating func mark(_ step: ActivationStep, _ state: StepState, _ cause: String = "") {
    let mark = Mark(state: state, cause: cause)
    guard marks.updateValue(mark, forKey: step) != mark else { return }
    report(.step(number: UInt8(step.rawValue), state: state, cause: cause))
    let reason = cause.isEmpty ? "" : " cause=\"\(cause)\""
    actions.append(
      .log(state == .failed ? .notice : .info, "step=\(step.rawValue) state=\(state)\(reason)"))
  }

  mutating func report(_ report: AgentReport) { actions.append(.report(report)) }

  private mutating func take() -> [AgentMachine.Action] {
    defer { actions = [] }
    return actions
  }
}
