import Activation
import Update

/// The update of one site's software, as a state machine without clock, database or network.
///
///     scheduled ─time─> running ─every step done─> done
///         └─cancel─> cancelled <─cancel─┤
///                                       └─refusal, return, limit─> failed(reason)
///
/// One step of one gateway is under way at a time, in the order of ``Plan``: a pair is never
/// without the one that forwards, and the second gateway is not touched unless the first one has
/// proven itself. What gateways say comes in as ``NodeView``; a step looks at what is, not at what
/// has changed, so reports may be lost and the portal may start anew in between.
struct SiteUpdate: Hashable {
  /// Where the whole update is.
  enum Phase: String, Hashable, CaseIterable {
    /// Waits for its time.
    case scheduled
    /// A step is under way.
    case running
    /// Every gateway runs the new version.
    case done
    /// It stopped; ``SiteUpdate/reason`` says why.
    case failed
    /// Somebody stopped it.
    case cancelled

    /// Whether it still does something, or will.
    var isOpen: Bool { self == .scheduled || self == .running }
  }

  /// Something that has happened.
  enum Event: Hashable {
    /// What the gateways are now, by their identifiers; also when only time has passed.
    case observed([String: NodeView])
    /// A gateway has taken a command.
    case accepted(String, QueuedCommand.Verb)
    /// A gateway has refused a command, for this reason.
    case refused(String, QueuedCommand.Verb, String)
    /// Somebody stops it.
    case cancelled(by: String)
  }

  /// What is to be done.
  enum Action: Hashable {
    /// Tell a gateway a command.
    case command(String, QueuedCommand.Verb)
    /// Write an event; nil: about the site as a whole.
    case note(String?, String, cause: String)
  }

  /// One gateway of the site.
  struct Member: Hashable {
    var id: String
    var name: String
  }

  let site: Int64
  let version: SoftwareVersion
  /// Who wanted it.
  let user: String
  /// When it begins, seconds since 1970; nil: at once.
  let start: Int64?
  let created: Int64
  /// In the order of their slots.
  let members: [Member]

  var phase: Phase
  /// The steps that are left, the one under way first; empty until the update runs.
  var steps: [Step] = []
  /// When the step under way began, seconds since 1970.
  var since: Int64
  /// Whether its command was told.
  var isTold = false
  /// When its command was taken, seconds since 1970: what was reported later is about it.
  var takenAt: Int64?
  /// Why its command was refused, and when; it may have been told twice, so it is not over yet.
  var refusal: String?
  var refusedAt: Int64?
  /// Why it failed, or who stopped it; empty otherwise.
  var reason = ""
  /// When it ended.
  var finished: Int64?

  init(
    site: Int64, version: SoftwareVersion, members: [Member], start: Int64?, user: String,
    at now: Int64
  ) {
    self.site = site
    self.version = version
    self.members = members
    self.start = start
    self.user = user
    created = now
    since = now
    phase = .scheduled
  }

  /// Takes what has happened; the caller stores the machine and then does what is to be done.
  mutating func handle(_ event: Event, at now: Int64) -> [Action] {
    switch phase {
    case .scheduled: handleScheduled(event, now)
    case .running: handleRunning(event, now)
    case .done, .failed, .cancelled: []
    }
  }

  /// The portal has started anew: the step under way has its time once more, because nothing was
  /// heard of its gateway meanwhile.
  mutating func resume(at now: Int64) {
    guard phase == .running else { return }
    since = now
    if refusedAt != nil { refusedAt = now }
  }

  func name(_ id: String) -> String { members.first { $0.id == id }?.name ?? id }

  // MARK: Phases

  private mutating func handleScheduled(_ event: Event, _ now: Int64) -> [Action] {
    switch event {
    case .cancelled(let user): return end(.cancelled, "by \(user)", now)
    case .accepted, .refused: return []
    case .observed(let views):
      guard now >= start ?? created else { return [] }
      switch Plan.make(members, views, version) {
      case .failure(let obstacle): return end(.failed, obstacle.words, now)
      case .success(let plan):
        phase = .running
        steps = plan
        since = now
        let note = Action.note(nil, "Update to \(version) begun", cause: "by \(user)")
        return [note] + proceed(views, now)
      }
    }
  }

  private mutating func handleRunning(_ event: Event, _ now: Int64) -> [Action] {
    switch event {
    case .cancelled(let user): return end(.cancelled, "by \(user)", now)
    case .observed(let views): return proceed(views, now)
    case .accepted(let id, let verb):
      if let step = steps.first, step.gateway == id, step.verb == verb { takenAt = now }
    case .refused(let id, let verb, let reason):
      if let step = steps.first, step.gateway == id, step.verb == verb {
        refusal = reason
        refusedAt = now
      }
    }
    return []
  }

  /// Goes on as far as what is seen allows.
  private mutating func proceed(_ views: [String: NodeView], _ now: Int64) -> [Action] {
    var actions: [Action] = []
    while let step = steps.first {
      switch outcome(of: step, views, now) {
      case .waiting: return actions
      case .tell(let verb):
        isTold = true
        actions.append(.command(step.gateway, verb))
        return actions
      case .failed(let reason): return actions + end(.failed, reason, now, step)
      case .done:
        actions.append(.note(step.gateway, step.doneWords(version), cause: "update of the site"))
        begin(now)
      }
    }
    return actions + end(.done, "", now)
  }

  /// The next step has its own time and command.
  private mutating func begin(_ now: Int64) {
    steps.removeFirst()
    since = now
    isTold = false
    takenAt = nil
    refusal = nil
    refusedAt = nil
  }

  private mutating func end(
    _ phase: Phase, _ reason: String, _ now: Int64, _ step: Step? = nil
  ) -> [Action] {
    self.phase = phase
    self.reason = reason
    finished = now
    return [.note(step?.gateway, "Update to \(version) \(phase.rawValue)", cause: reason)]
  }
}
