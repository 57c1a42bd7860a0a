import JSON
import Messages
import Wire

extension EnrollmentMachine {
  /// A request is over: the next one, another try later, or the end.
  mutating func ended(_ call: PortalCall, _ outcome: PortalOutcome, at now: Instant) {
    switch outcome {
    case .failed(let failure): failed(failure, at: now)
    case .answered(let answer) where call == .anchor: anchorAnswered(answer, at: now)
    case .answered(let answer): answered(call, answer, at: now)
    }
  }

  /// No answer: the step that did not do its part has failed, those before it are done.
  private mutating func failed(_ failure: PortalFailure, at now: Instant) {
    isQuiet = false
    let step: ActivationStep
    switch failure.place {
    case .name: step = .dns
    case .proxy: step = .proxy
    case .portal: step = .portalReached
    }
    for earlier in [ActivationStep.dns, .proxy] where earlier.rawValue < step.rawValue {
      if earlier == .proxy, proxy == nil { mark(.proxy, .skipped) } else { pass(earlier) }
    }
    // Another portal may stand there next time: it has to prove itself again.
    if step == .portalReached { stage = .anchor }
    retry(step, failure.reason, failure.remedy, at: now)
  }

  /// The portal's proof, and the CA that it covers.
  private mutating func anchorAnswered(_ answer: PortalAnswer, at now: Instant) {
    guard let portal, let code else { return }
    let value = AnswerText.parse(answer.body)
    guard answer.status == 200 else {
      // Nobody has proved anything yet: the words of the answer are not shown.
      if answer.status == 404, value?["error"]?.string == "unknown" {
        mark(.portalReached, .failed, "does not know the code")
        return giveUp(
          ["The portal \(portal.place) does not know this activation code."],
          "Check the code, and that it is from this portal.")
      }
      return unexpected(answer, .portalReached, at: now)
    }
    guard let authority = value?["ca"]?.string,
      let proof = value?["proof"]?.string.flatMap({ Base64URL.decode($0) })
    else {
      return retry(.portalReached, "\(portal.place) is no portal", "check its address", at: now)
    }
    let finding = cryptography.check(proof: proof, of: authority, nonce: nonce, code: code)
    switch finding {
    case .unreadable:
      retry(.portalReached, "\(portal.place) is no portal", "check its address", at: now)
    case .wrongProof:
      retry(
        .portalReached, "\(portal.place) could not prove that it knows this activation code",
        "check the code; if it is right, something on the way answers instead of the portal",
        at: now)
    case .proven(let fingerprint):
      guard enrollment.caFingerprint.isEmpty || enrollment.caFingerprint == fingerprint else {
        return retry(
          .portalReached, "the authority of \(portal.place) is not the one that the link names",
          "copy the link again; if it is right, something on the way answers instead of the portal",
          at: now)
      }
      self.authority = authority
      pass(.dns)
      if proxy == nil { mark(.proxy, .skipped) } else { pass(.proxy) }
      mark(.portalReached, .done, portal.place)
      proceed(to: .validation, at: now)
    }
  }

  /// From here on answers come from the pinned portal.
  private mutating func answered(_ call: PortalCall, _ answer: PortalAnswer, at now: Instant) {
    if let portal, !isDone(.portalReached) { mark(.portalReached, .done, portal.place) }
    let step = call == .validate ? ActivationStep.codeAccepted : .certificateIssued
    let value = AnswerText.parse(answer.body)
    switch (answer.status, call) {
    case (200, .validate):
      mark(.codeAccepted, .done, AnswerText.line(value?["gateway"]?.string ?? ""))
      proceed(to: .issuing, at: now)
    case (200, _): enrolled(value, at: now)
    case (409, _): differ(value, at: now)
    case (403, _): refused(call, value, at: now)
    default: unexpected(answer, step, at: now)
    }
  }

  private mutating func proceed(to next: Stage, at now: Instant) {
    stage = next
    isQuiet = false
    backoff.reset()
    go(at: now)
  }

