public import Wire

/// A step of a drill, told when it is done.
public enum DrillStep: Hashable, Sendable {
  /// The node gave the role away; what neighbours miss is measured from here.
  case left
  /// The peer says that it is active, this long after the node left.
  case taken(after: Interval)
  /// Both nodes have every session; the node asks for the role.
  case askedBack
  /// The node is active again, this long after it left.
  case returned(after: Interval)
}

extension DrillStep: CustomStringConvertible {
  /// One clause in words.
  public var description: String {
    switch self {
    case .left: "the role was given to the peer"
    case .taken(let time): "the peer is active after \(time)"
    case .askedBack: "the peer has every session; asking for the role"
    case .returned(let time): "the role is back, \(time) after it left"
    }
  }
}

/// How far a drill has come.
enum Drill: Sendable {
  /// Waits for `sync`'s barrier.
  case preparing
  /// Gave the role away and waits for the peer to take it.
  case leaving(since: Instant)
  /// The peer is active; waits until both have been in step for ``Limits/drillSettle``.
  case away(left: Instant, taken: Instant, inStepSince: Instant?)
  /// Asks for the role.
  case asking(left: Instant, since: Instant)
}

extension SyncGroup {
  /// Whether this node asks a drill's peer for the role.
  var asksBack: Bool {
    if case .asking = drill { return true }
    return false
  }

  /// What would stop a drill from beginning; nil when it may. The verdict of a dry run.
  public func drillRefusal(at now: Instant) -> Refusal? {
    if let refusal = refusal(at: now) { return refusal }
    let peer = witnesses.lazy.compactMap { $0.living(at: now) }.first { $0.role == .standby }
    guard let peer, peer.returnsDrills else { return .peerTooOld }
    // What would stop the way back.
    if peer.health.isBetter(than: health) { return .wouldNotReturn }
    return nil
  }

  mutating func requestDrill(dryRun: Bool, at now: Instant) {
    if drill != nil { return actions.append(.drillAnswered(.inProgress)) }
    let refusal = drillRefusal(at: now)
    if refusal != nil || dryRun { return actions.append(.drillAnswered(refusal)) }
    drill = .preparing
    requestBarrier(.drill, at: now)
  }

  /// Goes on, or ends a drill whose ground was lost. Whatever happens, the ordinary rules fill a
  /// vacancy; a drill that ended asks for nothing.
  mutating func continueDrill(at now: Instant) {
    guard let drill else { return }
    if isStopping { return endDrill(.drillInterrupted(.stopped)) }
    switch drill {
    case .preparing: break
    case .leaving(let left): awaitTaking(left: left, at: now)
    case .away(let left, let taken, let since):
      awaitStep(left: left, taken: taken, inStepSince: since, at: now)
    case .asking(let left, let since): awaitReturn(left: left, since: since, at: now)
    }
  }

  mutating func endDrill(_ refusal: Refusal?) {
    drill = nil
    actions.append(.drillAnswered(refusal))
    // The peer must not go on thinking that it is asked.
    actions.append(.sendHeartbeat)
  }

  private func activePeer(at now: Instant) -> Heartbeat? {
    witnesses.lazy.compactMap { $0.living(at: now) }.first { $0.role == .active }
  }

  private mutating func awaitTaking(left: Instant, at now: Instant) {
    if role == .active { return endDrill(.notTaken) }
    if activePeer(at: now) != nil {
      drill = .away(left: left, taken: now, inStepSince: nil)
      actions.append(.drillStep(.taken(after: now - left)))
    } else if now >= left + pace.handOverWait {
      endDrill(.notTaken)
    }
  }

  private mutating func awaitStep(
    left: Instant, taken: Instant, inStepSince: Instant?, at now: Instant
  ) {
    if role == .active { return endDrill(.drillInterrupted(cause)) }
    guard let peer = activePeer(at: now) else {
      let isAlive = witnesses.contains { $0.living(at: now) != nil }
      return endDrill(isAlive ? .peerNotActive : .heartbeatLost)
    }
    guard now < taken + Limits.drillWait else { return endDrill(.stillNotSynchronised) }
    let isInStep =
      isSynchronised && peer.isSynchronised
      && (peer.policyVersion, peer.policyHash) == (policyVersion, policyHash)
    let since = isInStep ? inStepSince ?? now : nil
    if let since, now >= since + Limits.drillSettle {
      drill = .asking(left: left, since: now)
      actions.append(.drillStep(.askedBack))
      actions.append(.sendHeartbeat)
    } else {
      drill = .away(left: left, taken: taken, inStepSince: since)
    }
  }

  private mutating func awaitReturn(left: Instant, since: Instant, at now: Instant) {
    if role == .active {
      actions.append(.drillStep(.returned(after: now - left)))
      return endDrill(nil)
    }
    let living = witnesses.contains { $0.living(at: now) != nil }
    if !living { return endDrill(.heartbeatLost) }
    if !isSynchronised { return endDrill(.synchronisationLost) }
    if now >= since + Limits.drillReturnWait { endDrill(.notReturned) }
  }

  /// The moments at which a drill goes on by time alone.
  func drillDeadlines(_ note: (Instant) -> Void) {
    switch drill {
    case nil, .preparing: break
    case .leaving(let left): note(left + pace.handOverWait)
    case .away(_, let taken, let since):
      note(taken + Limits.drillWait)
      if let since { note(since + Limits.drillSettle) }
    case .asking(_, let since): note(since + Limits.drillReturnWait)
    }
  }
}
