import Activation
import CLinux
import Configuration
import Glibc
import JSON
import Linux
import Messages
import SQLite
import Store
import Wire

/// What is known of the way to the portal, and what was told on it.
struct PortalContact {
  /// Whether the portal answers now.
  var isConnected = false
  /// Why not.
  var reason = "not tried yet"
  /// When it last answered, RFC 3339.
  var lastSeen = ""
  /// What the agent was configured with.
  var configured: AgentConfiguration?
  /// The address of the WAN at that time: connections of another one are dead.
  var address: IPv4Prefix?
  /// What the last status said, apart from what changes all the time.
  var told = ""
  /// When a status is due although nothing has changed.
  var nextStatusAt: Instant?
  /// Number of the last event that was handed to the agent.
  var eventsHanded: Int64 = 0
  /// The version that was taken back: it is not tried over and over.
  var refusedVersion: UInt64?
  /// A document that came while another change was under way.
  var waiting: (version: UInt64, text: String)?
}

/// The portal's side of the supervisor.
extension Supervisor {
  /// Takes one report of `agent`.
  func receivedAgent(_ report: AgentReport) {
    guard isExpected(report) else {
      return log.write(.notice, "agent", "a report of an earlier life is dropped")
    }
    switch report {
    case .step(let number, let state, let cause): agentStepped(number, state, cause)
    case .failed(let reasons, let remedy, let isFinal):
      updateAttempt {
        $0.fail(reasons, remedy: remedy, isFinal: isFinal, retriesByItself: !isFinal)
      }
    case .keyMade(let privateKey):
      updateAttempt { $0.privateKey = privateKey }
      // The key is stored: the agent waits for this before it uses the key.
      configureAgent(again: true)
    case .enrolled(let identity, let gateway): enrolled(identity, gateway)
    case .document(let version, let text): receivedDocument(version, text)
    case .contact(let isConnected, let reason): contactChanged(isConnected, reason)
    case .command(let id, let verb): perform(verb, from: .portalCommand(id))
    case .eventsDelivered(let last): eventsDelivered(last)
    case .clock(let seconds): setClock(seconds)
    case .fetchProgress(let octets, let total): fetched(octets, of: total)
    case .fetchEnded(let reason): fetchEnded(reason)
    }
  }

  /// Whether a report goes with what we are now: after a factory reset some are still on their way.
  private func isExpected(_ report: AgentReport) -> Bool {
    switch report {
    case .document, .eventsDelivered, .command, .contact: identity != nil
    case .enrolled(let new, _):
      identity == nil && attempt?.isAlive == true && new.privateKey == attempt?.privateKey
    case .step, .failed, .keyMade, .clock, .fetchProgress, .fetchEnded: true
    }
  }

  /// The portal as people see it; nil where there is none.
  var controllerStatus: ControllerStatus? {
    guard let identity else { return nil }
    return ControllerStatus(
      url: identity.url, connected: contact.isConnected, lastSeen: contact.lastSeen,
      reason: contact.reason)
  }

  // MARK: The agent's task

  /// Tells `agent` what to do, when that has changed, or (`again`) in any case.
  func configureAgent(again: Bool = false) {
    let configuration = AgentConfiguration(
      serial: serial, profile: plan.given.gateway.profile.name, version: RunningSoftware.version,
      proxy: proxyRoute, task: agentTask)
    let isElsewhere = contact.address != plan.document.wan.address
    guard again || isElsewhere || !configuration.isAlike(contact.configured) else { return }
    contact.configured = configuration
    contact.address = plan.document.wan.address
    contact.told = ""
    contact.eventsHanded = identity?.eventsDelivered ?? 0
    household?.send(.configure(.agent(configuration)), to: .agent)
    // The portal may have missed it: a power cut after the change and before the word of it.
    if let version = identity?.documentVersion, version > 0, change == nil {
      tellAgent(.applied(version: version, outcome: .applied, reason: ""))
    }
  }

  private var agentTask: AgentTask {
    if options.isUnmanaged { return .rest }
    if let identity { return .serve(identity) }
    guard let attempt, attempt.isAlive, attempt[.wanUp] == .done else { return .rest }
    let proxy = plan.given.wan.proxy.map { "\($0.host):\($0.port)" } ?? ""
    return .enroll(
      Enrollment(
        portal: attempt.portal, code: attempt.code, caFingerprint: attempt.caFingerprint,
        linkDigest: attempt.linkDigest, privateKey: attempt.privateKey,
        wan: encoded(WANParameters(plan.given.wan)), proxy: proxy))
  }

