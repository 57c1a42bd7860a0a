import Wire

extension SyncGroup {
  /// At least one tracked port works and nothing forbids forwarding.
  public var canForward: Bool { faults.isEmpty && ports.contains { $0.isUp } }

  /// Start-up hold: listen until a heartbeat or an advert arrives, at most 2 s.
  /// The owner of an address has it on its port already and does not wait (RFC 9568 6.4.1 (110)).
  mutating func decideStart(at now: Instant) {
    if isOwner, canForward, !isStopping {
      enterStandby(.owner, at: now)
      return becomeActive(.owner, at: now)
    }
    let isHeard =
      witnesses.contains { $0.life(at: now) != .neverUp }
      || ports.contains { $0.router.lastHeard != nil }
    if isHeard {
      enterStandby(.peerHeard, at: now)
    } else if now >= startedAt + Limits.startHold {
      enterStandby(.nobodyHeard, at: now)
      if canForward && !isStopping { becomeActive(.nobodyHeard, at: now) }
    }
  }

  mutating func decideStandby(at now: Instant) {
    for index in ports.indices {
      _ = ports[index].router.handle(.deadlineReached, at: now)
    }
    guard canForward, !isStopping, !isOffering else { return vacantSince = nil }
    if let cause = reasonToTakeOver(at: now) { becomeActive(cause, at: now) }
  }

  /// The rules for filling a vacancy; readiness plays no part in them.
  private mutating func reasonToTakeOver(at now: Instant) -> Cause? {
    let living = witnesses.compactMap { $0.living(at: now) }
    if living.contains(where: { $0.role == .active }) {
      // Adverts may be gone: the heartbeat knows better, an alarm is raised.
      vacantSince = nil
      return nil
    }
    if living.isEmpty {
      vacantSince = nil
      return reasonFromSilence(at: now)
    }
    if let foreign = foreignPriority(at: now),
      !configuration.preempts || foreign >= advertisedPriority
    {
      // (RFC 9568 6.4.2 (455)) None of the pair, but a router that counts, is active.
      vacantSince = nil
      return nil
    }
    linkLossUntil = nil
    // What a peer said before we were in standby may be older than its own takeover.
    let heardSince = witnesses.allSatisfy { witness in
      witness.life(at: now) != .up || witness.heardAt.map { $0 > since } ?? false
    }
    guard heardSince else { return nil }
    let vacant = vacantSince ?? now
    vacantSince = vacant
    return reasonFromPeers(living, vacantFor: now - vacant)
  }

  /// Nobody is active and the peers say so themselves.
  private func reasonFromPeers(_ living: [Heartbeat], vacantFor wait: Interval) -> Cause? {
    let own = ownHeartbeat
    let isFree = living.allSatisfy { peer in
      peer.isLeaving
        ? peer.successor.value == 0 || peer.successor == configuration.node
        : own.health.isBetter(than: peer.health)
    }
    if isFree {
      if living.contains(where: \.isLeaving) { return .peerLeaving }
      return living.contains(where: \.isFaulted) ? .peerFaulted : .peerLessHealthy
    }
    let comesFirst = living.allSatisfy { peer in
      own.health.isBetter(than: peer.health)
        || !peer.health.isBetter(than: own.health) && own.isPreferred(to: peer)
    }
    let needed = comesFirst ? pace.vacancyHold : Limits.vacancyBackstop
    return wait >= needed ? .vacancy : nil
  }

  /// No heartbeat speaks: judge by silence, unless we slept ourselves.
  private func reasonFromSilence(at now: Instant) -> Cause? {
    guard now >= silenceCountsFrom else { return nil }
    if let linkLossUntil {
      guard now >= linkLossUntil else { return nil }
      let others = usablePorts.contains { now < silence(of: $0, intervals: 3) }
      guard others else { return .noOther }
      // With every link back the timers of the RFC decide again, also about preemption.
      guard links.allSatisfy(\.isUp) else { return nil }
    }
    if let dead = peerDeadAt {
      return now >= dead ? .peerDead(silence: now - (lastSign ?? since)) : nil
    }
    guard usablePorts.allSatisfy(\.router.isVacant) else { return nil }
    if let unwitnessedUntil, now < unwitnessedUntil { return nil }
    return .activeDown
  }

