import JSON
import Messages
import Wire

/// An activated gateway and its portal: configuration and commands down, status and events up.
///
/// The portal may be away for as long as it likes. Then one request at a time tries whether it is
/// back; whatever waits is bounded, and the events wait in the supervisor.
struct ServiceMachine {
  /// How the portal is, as far as we told.
  enum Contact: Hashable {
    case unknown
    case up
    case down(reason: String)
  }

  /// What became of a document, on its way to the portal.
  struct Applied: Hashable {
    var version: UInt64
    var outcome: ApplyOutcome
    var reason: String
  }

  /// What became of a command, on its way to the portal.
  struct CommandResult: Hashable {
    var id: String
    var done: Bool
    var text: String
  }

  /// What a status request that is under way carries.
  struct SentStatus: Hashable {
    var document: [UInt8]
    var applied: Applied?
    var resultCount: Int
  }

  var configuration: AgentConfiguration
  let identity: PortalIdentity
  var actions: [AgentMachine.Action] = []

  /// Nothing but what became of documents and commands is sent any more.
  var isSettling = false
  var contact = Contact.unknown
  /// Failures since the last answer.
  var failures = 0
  var retryAt: Instant?
  var backoff: Backoff

  /// Version of the last document that the portal gave.
  var have: UInt64
  var pollBegan: Instant?
  var pollAt: Instant
  /// Commands that were handed on, so that one that comes again is not done again.
  var commandsSeen: [String] = []

  /// The last status document, and the last that the portal has.
  var document: [UInt8]?
  var deliveredDocument: [UInt8]?
  var sentStatus: SentStatus?
  var statusSentAt: Instant?
  var outcomes: [Applied] = []
  var results: [CommandResult] = []

  var events: [JSONValue] = []
  var lastEvent: Int64
  var sentEvents: (count: Int, last: Int64)?

  init(_ configuration: AgentConfiguration, _ identity: PortalIdentity, seed: UInt64) {
    self.configuration = configuration
    self.identity = identity
    backoff = Backoff(seed: seed)
    have = identity.documentVersion
    lastEvent = identity.eventsDelivered
    pollAt = .zero
  }

  /// Whether another identity is this one, further on.
  func isFor(_ other: PortalIdentity) -> Bool {
    var other = other
    other.documentVersion = identity.documentVersion
    other.eventsDelivered = identity.eventsDelivered
    return other == identity
  }

  /// What is under way.
  var callsInFlight: [PortalCall] {
    var calls: [PortalCall] = []
    if pollBegan != nil { calls.append(.poll) }
    if sentStatus != nil { calls.append(.status) }
    if sentEvents != nil { calls.append(.events) }
    return calls
  }

  /// When to come again.
  var deadline: Instant? {
    if isProbing { return nil }
    if let retryAt { return retryAt }
    return [pollBegan == nil ? pollAt : nil, statusDue].compactMap(\.self).min()
  }

  /// The first requests.
  mutating func begin(at now: Instant) -> [AgentMachine.Action] {
    actions.append(.log(.info, "serves portal=\(identity.url) have=\(have)"))
    pump(at: now)
    return take()
  }

  /// The supervisor says the same once more: the way may have changed.
  mutating func resume(
    _ configuration: AgentConfiguration, at now: Instant
  ) -> [AgentMachine.Action] {
    self.configuration = configuration
    if case .serve(let identity) = configuration.task, identity.documentVersion < have {
      // A document that could not be kept is fetched again.
      have = identity.documentVersion
      if pollBegan != nil { actions.append(.cancel(.poll)) }
      pollBegan = nil
      pollAt = now
    }
    if retryAt != nil { retryAt = now }
    pump(at: now)
    return take()
  }

  /// Whether the portal has everything that it waits for, as far as it can be reached.
  var isSettled: Bool { failures > 0 || outcomes.isEmpty && results.isEmpty }

  /// The last request, if the portal waits for something.
  mutating func settle(at now: Instant) -> [AgentMachine.Action] {
    isSettling = true
    if !isSettled, document == nil { document = Array("null".utf8) }
    pump(at: now)
    return take()
  }

  mutating func handle(_ event: AgentMachine.Event, at now: Instant) -> [AgentMachine.Action] {
    switch event {
    case .commanded(let command): commanded(command)
    case .ended(let call, let outcome) where callsInFlight.contains(call):
      ended(call, outcome, at: now)
    case .deadlinePassed, .progressed, .ended, .configured, .left: break
    }
    pump(at: now)
    return take()
  }