  private var proxyRoute: ProxyRoute? {
    plan.given.wan.proxy.map {
      ProxyRoute(
        host: $0.host, port: $0.port, user: $0.user,
        password: $0.password.map { String(decoding: $0.octets, as: UTF8.self) },
        exceptions: $0.exceptions)
    }
  }

  // MARK: Enrolment

  private func agentStepped(_ number: UInt8, _ state: StepState, _ cause: String) {
    guard let step = ActivationStep(rawValue: Int(number)) else { return complain("agent") }
    let word: ActivationStepStatus.State =
      switch state {
      case .running: .running
      case .done: .done
      case .failed: .failed
      case .skipped: .skipped
      }
    updateAttempt { $0.advance(step, word, cause) }
  }

  private func enrolled(_ new: PortalIdentity, _ gateway: String) {
    identity = new
    keep(setting: SettingName.identity, encoded(new))
    keep(setting: SettingName.gatewayName, gateway)
    note("activation.enrolled", "the portal knows this appliance as \(gateway)", "")
    updateAttempt {
      $0.advance(.certificateIssued, .done, "")
      $0.mark(.configurationApplied, .running)
    }
    configureAgent()
  }

  // MARK: Documents

  private func receivedDocument(_ version: UInt64, _ text: String) {
    if change?.terms.portalVersion == version { return }
    if contact.refusedVersion == version {
      return tellAgent(
        .applied(version: version, outcome: .failed, reason: "it was taken back before"))
    }
    guard change == nil, !isReplacing else {
      contact.waiting = (version, text)
      return
    }
    do throws(ConfigurationProblems) {
      let document = try ConfigurationDocument(parsing: Array(text.utf8))
      tellAgent(.applied(version: version, outcome: .verified, reason: ""))
      updateAttempt { $0.mark(.configurationApplied, .running) }
      if document == plan.given {
        keepPortalVersion(version)
        return portalDocumentSettled(version, ControlAnswer(done: true, "already in force"))
      }
      let terms = ChangeTerms(
        confirmWithinSeconds: SupervisorLimits.portalConfirmSeconds, canaries: [.controller],
        portalVersion: version)
      apply(document, "portal configuration \(version)", terms, for: .portalDocument(version))
    } catch {
      portalDocumentSettled(version, ControlAnswer(done: false, "\(error)"))
    }
  }

  /// A document of the portal is in force, or cannot be.
  func portalDocumentSettled(_ version: UInt64, _ answer: ControlAnswer) {
    let outcome: ApplyOutcome = answer.done ? .applied : .failed
    tellAgent(
      .applied(version: version, outcome: outcome, reason: answer.done ? "" : answer.text))
    updateAttempt {
      if answer.done {
        $0.mark(.configurationApplied, .done)
        $0.mark(.servicesRunning, .running)
      } else {
        $0.fail(
          at: .configurationApplied, answer.text.split(separator: "\n").map(String.init),
          remedy: "Correct the site in the portal, then try again.")
      }
    }
  }

  /// A version of the portal's document is in force for good.
  func keepPortalVersion(_ version: UInt64) {
    identity?.documentVersion = version
    keep(setting: SettingName.documentVersion, String(version))
  }

  private func eventsDelivered(_ last: Int64) {
    identity?.eventsDelivered = last
    keep(setting: SettingName.eventsDelivered, String(last))
    // The portal was reached under the new configuration: it does not cut us off.
    if let event = change?.event, event > 0, last >= event { reach(.controller) }
  }

  // MARK: Contact

  private func contactChanged(_ isConnected: Bool, _ reason: String) {
    let was = contact.isConnected
    contact.isConnected = isConnected
    contact.reason = isConnected ? "" : reason
    contact.lastSeen = isConnected || was ? WallClock.timestamp() : contact.lastSeen
    guard was != isConnected else { return }
    note("portal.contact", isConnected ? "the portal answers" : "the portal is away", reason)
  }

  /// After each wake-up: documents that waited, status and events that the portal lacks.
  func tellPortal() {
    guard identity != nil else { return contact.nextStatusAt = nil }
    if let waiting = contact.waiting, change == nil, !isReplacing {
      contact.waiting = nil
      receivedDocument(waiting.version, waiting.text)
    }
    tellStatus(at: MonotonicClock.now())
    tellEvents()
  }

