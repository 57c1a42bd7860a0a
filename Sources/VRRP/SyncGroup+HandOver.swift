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
    if own.isHealthier(than: peer) || peer.isFaulted { return .peerLessHealthy }
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
      if cause == .switchover {
        actions.append(.switchoverAnswered(.barrierFailed(failure)))
      }
    } else {
      offer(cause, at: now)
    }
  }

  /// Deadlines and conditions of a planned move.
  mutating func continueHandOver(at now: Instant) {
    switch handOver {
    case .none:
      if role == .active { heedPreemption(at: now) }
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
      if cause == .switchover {
        actions.append(.switchoverAnswered(isTaken ? nil : .notTaken))
      }
    }
    if let stopsAt, now >= stopsAt {
      self.stopsAt = nil
      actions.append(.finished)
    }
  }

  private mutating func abandonBarrier(_ refusal: Refusal) {
    if case .awaitingBarrier(_, .switchover) = handOver {
      actions.append(.switchoverAnswered(refusal))
    }
    handOver = .none
    if isStopping { stopsAt = lastNow }
  }

  private mutating func requestBarrier(_ cause: Cause, at now: Instant) {
    handOver = .awaitingBarrier(until: now + Limits.barrierWait, cause)
    actions.append(.requestBarrier)
  }

  /// Gives the role away; the peer takes over when it hears the heartbeat.
  private mutating func offer(_ cause: Cause, at now: Instant) {
    handOver = .offered(until: now + Limits.handOverWait, cause)
    if role == .active { leave(cause, at: now) } else { actions.append(.sendHeartbeat) }
    if isStopping { stopsAt = now + Limits.heartbeatInterval * 3 }
  }

  /// The preferred node is ready and asks for the role.
  private mutating func heedPreemption(at now: Instant) {
    let isAsked = witnesses.contains {
      $0.living(at: now).map { $0.wantsActive && $0.priority > ownPriority } ?? false
    }
    guard isAsked, now >= nextPreemption, refusal(at: now) == nil else { return }
    requestBarrier(.preempted, at: now)
  }

  /// Whether this node, in standby, asks the active for the role.
  var wantsActive: Bool {
    readySince.map { lastNow >= $0 + configuration.preemptDelay } ?? false
  }

  /// Keeps the time since when preemption would be allowed.
  mutating func updatePreemption(at now: Instant) {
    let peer = witnesses.lazy.compactMap { $0.living(at: now) }.first { $0.role == .active }
    let own = ownHeartbeat
    let isAllowed =
      configuration.preempts && role == .standby && isSynchronised && canForward
      && peer.map { $0.priority < ownPriority && !$0.isHealthier(than: own) } ?? false
    readySince = isAllowed ? readySince ?? now : nil
  }

  var ownPriority: UInt8 { configuration.routers.first?.priority ?? 0 }
}
