import Configuration
import Linux
import Messages
import Policy
import SQLite
import Store
import Supervision
import Wire

/// Candidate → apply → confirm, or back.
///
/// A change that leaves VRRP and session synchronisation alone reaches the roles while they run.
/// Any other one makes every role leave in order (the peer takes over first) and start again.
extension Supervisor {
  /// Puts a document in force for a client, or the one that is with another policy.
  func apply(_ request: ControlRequest, for client: ControlClient) {
    let verb = request.verb.rawValue
    guard let text = request.document else { return refuse(client, "\(verb): no document") }
    let seconds = request.confirmWithinSeconds
    if let seconds, !(1...86_400).contains(seconds) {
      return refuse(client, "\(verb): \(seconds) s is not in 1…86400")
    }
    let canaries = Set(request.canaries ?? [])
    if !canaries.isEmpty, seconds == nil {
      return refuse(client, "\(verb): canaries need a time: confirmWithinSeconds")
    }
    do throws(ConfigurationProblems) {
      let octets = Array(text.utf8)
      let document =
        request.verb == .policyApply
        ? try plan.given.replacing(policy: try PolicyText(parsing: octets))
        : try ConfigurationDocument(parsing: octets)
      guard document.gateway.deployment != .factory else {
        return refuse(client, "\(verb): gateway.deployment: factory is for boxes in the carton")
      }
      let terms = ChangeTerms(confirmWithinSeconds: seconds, canaries: canaries)
      if request.bothNodes == true, request.verb == .configApply {
        return refuse(client, "\(verb): a document is of one node; only a policy is for both")
      }
      if request.bothNodes == true { return applyOnBoth(document, terms, for: client) }
      apply(document, verb, terms, for: client)
    } catch { refuse(client, "\(error)") }
  }

  /// Puts a document in force for a client; `verb` begins every refusal. False: it was refused.
  @discardableResult
  func apply(
    _ document: ConfigurationDocument, _ verb: String, _ terms: ChangeTerms,
    for client: ControlClient
  ) -> Bool {
    let candidate = Plan(document, lease: lease)
    if let reason = reasonNot(toApply: candidate, terms) {
      refuse(client, "\(verb): \(reason)")
      return false
    }
    do throws(StoreError) {
      let number = try store.append(
        document: String(decoding: document.canonical, as: UTF8.self), state: .applied,
        time: WallClock.milliseconds())
      let deadline = MonotonicClock.now() + SupervisorLimits.applyPatience
      note("config.applied", "configuration \(number) applied", verb)
      change = ConfigurationChange(
        previous: plan, number: number, terms: terms, client: client, verb: verb,
        phase: .settling([], deadline: deadline))
      let settling = put(candidate)
      change?.phase = .settling(settling, deadline: deadline)
      finishSettling()
      return true
    } catch {
      refuse(client, "\(verb): \(error)")
      return false
    }
  }

  /// Why a plan cannot be put in force now, as long as no role is asked.
  func reasonNot(toApply candidate: Plan, _ terms: ChangeTerms) -> String? {
    if change != nil {
      return "another change is not confirmed yet; confirm or roll it back first"
    }
    if let asked = both.asked, asked.isUnderWay, terms.paired != .ours(asked.number) {
      return "a policy is on its way to both nodes; wait for its end"
    }
    let missing = candidate.missingPorts
    if !missing.isEmpty && !candidate.isFactory { return missing.joined(separator: "\n") }
    // Sessions that another policy of the same epoch has judged would not be judged again.
    let judges = [(plan, "is in force"), (takenBack, "was in force and taken back")]
    for case (let other?, let words) in judges where !other.isFactory {
      let problem = candidate.given.versionProblem(after: other.given, which: words)
      if let problem { return problem.description }
    }
    return reasonNot(toWaitFor: terms.canaries, candidate)
  }

  /// Keeps the change.
  func confirm(for client: ControlClient) {
    guard case .unconfirmed = change?.phase, let number = change?.number else {
      return refuse(client, "config confirm: no change waits for a confirmation")
    }
    if let reason = reasonToAskThere { return refuse(client, "config confirm: \(reason)") }
    keepChange()
    answer(client, ControlAnswer(done: true, "configuration \(number) confirmed"))
  }

  /// The change is in force for good.
  func keepChange() {
    guard let kept = change else { return }
    change = nil
    conclude(kept.number, .confirmed)
    if let version = kept.terms.portalVersion { keepPortalVersion(version) }
    if case .ours(let number) = kept.terms.paired { endPaired(number, .keep) }
    putHouseInOrder()
  }