  private mutating func take() -> [AgentMachine.Action] {
    defer { actions = [] }
    return actions
  }

  private mutating func commanded(_ command: AgentCommand) {
    switch command {
    case .status(let document): self.document = document
    case .events(let list, _): queue(list)
    case .applied(let version, let outcome, let reason):
      outcomes.append(Applied(version: version, outcome: outcome, reason: reason))
      if outcomes.count > AgentLimits.outcomes { outcomes.removeFirst() }
    case .commandDone(let id, let done, let text):
      results.append(CommandResult(id: id, done: done, text: text))
      if results.count > AgentLimits.commands { results.removeFirst() }
    case .fetch, .fetchCancel: break  // Not of the portal's conversation: the role fetches.
    }
  }

  /// Takes events that are not here yet. What does not fit comes again: the supervisor goes on
  /// from the last event that was delivered.
  private mutating func queue(_ list: [UInt8]) {
    for event in AnswerText.parse(list)?.array ?? [] {
      guard let number = event["number"]?.integer, number > lastEvent else { continue }
      guard events.count < AgentLimits.eventQueue else {
        return actions.append(.log(.notice, "events wait=\(events.count) last=\(lastEvent)"))
      }
      events.append(event)
      lastEvent = number
    }
  }
}

// MARK: Requests

extension ServiceMachine {
  /// Whether the portal was away and is being tried.
  private var isProbing: Bool { failures > 0 && !callsInFlight.isEmpty }

  private var hasNews: Bool {
    document != deliveredDocument || !outcomes.isEmpty || !results.isEmpty
  }

  /// When the next status is to be sent; nil while one is under way, or nothing is known.
  private var statusDue: Instant? {
    guard document != nil, sentStatus == nil else { return nil }
    guard let statusSentAt else { return .zero }
    return statusSentAt + (hasNews ? AgentLimits.statusSpacing : AgentLimits.statusSilence)
  }

  /// Sends whatever is due; one request only while the portal is away.
  private mutating func pump(at now: Instant) {
    if isSettling {
      if !isSettled, sentStatus == nil { sendStatus(at: now) }
      return
    }
    if let retryAt {
      guard retryAt <= now else { return }
      self.retryAt = nil
      // The status is answered at once, a poll perhaps in 50 seconds.
      if document != nil { sendStatus(at: now) } else { sendPoll(at: now) }
      return
    }
    if isProbing {
      if document != nil, sentStatus == nil { sendStatus(at: now) }
      return
    }
    if pollBegan == nil, pollAt <= now { sendPoll(at: now) }
    if let statusDue, statusDue <= now { sendStatus(at: now) }
    if sentEvents == nil, !events.isEmpty { sendEvents() }
  }

  private mutating func sendPoll(at now: Instant) {
    pollBegan = now
    send(.poll, "GET", "config?have=\(have)", timeout: AgentLimits.pollTimeout)
  }

  private mutating func sendStatus(at now: Instant) {
    guard let document else { return }
    let sent = SentStatus(
      document: document, applied: outcomes.first, resultCount: results.count)
    sentStatus = sent
    statusSentAt = now
    send(.status, "POST", "status", body: ServiceBody.status(sent, results))
  }

  private mutating func sendEvents() {
    let batch = events.prefix(AgentLimits.eventBatch)
    guard let last = batch.last?["number"]?.integer else { return }
    sentEvents = (batch.count, last)
    send(
      .events, "POST", "events",
      body: JSONValue.object([.init("events", .array(Array(batch)))]).canonical)
  }

  private mutating func send(
    _ call: PortalCall, _ method: String, _ path: String, body: [UInt8] = [],
    timeout: Interval = AgentLimits.requestTimeout
  ) {
    let url = PortalURL(identity.url)
    let isSpared = configuration.proxy?.spares(url?.host ?? "") == true
    actions.append(
      .send(
        PortalRequest(
          call: call, method: method, url: "\(url?.text ?? identity.url)/api/v3/agent/\(path)",
          body: body, trust: .authority(identity.caCertificate),
          identity: .init(certificate: identity.certificate, privateKey: identity.privateKey),
          proxy: isSpared ? nil : configuration.proxy, timeout: timeout)))
  }
}