  private mutating func enrolled(_ value: JSONValue?, at now: Instant) {
    guard let identifier = value?["gatewayId"]?.string, let gateway = value?["gateway"]?.string,
      let certificate = value?["certificate"]?.string, let url = value?["agentUrl"]?.string,
      PortalURL(url) != nil, let authority,
      cryptography.fits(certificate: certificate, privateKey: privateKey)
    else {
      return retry(
        .certificateIssued, "the portal's answer holds no certificate for this gateway",
        "let the portal's operator look into its log", at: now)
    }
    pass(.codeAccepted, cause: AnswerText.line(gateway))
    mark(.certificateIssued, .done)
    stage = .over
    report(
      .enrolled(
        identity: PortalIdentity(
          url: url, caCertificate: authority, certificate: certificate, privateKey: privateKey,
          gatewayID: identifier, documentVersion: 0, eventsDelivered: 0),
        gateway: AnswerText.line(gateway)))
  }

  /// Nothing is consumed; the site may be changed at the portal, the box at the console. In both
  /// cases the activation goes on by itself.
  private mutating func differ(_ value: JSONValue?, at now: Instant) {
    let lines = (value?["differences"]?.array ?? []).compactMap(\.string)
      .prefix(AgentLimits.messageCount).map { AnswerText.line($0) }
    stage = .validation
    let reasons = lines.isEmpty ? ["The settings differ from the site's."] : Array(lines)
    let remedy = "Change them here (2 Configure Gateway) or in the site; then it goes on by itself."
    if !isQuiet || reasons != lastReasons {
      mark(.codeAccepted, .failed, "The settings differ from the site's.")
      report(.failed(reasons: reasons, remedy: remedy, final: false))
    }
    lastReasons = reasons
    isQuiet = true
    retryAt = now + AgentLimits.differencesRetry
  }

  private mutating func refused(_ call: PortalCall, _ value: JSONValue?, at now: Instant) {
    let word = value?["error"]?.string ?? ""
    // The code may have been used by this very gateway in a try that was interrupted; the portal
    // then signs the same key again.
    if word == "used", call == .validate, mayBeBound {
      return proceed(to: .issuing, at: now)
    }
    let message = AnswerText.line(value?["message"]?.string ?? "")
    let reason =
      message.isEmpty ? "The portal refuses this code (\(AnswerText.line(word)))." : message
    if word == "suspended" {
      return retry(.codeAccepted, reason, "resume the gateway at the portal", at: now)
    }
    mark(.codeAccepted, .failed, reason)
    giveUp([reason], Self.remedy(word))
  }

  private static func remedy(_ word: String) -> String {
    switch word {
    case "replaced": "Use the newest code or link."
    case "wrong-platform": "Use the code or link of a gateway of this model."
    case "unknown": "Check the code, and that it is from this portal."
    default: "Ask the administrator of the portal for a new code or link."
    }
  }

  /// An answer that says nothing about the code: too many requests, an ill portal, something else.
  private mutating func unexpected(
    _ answer: PortalAnswer, _ step: ActivationStep, at now: Instant
  ) {
    let place = portal?.place ?? ""
    guard answer.status == 429 else {
      return retry(step, "\(place) answered \(answer.status)", "", at: now)
    }
    let seconds = min(max(answer.retryAfterSeconds ?? 30, 1), 3_600)
    fail(step, "\(place) has had too many tries", "", wait: .seconds(seconds), at: now)
  }

  /// The step failed; it is tried again by itself.
  private mutating func retry(
    _ step: ActivationStep, _ reason: String, _ remedy: String, at now: Instant
  ) {
    let wait = backoff.wait(longest: AgentLimits.longestBackoff)
    fail(step, reason, remedy, wait: wait, at: now)
  }

  private mutating func fail(
    _ step: ActivationStep, _ reason: String, _ remedy: String, wait: Interval, at now: Instant
  ) {
    let reason = AnswerText.sentence(reason)
    let seconds = max(1, (wait.nanoseconds + 500_000_000) / 1_000_000_000)
    let again = "The next try is in \(seconds) s."
    mark(step, .failed, reason)
    report(
      .failed(
        reasons: [reason],
        remedy: remedy.isEmpty ? again : "\(AnswerText.sentence(remedy)) \(again)",
        final: false))
    retryAt = now + wait
  }

  /// The same code will not do.
  mutating func giveUp(_ reasons: [String], _ remedy: String) {
    stage = .over
    retryAt = nil
    report(.failed(reasons: reasons, remedy: remedy, final: true))
  }
}