  private func tellStatus(at now: Instant) {
    let (word, since) = currentState
    let steps = attempt?.steps.map { "\($0.state)" }.joined() ?? ""
    let gist = [
      word, since, steps, "\(faults)", "\(knowledge.vrrp?.alarms ?? [])",
      "\(knowledge.sync?.ready ?? false)", "\(knowledge.policy?.version ?? 0)", peerGist,
      updateGist,
    ].joined(separator: "|")
    let isDue = contact.nextStatusAt.map { $0 <= now } ?? true
    guard gist != contact.told || isDue else { return }
    contact.told = gist
    contact.nextStatusAt = now + SupervisorLimits.statusPeriod
    if contact.isConnected { contact.lastSeen = WallClock.timestamp() }
    tellAgent(.status(document: Array(encoded(statusDocument).utf8)))
  }

  /// What the portal shows of the other node: its role, and whether it is heard.
  private var peerGist: String {
    guard let peer = knowledge.vrrp?.peer else { return "" }
    let isHeard = peer.seenAgo.map { $0 < .seconds(1) } ?? false
    return "\(peer.role) \(isHeard)"
  }

  private func tellEvents() {
    guard let delivered = identity?.eventsDelivered, contact.eventsHanded <= delivered else {
      return
    }
    do throws(StoreError) {
      let events = try store.events(
        following: delivered, limit: SupervisorLimits.eventsAtOnce)
      guard let last = events.last else { return }
      contact.eventsHanded = last.number
      let list = encoded(events.map { EventRecord($0) })
      tellAgent(.events(list: Array(list.utf8), last: last.number))
    } catch { log.write(.error, "supervise", "\(error)") }
  }

  private func tellAgent(_ command: AgentCommand) {
    household?.send(.agent(command), to: .agent)
  }

  // MARK: Commands

  /// Does what the portal asks for.
  private func perform(_ verb: String, from client: ControlClient) {
    let verbs: [String: ControlRequest.Verb] = [
      "switchover": .switchover, "drill": .drill, "suspend": .suspend, "resume": .resume,
      "restart": .restart,
      "factory-reset": .factoryReset, "update": .updateInstall, "update-activate": .updateActivate,
    ]
    let words = verb.split(separator: " ", maxSplits: 1).map(String.init)
    guard let known = words.first.flatMap({ verbs[$0] }),
      (words.count == 2) == (known == .updateInstall)
    else { return refuse(client, "\(verb): this version does not know the command") }
    var request = ControlRequest(known)
    if known == .updateInstall { request.source = "portal:\(words[1])" }
    handle(request, from: client)
  }

  /// A clock that was never set would find every certificate of the future.
  private func setClock(_ seconds: Int64) {
    guard WallClock.secondsSince1970() < SupervisorLimits.earliestClock,
      seconds >= SupervisorLimits.earliestClock
    else { return }
    var time = timespec(tv_sec: Int(seconds), tv_nsec: 0)
    let isSet = unsafe clock_settime(CLOCK_REALTIME, &time) == 0
    note("clock", isSet ? "clock set by the portal" : "clock cannot be set", "")
  }

  /// A value as JSON; what we encode ourselves always can be.
  func encoded(_ value: some Encodable) -> String {
    do throws(JSONShapeError) {
      return String(decoding: try JSONValue(encoding: value).compact, as: UTF8.self)
    } catch { preconditionFailure("our own values can be encoded: \(error)") }
  }
}

extension AgentConfiguration {
  /// Whether another configuration gives the same work; what an agent finds out by itself does not
  /// count.
  func isAlike(_ other: AgentConfiguration?) -> Bool {
    guard let other else { return false }
    return stable == other.stable
  }

  private var stable: AgentConfiguration {
    var copy = self
    switch task {
    case .rest: break
    case .enroll(var enrollment):
      enrollment.privateKey = ""
      copy.task = .enroll(enrollment)
    case .serve(var identity):
      identity.documentVersion = 0
      identity.eventsDelivered = 0
      copy.task = .serve(identity)
    }
    return copy
  }
}

extension WANParameters {
  /// The settings as people give them.
  init(_ wan: WANSettings) {
    self.init(
      mode: wan.mode.rawValue, address: wan.address?.description,
      gateway: wan.gateway?.description, vlan: wan.vlan.map { Int($0) },
      dns: wan.dns.map(\.description))
  }
}

extension EventRecord {
  /// An event as it is told.
  init(_ event: StoredEvent) {
    self.init(
      number: event.number,
      time: WallClock.timestamp(
        seconds: event.time / 1_000, milliseconds: Int(event.time % 1_000)),
      kind: event.kind, text: event.text, cause: event.cause)
  }
}