  /// Until when silent adverts may be those of a peer that stalls; nil when a heartbeat can tell, when
  /// there never was one, and when the peer resigned or none of its adverts was heard.
  ///
  /// Since the HA link is gone this node has missed what the sessions became, so that a role taken too
  /// early costs more than one taken late.
  private var unwitnessedUntil: Instant? {
    guard witnesses.contains(where: { $0.life(at: lastNow) == .forgotten }) else { return nil }
    return usablePorts.compactMap { port in
      port.peerHeardAt.map {
        $0 + port.router.activeDownInterval + Limits.unwitnessedPatience
      }
    }.max()
  }

  /// When adverts have been silent for two intervals and the heartbeat for its patience; nil when the
  /// heartbeat never was up, is forgotten, or was outlived by adverts: then the timers of the RFC
  /// decide, as a broken HA link is not a dead peer.
  private var peerDeadAt: Instant? {
    guard witnesses.contains(where: { [.up, .silent].contains($0.life(at: lastNow)) })
    else { return nil }
    let heartbeats = witnesses.compactMap(\.silentAt)
    let adverts = usablePorts.map { silence(of: $0, intervals: Limits.silentIntervals) }
    return (heartbeats + adverts).max()
  }

  /// The last sign of life of any peer.
  private var lastSign: Instant? {
    (witnesses.compactMap(\.heardAt) + ports.compactMap(\.router.lastHeard)).max()
  }

  private var usablePorts: [Port] { ports.filter(\.isUp) }

  private func silence(of port: Port, intervals: Int) -> Instant {
    port.router.silent(intervals: intervals, since: max(since, port.upSince))
  }

  /// The next moments at which the answer of the rules may change by time alone.
  func standbyDeadlines(_ note: (Instant) -> Void) {
    note(silenceCountsFrom)
    if let peerDeadAt { note(peerDeadAt) }
    if let unwitnessedUntil { note(unwitnessedUntil) }
    if let linkLossUntil { note(linkLossUntil) }
    if let vacantSince {
      note(vacantSince + pace.vacancyHold)
      note(vacantSince + Limits.vacancyBackstop)
    }
  }

  /// Order of taking over: interfaces up, adverts, gratuitous ARP, heartbeat, event.
  mutating func becomeActive(_ cause: Cause, at now: Instant) {
    if isByChoice(at: now) { limiter.noteTaken(at: now) }
    highestTerm += 1
    term = highestTerm
    setRole(.active, cause, at: now)
    outrankedBy = nil
    isOutrankedByTrusted = false
    lostPort = nil
    rivalSince = nil
    linkLossUntil = nil
    actions.append(.raiseInterfaces)
    for index in ports.indices {
      for _ in ports[index].router.enter(.active, at: now) { send(on: index) }
    }
    restartAnnouncements(at: now)
    runAnnouncements(at: now)
    actions.append(.sendHeartbeat)
    // From here on they leave with the adverts.
    nextHeartbeat = now + pace.companion
    actions.append(.takeTerm(term))
    actions.append(.roleChanged(.active, cause: cause, term: term))
  }

  /// Whether the role is taken although a peer that keeps it could go on: what goes to and fro with
  /// a link or a check that does.
  private func isByChoice(at now: Instant) -> Bool {
    let own = ownHeartbeat
    return witnesses.contains { witness in
      guard let peer = witness.living(at: now), !peer.isFaulted else { return false }
      return peer.isLeaving && wantsActive || own.health.isBetter(than: peer.health)
    }
  }

  /// From the start-up hold, with the interfaces already down.
  private mutating func enterStandby(_ cause: Cause, at now: Instant) {
    setRole(.standby, cause, at: now)
    for index in ports.indices { _ = ports[index].router.enter(.backup, at: now) }
    actions.append(.sendHeartbeat)
    actions.append(.roleChanged(.standby, cause: cause, term: term))
  }

  mutating func setRole(_ role: Role, _ cause: Cause, at now: Instant) {
    self.role = role
    self.cause = cause
    since = now
    vacantSince = nil
    readySince = nil
  }
}
