import Activation
import JSON
import Messages
import Wire

/// Cryptography that can be read: keys are `KEY-1`, the right proof is one octet 1.
final class PlainCryptography: AgentCryptography {
  private var keys = 0

  func makeNonce() -> [UInt8] { [UInt8](repeating: 7, count: 32) }
  func makeKey() -> String? {
    keys += 1
    return "KEY-\(keys)"
  }
  func certificateRequest(privateKey: String) -> String? {
    privateKey.hasPrefix("KEY") ? "CSR(\(privateKey))" : nil
  }
  func check(
    proof: [UInt8], of authority: String, nonce: [UInt8], code: ActivationCode
  ) -> AnchorFinding {
    if authority != "CA" { return .unreadable }
    return proof == [1] ? .proven(fingerprint: [0xca]) : .wrongProof
  }
  func fits(certificate: String, privateKey: String) -> Bool {
    certificate == "CERT(\(privateKey))"
  }
}

/// A machine with a clock of its own, and everything that it did as lines of text.
struct AgentStory {
  static let code = "ABCDEFGHJKMNPQRB"
  static let portal = "https://portal.example:8443"

  private(set) var machine = AgentMachine(cryptography: PlainCryptography(), seed: 1)
  private(set) var now = Instant.zero
  /// Every action since the last ``take()``.
  private var actions: [AgentMachine.Action] = []
  private(set) var inFlight: [PortalCall: PortalRequest] = [:]

