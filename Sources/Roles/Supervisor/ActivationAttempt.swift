import Activation
import Messages
import Wire

/// One activation from the code or link to working services; kept on the disk, so that a power cut
/// at any point is followed by the rest of it.
struct ActivationAttempt: Codable {
  /// How it was begun.
  enum Method: String, Codable {
    /// Typed at the console or given to `ztb`.
    case code
    /// Opened in a browser on the management port.
    case link
  }

  /// How it was begun.
  let method: Method
  /// The activation code, sixteen characters.
  let code: String
  /// `https://HOST:PORT`; empty until DHCP has told.
  var portal: String
  /// SHA-256 of the public key of the portal's CA, from a link; empty: the portal proves itself.
  let caFingerprint: [UInt8]
  /// SHA-256 of the payload of the link; empty with a code.
  let linkDigest: [UInt8]
  /// The `wan` section of the link as JSON, applied anew after a power cut; empty with a code.
  let wanSettings: String
  /// Our key, once it is made (PEM).
  var privateKey = ""
  /// The nine steps.
  private(set) var steps = ActivationStep.allCases.map { step in
    ActivationStepStatus(number: step.rawValue, name: step.name, state: .waiting, cause: "")
  }
  /// Why it stopped; empty while it goes on.
  private(set) var failure: [String] = []
  /// What to do about it.
  private(set) var remedy = ""
  /// Whether the same code or link is of no use any more.
  private(set) var isFinal = false
  /// Whether the agent tries again by itself what failed: people may wait, or do something else.
  private(set) var retriesByItself = false
  /// When the wait for the WAN is over.
  var deadline: Instant?

  private enum CodingKeys: String, CodingKey {
    case method, code, portal, caFingerprint, linkDigest, wanSettings, privateKey, steps, failure
    case remedy, isFinal, retriesByItself
  }

  /// Begins with the first step done.
  init(
    method: Method, code: String, portal: String, caFingerprint: [UInt8] = [],
    linkDigest: [UInt8] = [], wanSettings: String = ""
  ) {
    self.method = method
    self.code = code
    self.portal = portal
    self.caFingerprint = caFingerprint
    self.linkDigest = linkDigest
    self.wanSettings = wanSettings
    mark(.linkRead, .done)
    mark(.wanUp, .running)
  }

  /// Whether it is on its way, and nothing has failed.
  var isRunning: Bool { failure.isEmpty && !isComplete }

  /// Whether it goes on by itself, even if something has failed for now.
  var isAlive: Bool { isRunning || retriesByItself }

  /// Whether every step is done.
  var isComplete: Bool { steps.allSatisfy { $0.state == .done || $0.state == .skipped } }

  /// Where a step is.
  subscript(step: ActivationStep) -> ActivationStepStatus.State { steps[step.rawValue - 1].state }

  /// Moves a step; what comes before one that is done is done as well.
  mutating func mark(
    _ step: ActivationStep, _ state: ActivationStepStatus.State, _ cause: String = ""
  ) {
    steps[step.rawValue - 1].state = state
    steps[step.rawValue - 1].cause = cause
  }

  /// Stops at a step; nil: at the one that is running.
  mutating func fail(
    at step: ActivationStep? = nil, _ reasons: [String], remedy: String, isFinal: Bool = false,
    retriesByItself: Bool = false
  ) {
    self.retriesByItself = retriesByItself
    failure = reasons
    self.remedy = remedy
    self.isFinal = isFinal
    deadline = nil
    let running = steps.first { $0.state == .running || $0.state == .failed }
    let place = step ?? running.flatMap { ActivationStep(rawValue: $0.number) }
    if let place { mark(place, .failed, reasons.first ?? "") }
  }

  /// A step of the agent: once the one that failed is done, nothing is wrong any more.
  mutating func advance(
    _ step: ActivationStep, _ state: ActivationStepStatus.State, _ cause: String
  ) {
    mark(step, state, cause)
    guard retriesByItself, state == .done, !steps.contains(where: { $0.state == .failed }) else {
      return
    }
    failure = []
    remedy = ""
    retriesByItself = false
  }

  /// The portal knows us already: everything up to the certificate is done, whatever the disk says.
  mutating func markEnrolled() {
    for step in ActivationStep.allCases
    where step.rawValue <= ActivationStep.certificateIssued.rawValue {
      if self[step] != .skipped { mark(step, .done) }
    }
  }

  /// Goes on from the step where it stopped, or, after a power cut, from where the disk has it.
  mutating func resume() {
    failure = []
    remedy = ""
    isFinal = false
    retriesByItself = false
    guard let first = steps.first(where: { $0.state == .failed || $0.state == .running }) else {
      return
    }
    // The way to the portal is asked for anew: it may have changed meanwhile.
    let from = min(first.number, ActivationStep.certificateIssued.rawValue)
    let isEnrolled = self[.certificateIssued] == .done
    let restart = isEnrolled ? ActivationStep.configurationApplied.rawValue : min(from, 2)
    for step in ActivationStep.allCases where step.rawValue >= restart { mark(step, .waiting) }
    if !isEnrolled { mark(.wanUp, .running) }
  }
}
