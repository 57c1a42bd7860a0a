import JSON
import Messages
import Wire

extension ServiceMachine {
  /// A request is over.
  mutating func ended(_ call: PortalCall, _ outcome: PortalOutcome, at now: Instant) {
    switch outcome {
    case .failed(let failure):
      let reason = [failure.reason, failure.remedy].filter { !$0.isEmpty }
      lost(call, reason.joined(separator: "; "), at: now)
    case .answered(let answer):
      switch answer.status {
      case 200..<300: succeeded(call, answer, at: now)
      case 410:
        refused(
          call, "the portal does not know this gateway any more (410): it was revoked", at: now)
      case 401, 403:
        refused(call, "the portal does not accept this gateway (\(answer.status))", at: now)
      case 400..<500 where call != .poll && answer.status != 408 && answer.status != 429:
        found(at: now)
        dropped(call, answer.status, at: now)
      default:
        lost(
          call, "the portal answered \(answer.status)", at: now,
          after: answer.retryAfterSeconds.map { .seconds(min(max($0, 1), 300)) })
      }
    }
  }

  private mutating func succeeded(_ call: PortalCall, _ answer: PortalAnswer, at now: Instant) {
    found(at: now)
    switch call {
    case .poll: polled(answer, at: now)
    case .status: statusDelivered()
    case .events: eventsDelivered(answer)
    case .anchor, .validate, .enroll: break
    }
  }

  /// The portal answers: whatever waits goes out now.
  private mutating func found(at now: Instant) {
    failures = 0
    retryAt = nil
    backoff.reset()
    guard contact != .up else { return }
    contact = .up
    actions.append(.report(.contact(connected: true, reason: "")))
    actions.append(.log(.notice, "portal contact=up"))
  }

  /// No answer. A first time may be a connection that died of age; the second is believed.
  private mutating func lost(
    _ call: PortalCall, _ reason: String, at now: Instant, after: Interval? = nil
  ) {
    failures += 1
    if failures > 1 { down(reason) }
    let usual =
      failures > 1
      ? backoff.wait(longest: AgentLimits.longestBackoff) : AgentLimits.firstBackoff
    wait(call, max(after ?? usual, usual), at: now)
  }

  /// An answer, but not for us.
  private mutating func refused(_ call: PortalCall, _ reason: String, at now: Instant) {
    failures += 1
    down(reason)
    wait(call, backoff.wait(longest: AgentLimits.refusedBackoff), at: now)
  }

  private mutating func down(_ reason: String) {
    guard contact != .down(reason: reason) else { return }
    contact = .down(reason: reason)
    actions.append(.report(.contact(connected: false, reason: reason)))
    actions.append(.log(.notice, "portal contact=down reason=\"\(reason)\""))
  }

  /// Gives up what else is under way, for it goes the same way, and comes again later.
  private mutating func wait(_ call: PortalCall, _ wait: Interval, at now: Instant) {
    for other in callsInFlight where other != call { actions.append(.cancel(other)) }
    pollBegan = nil
    sentStatus = nil
    sentEvents = nil
    pollAt = now
    retryAt = now + wait
  }

  /// The portal cannot do anything with what it was sent, and would not another time.
  private mutating func dropped(_ call: PortalCall, _ status: Int, at now: Instant) {
    actions.append(.log(.error, "portal refuses \(call.rawValue) status=\(status): dropped"))
    switch call {
    case .status: statusDelivered()
    case .events:
      guard let sentEvents else { return }
      delivered(upTo: sentEvents.last)
    case .poll, .anchor, .validate, .enroll: break
    }
  }
}

// MARK: What the answers say

extension ServiceMachine {
  private mutating func polled(_ answer: PortalAnswer, at now: Instant) {
    let began = pollBegan ?? now
    pollBegan = nil
    let hadNews = answer.status == 200 && news(answer)
    // A portal that answers at once with nothing must not be asked in a circle.
    pollAt = hadNews ? now : max(now, began + AgentLimits.pollSpacing)
  }

  /// Hands on what a poll brought; whether it was anything.
  private mutating func news(_ answer: PortalAnswer) -> Bool {
    let value = AnswerText.parse(answer.body)
    if !answer.clockIsSet, let time = value?["time"]?.integer,
      time >= AgentLimits.clockIsUnsetBefore
    {
      actions.append(.report(.clock(secondsSince1970: time)))
    }
    let isNew = newDocument(value)
    let commands = (value?["commands"]?.array ?? []).prefix(AgentLimits.commands)
    return commands.reduce(isNew) { newCommand($1) || $0 }
  }

  private mutating func newDocument(_ value: JSONValue?) -> Bool {
    guard let version = value?["version"]?.integer, version >= 0, UInt64(version) != have,
      let document = value?["document"], case .object = document
    else { return false }
    have = UInt64(version)
    actions.append(.log(.notice, "portal document version=\(version)"))
    let text = String(decoding: document.canonical, as: UTF8.self)
    actions.append(.report(.document(version: have, text: text)))
    return true
  }

  private mutating func newCommand(_ value: JSONValue) -> Bool {
    guard let id = value["id"]?.string ?? value["id"]?.integer.map({ "\($0)" }),
      let verb = value["verb"]?.string,
      !commandsSeen.contains(id)
    else { return false }
    commandsSeen.append(id)
    if commandsSeen.count > AgentLimits.commands { commandsSeen.removeFirst() }
    actions.append(
      .log(.notice, "portal command=\(AnswerText.line(verb)) id=\(AnswerText.line(id))"))
    actions.append(.report(.command(id: id, verb: verb)))
    return true
  }

  private mutating func statusDelivered() {
    guard let sent = sentStatus else { return }
    sentStatus = nil
    deliveredDocument = sent.document
    if sent.applied != nil, outcomes.first == sent.applied { outcomes.removeFirst() }
    results.removeFirst(min(sent.resultCount, results.count))
  }

  private mutating func eventsDelivered(_ answer: PortalAnswer) {
    guard let sent = sentEvents else { return }
    let last = AnswerText.parse(answer.body)?["last"]?.integer ?? sent.last
    delivered(upTo: min(last, sent.last))
  }

  private mutating func delivered(upTo last: Int64) {
    sentEvents = nil
    events.removeAll { ($0["number"]?.integer ?? 0) <= last }
    actions.append(.report(.eventsDelivered(last: last)))
  }
}

/// What a gateway sends up.
enum ServiceBody {
  /// The status document with what became of documents and commands.
  static func status(
    _ sent: ServiceMachine.SentStatus, _ results: [ServiceMachine.CommandResult]
  ) -> [UInt8] {
    let applied = sent.applied.map { applied in
      JSONValue.object([
        .init("version", .integer(applied.version)),
        .init("outcome", .string(word(applied.outcome))), .init("reason", .string(applied.reason)),
      ])
    }
    let results = results.prefix(sent.resultCount).map { result in
      JSONValue.object([
        .init("id", .string(result.id)), .init("done", .bool(result.done)),
        .init("text", .string(result.text)),
      ])
    }
    return JSONValue.object([
      .init("status", AnswerText.parse(sent.document) ?? .null), .init("applied", applied ?? .null),
      .init("commandResults", .array(results)),
    ]).canonical
  }

  private static func word(_ outcome: ApplyOutcome) -> String {
    switch outcome {
    case .verified: "verified"
    case .applied: "applied"
    case .failed: "failed"
    }
  }
}
