public import Wire

extension SyncGroup {
  /// This node offers its role and takes no part in elections.
  var isOffering: Bool {
    if case .offered = handOver { return true }
    return false
  }

  /// Why a planned move would lose sessions or fail; nil when it may begin.
  public func refusal(at now: Instant) -> Refusal? {
    guard role == .active else { return .notActive }
    guard case .none = handOver, doubt == nil else { return .inProgress }
    let living = witnesses.compactMap { $0.living(at: now) }
    guard let peer = living.first(where: { $0.role == .standby && !$0.isLeaving }) else {
      return living.isEmpty ? .noPeer : .peerNotStandby
    }
    let own = ownHeartbeat
    if own.health.isBetter(than: peer.health) || peer.isFaulted { return .peerLessHealthy }
    guard peer.isSynchronised, isSynchronised else { return .notSynchronised }
    guard (peer.policyVersion, peer.policyHash) == (own.policyVersion, own.policyHash) else {
      return .policyDiffers
    }
    return nil
  }

  mutating func requestSwitchover(at now: Instant) {
    if let refusal = refusal(at: now) {
      return actions.append(.switchoverAnswered(refusal))
    }
    requestBarrier(.switchover, at: now)
  }

  /// Answers who asked for a planned move that ended; other moves were asked for by nobody here.
  private mutating func answer(_ cause: Cause, _ refusal: Refusal?) {
    switch cause {
    case .switchover: actions.append(.switchoverAnswered(refusal))
    case .drill: if let refusal { endDrill(refusal) }
    default: break
    }
  }

  /// The same hand-over as a switchover if a peer is ready for it, else leave without.
  mutating func requestStop(at now: Instant) {
    guard !isStopping else { return }
    isStopping = true
    if refusal(at: now) == nil {
      requestBarrier(.stopped, at: now)
    } else if case .awaitingBarrier(let until, _) = handOver {
      handOver = .awaitingBarrier(until: until, .stopped)
    } else {
      offer(.stopped, at: now)
    }
  }

  /// `sync` answered the barrier.
  mutating func barrierAnswered(failure: String?, at now: Instant) {
    guard case .awaitingBarrier(_, let cause) = handOver else { return }
    guard role == .active else { return handOver = .none }
    if let failure, cause != .stopped {
      handOver = .none
      nextPreemption = now + configuration.preemptDelay
      answer(cause, .barrierFailed(failure))
    } else {
      offer(cause, at: now)
    }
  }

  /// Deadlines and conditions of a planned move.
  mutating func continueHandOver(at now: Instant) {
    switch handOver {
    case .none:
      if role == .active { heedRequests(at: now) }
    case .awaitingBarrier(let until, _):
      if role != .active {
        abandonBarrier(.notActive)
      } else if now >= until {
        barrierAnswered(failure: "no answer from sync in time", at: now)
      }
    case .offered(let until, let cause):
      let isTaken = witnesses.contains { $0.living(at: now)?.role == .active }
      guard isTaken || now >= until, !isStopping else { break }
      handOver = .none
      // A peer that hears late must not take what is no longer offered.
      if !isTaken { actions.append(.sendHeartbeat) }
      answer(cause, isTaken ? nil : .notTaken)
    }
    if let stopsAt, now >= stopsAt {
      self.stopsAt = nil
      actions.append(.finished)
    }
  }

  /// Ends a planned move that waits for its barrier, as there is nothing left to give.
  mutating func abandonBarrier(_ refusal: Refusal) {
    if case .awaitingBarrier(_, let cause) = handOver { answer(cause, refusal) }
    handOver = .none
    if isStopping { stopsAt = lastNow }
  }

  mutating func requestBarrier(_ cause: Cause, at now: Instant) {
    handOver = .awaitingBarrier(until: now + Limits.barrierWait, cause)
    actions.append(.requestBarrier)
  }

  /// Gives the role away; the peer takes over when it hears the heartbeat.
  private mutating func offer(_ cause: Cause, at now: Instant) {
    handOver = .offered(until: now + pace.handOverWait, cause)
    if role == .active { leave(cause, at: now) } else { actions.append(.sendHeartbeat) }
    if cause == .drill {
      drill = .leaving(since: now)
      actions.append(.drillStep(.left))
    }
    if isStopping { stopsAt = now + pace.interval * 3 }
  }

  /// The preferred node is ready and asks for the role, or the one that began a drill.
  private mutating func heedRequests(at now: Instant) {
    let living = witnesses.compactMap { $0.living(at: now) }
    let isDrill = living.contains(where: \.asksBack)
    let isPreempted = living.contains { $0.wantsActive && $0.priority > ownPriority }
    guard isDrill || isPreempted, now >= nextPreemption, refusal(at: now) == nil else { return }
    requestBarrier(isDrill ? .drillReturned : .preempted, at: now)
  }

  /// Whether this node, in standby, asks the active for the role.
  var wantsActive: Bool {
    readySince.map { lastNow >= $0 + configuration.preemptDelay } ?? false
  }

  /// Keeps the time since when preemption would be allowed.
  mutating func updatePreemption(at now: Instant) {
    guard configuration.preempts || isOwner, role == .standby, isSynchronised, canForward,
      !limiter.isHolding, drill == nil,
      let peer = witnesses.lazy.compactMap({ $0.living(at: now) }).first(where: {
        $0.role == .active
      }),
      // One that holds off would not take the role back if we became worse than it.
      peer.priority < ownPriority, !peer.health.isBetter(than: health), !peer.holdsOff
    else { return readySince = nil }
    readySince = readySince ?? now
  }

  /// A virtual address is this node's own: it is active whenever it can be (RFC 9568 6.4.1).
  var isOwner: Bool { ownPriority == 255 }

  var ownPriority: UInt8 { configuration.routers.first?.priority ?? 0 }
}