  /// An enrollment with the given differences from the usual one.
  static func enrollment(_ change: (inout Enrollment) -> Void = { _ in }) -> Enrollment {
    var enrollment = Enrollment(
      portal: portal, code: code, caFingerprint: [], linkDigest: [], privateKey: "",
      wan: #"{"dns":["1.1.1.1"],"mode":"dhcp"}"#, proxy: "")
    change(&enrollment)
    return enrollment
  }

  static let identity = PortalIdentity(
    url: "https://portal.example:8444", caCertificate: "CA", certificate: "CERT(KEY-1)",
    privateKey: "KEY-1", gatewayID: "g1", documentVersion: 3, eventsDelivered: 10)

  static let proxy = ProxyRoute(
    host: "proxy.example", port: 3128, user: nil, password: nil, exceptions: [])

  mutating func configure(_ task: AgentTask, proxy: ProxyRoute? = nil) {
    handle(
      .configured(
        AgentConfiguration(
          serial: "S1", profile: "zt400", version: "0.1.0", proxy: proxy, task: task)))
  }

  mutating func handle(_ event: AgentMachine.Event) {
    if case .ended(let call, _) = event { inFlight[call] = nil }
    for action in machine.handle(event, at: now) {
      switch action {
      case .send(let request):
        precondition(inFlight[request.call] == nil, "two of \(request.call) at a time")
        inFlight[request.call] = request
      case .cancel(let call): inFlight[call] = nil
      case .report, .log, .leave: break
      }
      actions.append(action)
    }
  }

  mutating func connect(_ call: PortalCall) {
    handle(.progressed(call, .resolved))
    handle(.progressed(call, .connected))
  }

  mutating func answer(
    _ call: PortalCall, _ status: Int, _ body: String = "", retryAfter: Int? = nil,
    clockIsSet: Bool = true
  ) {
    precondition(inFlight[call] != nil, "\(call) is not under way")
    handle(
      .ended(
        call,
        .answered(
          PortalAnswer(
            status: status, body: Array(body.utf8), retryAfterSeconds: retryAfter,
            clockIsSet: clockIsSet))))
  }

  mutating func fail(
    _ call: PortalCall, _ place: PortalFailure.Place = .portal, _ reason: String = "no answer",
    _ remedy: String = ""
  ) {
    precondition(inFlight[call] != nil, "\(call) is not under way")
    handle(.ended(call, .failed(PortalFailure(place: place, reason: reason, remedy: remedy))))
  }

  /// Lets time pass, calling the machine at its deadlines.
  mutating func pass(_ interval: Interval) {
    let end = now + interval
    var turns = 0
    while let deadline = machine.deadline, deadline <= end {
      turns += 1
      precondition(turns < 10_000, "the machine turns in a circle")
      now = max(now, deadline)
      handle(.deadlinePassed)
    }
    now = end
  }

  /// Lets time pass until the machine sends something, at most an hour.
  mutating func passUntilSending() {
    let end = now + .seconds(3_600)
    while inFlight.isEmpty, let deadline = machine.deadline, deadline <= end {
      now = max(now, deadline)
      handle(.deadlinePassed)
    }
  }

  /// What was done since the last call, one line each; log lines are left out.
  mutating func take() -> [String] {
    defer { actions = [] }
    return actions.compactMap(Self.line)
  }

  /// The log lines since the last call of this or ``take()``.
  mutating func takeLog() -> [String] {
    defer { actions = [] }
    return actions.compactMap { action in
      if case .log(let level, let text) = action { "\(level) \(text)" } else { nil }
    }
  }

  private static func line(_ action: AgentMachine.Action) -> String? {
    switch action {
    case .send(let request): line(request)
    case .cancel(let call): "cancel \(call)"
    case .report(let report): line(report)
    case .leave: "leave"
    case .log: nil
    }
  }

  private static func line(_ request: PortalRequest) -> String {
    var words = ["\(request.method) \(request.url.dropFirst("https://portal.example:".count))"]
    if request.trust == .anything { words.append("trusting-anything") }
    if let identity = request.identity { words.append("as \(identity.certificate)") }
    if let proxy = request.proxy { words.append("by \(proxy.host)") }
    if !request.body.isEmpty { words.append(String(decoding: request.body, as: UTF8.self)) }
    return words.joined(separator: " ")
  }

  private static func line(_ report: AgentReport) -> String {
    switch report {
    case .step(let number, let state, let cause):
      "step \(number) \(state)" + (cause.isEmpty ? "" : ": \(cause)")
    case .failed(let reasons, let remedy, let final):
      "failed\(final ? " for good" : ""): \(reasons.joined(separator: " | ")) => \(remedy)"
    case .keyMade(let key): "key \(key)"
    case .enrolled(let identity, let gateway):
      "enrolled \(gateway) \(identity.gatewayID) \(identity.certificate) at \(identity.url)"
    case .document(let version, let text): "document \(version) \(text)"
    case .contact(let connected, let reason):
      "contact \(connected)" + (reason.isEmpty ? "" : ": \(reason)")
    case .command(let id, let verb): "command \(id) \(verb)"
    case .eventsDelivered(let last): "delivered \(last)"
    case .clock(let seconds): "clock \(seconds)"
    case .fetchProgress(let octets, let total): "fetched \(octets) of \(total)"
    case .fetchEnded(let reason): "fetch ended \(reason)"
    }
  }
}

// MARK: Beginnings

extension AgentStory {
  /// A good answer to the first request.
  static let anchor = #"{"ca":"CA","proof":"AQ"}"#
  /// A good answer to the last request.
  static let enrolled =
    #"{"gatewayId":"g1","gateway":"paris-gw-01","certificate":"CERT(KEY-1)","#
    + #""agentUrl":"https://portal.example:8444"}"#

  /// As far as the portal's proof, which is left to be judged.
  mutating func beginAnchor(_ change: (inout Enrollment) -> Void = { _ in }) {
    configure(.enroll(Self.enrollment(change)))
    connect(.anchor)
  }

  /// As far as the question whether the portal takes the code.
  mutating func beginValidation(_ change: (inout Enrollment) -> Void = { _ in }) {
    beginAnchor(change)
    answer(.anchor, 200, Self.anchor)
    _ = take()
  }

  /// As far as the request for the certificate, with the key stored.
  mutating func beginIssuing() {
    beginValidation { $0.privateKey = "KEY-1" }
    answer(.validate, 200, #"{"gateway":"paris-gw-01"}"#)
    _ = take()
  }
}