  /// Takes the change back on request.
  func rollBack(for client: ControlClient) {
    guard let change else {
      return refuse(client, "config rollback: no change waits for a confirmation")
    }
    if let reason = reasonToAskThere { return refuse(client, "config rollback: \(reason)") }
    takeBack(because: "config rollback")
    answer(client, ControlAnswer(done: true, "configuration \(change.number) rolled back"))
  }

  /// Takes the change back for a reason that whoever still waits for it is told.
  func takeBack(because reason: String) {
    if let change, let waiting = change.client {
      refuse(waiting, "\(change.verb): rolled back: \(reason)")
    }
    revert(reason)
  }

  /// A role can use the configuration.
  func settleChange(_ name: RoleName) {
    guard case .settling(var roles, let deadline) = change?.phase else { return }
    roles.remove(name)
    change?.phase = .settling(roles, deadline: deadline)
    finishSettling()
  }

  /// A role cannot use the configuration.
  func failChange(_ reason: String) {
    guard let failed = change, case .settling = failed.phase, let client = failed.client else {
      return
    }
    revert(reason)
    refuse(client, "\(failed.verb): \(reason); the last configuration is in force again")
  }

  /// The time for the roles, or for the operator, is over.
  func expireChange(at now: Instant) {
    guard let change, change.deadline <= now else { return }
    switch change.phase {
    case .settling(let roles, _):
      let names = roles.map(\.rawValue).sorted().joined(separator: ", ")
      failChange("no answer from \(names) in time")
    case .unconfirmed:
      let missing = change.missing
      revert(missing.isEmpty ? "nobody confirmed in time" : "not there in time: \(missing)")
    }
  }

  // MARK: Steps

  /// Puts a plan in force; the roles whose answer counts.
  @discardableResult
  func put(_ candidate: Plan) -> Set<RoleName> {
    let old = plan
    plan = candidate
    // Everything is leaving; there is nothing left to be put in force.
    guard !isStopping else { return [] }
    forgetSuspension()
    putHouseInOrder()
    if candidate.isLiveChange(from: old), allRun {
      renewNetwork(candidate)
      serveLANs()
      let roles = candidate.roles.map(\.name).filter { $0 != .fence }
      for role in roles { configure(role) }
      return Set(roles)
    }
    // Every role leaves; when the last has gone the table's `finish` sets the new plan up.
    isReplacing = true
    serveLANs()
    step(.stopped)
    return Set(candidate.roles.map(\.name))
  }

  private func finishSettling() {
    guard case .settling(let roles, _) = change?.phase, roles.isEmpty, let done = change,
      let client = done.client
    else { return }
    guard let seconds = done.terms.confirmWithinSeconds else {
      keepChange()
      return answer(
        client, ControlAnswer(done: true, "configuration \(done.number) in force\(done.place)"))
    }
    let now = MonotonicClock.now()
    change?.client = nil
    change?.since = now
    change?.phase = .unconfirmed(deadline: now + .seconds(seconds))
    if done.terms.canaries.contains(.controller) {
      // On new connections, and told from here on only: what the portal acknowledges has come to
      // it under this configuration.
      configureAgent(again: true)
      change?.event = note("config.in-force", "configuration \(done.number) is in force", "")
    }
    let words =
      done.missing.isEmpty
      ? "confirm within \(seconds) s (ztb config confirm)"
      : "it is kept when within \(seconds) s there is: \(done.missing)"
    answer(
      client,
      ControlAnswer(done: true, "configuration \(done.number) in force\(done.place); \(words)"))
  }

  /// Puts what was in force before a change in force again.
  func revert(_ reason: String) {
    guard let failed = change else { return }
    change = nil
    switch failed.terms.paired {
    case .ours(let number): endPaired(number, .takeBack)
    case .theirs(let number):
      if case .unconfirmed = failed.phase { tell(.answer(done: false, reason), number) }
    case nil: break
    }
    conclude(failed.number, .rolledBack)
    takenBack = plan
    note("config.rolled-back", "configuration \(failed.number) rolled back", reason)
    if let version = failed.terms.portalVersion {
      let because = "rolled back: \(reason)"
      contact.refusedVersion = version
      portalDocumentSettled(version, ControlAnswer(done: false, because))
    }
    put(Plan(failed.previous.given, lease: lease))
  }

  private func conclude(_ number: Int64, _ state: DocumentState) {
    do throws(StoreError) {
      try store.set(state: state, ofDocument: number)
    } catch { log.write(.error, "supervise", "\(error)") }
    if state == .confirmed { note("config.confirmed", "configuration \(number) confirmed", "") }
  }
}
