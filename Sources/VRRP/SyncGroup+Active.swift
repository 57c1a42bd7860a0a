import Wire

extension SyncGroup {
  mutating func decideActive(at now: Instant) {
    let living = witnesses.compactMap { $0.living(at: now) }
    let mutual = witnesses.compactMap { $0.mutual(at: now, ownCounter: counter) }
    if let doubt { return resolve(doubt, at: now) }
    if let cause = outrankedBy, !awaitsEcho(living, mutual: mutual, at: now) {
      let isTrusted = isOutrankedByTrusted
      outrankedBy = nil
      isOutrankedByTrusted = false
      if mutual.isEmpty || isTrusted { return leave(cause, at: now) }
      // The heartbeat contradicts the advert: stay, and tell the bridges again who is active.
      counters.contradictedAdvertisements += 1
      for index in ports.indices {
        for _ in ports[index].router.sendExtra(at: now) { send(on: index) }
      }
    }
    if meetRivals(living, mutual: mutual, at: now) { return }
    leaveIfWorse(at: now, living: living)
    renewTerm(living, at: now)
  }

  /// Whether an advert that outranks us must wait, as the rival behind it is about to learn that we hear
  /// each other: it will judge by the term, and if we went by the advert meanwhile both would leave.
  private func awaitsEcho(
    _ living: [Heartbeat], mutual: [Heartbeat], at now: Instant
  ) -> Bool {
    guard mutual.isEmpty, !isOutrankedByTrusted, living.contains(where: { $0.role == .active })
    else { return false }
    return now < (rivalSince ?? now) + pace.interval * 2
  }

  /// A peer that was active for a moment and left for our adverts has taken a term above ours. It
  /// would follow no sessions of an older term, so ours must be the highest again; and its
  /// announcements may still stand in the neighbours' tables.
  private mutating func renewTerm(_ living: [Heartbeat], at now: Instant) {
    guard role == .active, highestTerm > term, !living.isEmpty,
      living.allSatisfy({ $0.role != .active })
    else { return }
    highestTerm += 1
    term = highestTerm
    restartAnnouncements(at: now)
    actions.append(.sendHeartbeat)
    actions.append(.takeTerm(term))
  }

  /// Two actives with a heartbeat between them: the higher term wins, then priority, then address.
  ///
  /// A rival that does not hear our heartbeat judges by adverts, as RFC 9568 6.4.3 says, and so
  /// must we; one that outlives three intervals hears neither, and then the term decides here.
  ///
  /// - Returns: whether this node lost and left.
  private mutating func meetRivals(
    _ living: [Heartbeat], mutual: [Heartbeat], at now: Instant
  ) -> Bool {
    let rivals = living.filter { $0.role == .active }
    // Nearly always: what follows costs more.
    if rivals.isEmpty, rivalSince == nil { return false }
    let own = ownHeartbeat
    let interval = ports.first?.router.configuration.interval ?? .zero
    let isDeaf = rivalSince.map { now >= $0 + interval * 3 } ?? false
    let judges = isDeaf ? rivals : mutual.filter { $0.role == .active }
    if let winner = judges.first(where: { $0.isPreferred(to: own) }) {
      leave(.splitBrain(term: winner.term), at: now)
      return true
    }
    if rivals.isEmpty, rivalSince != nil {
      // The loser's announcements may still stand in the neighbours' tables.
      restartAnnouncements(at: now)
    }
    rivalSince = rivals.isEmpty ? nil : rivalSince ?? now
    return false
  }

  /// Own link lost, or faulted: leave only if a peer is alive and strictly healthier; with the
  /// heartbeat gone resign and wait whether anybody else advertises.
  private mutating func leaveIfWorse(at now: Instant, living: [Heartbeat]) {
    let own = health
    let lost = lostPort
    if !living.isEmpty || links.allSatisfy(\.isUp) { lostPort = nil }
    let isBetterOff = witnesses.contains { witness in
      guard let peer = witness.living(at: now), peer.role != .active, !peer.isLeaving,
        peer.health.isBetter(than: own),
        !peer.holdsOff || !canForward || now >= worsenedAt + Limits.flapOutlast
      else { return false }
      if case .checkFailed = worsenedBy, faults.isEmpty, now < worsenedAt + Limits.checkSettle {
        return false
      }
      // A peer that just got better must prove it, unless it was better before we got worse.
      return worsenedAt >= witness.improvedAt
        || now >= witness.improvedAt + Limits.peerHealthSettle
    }
    if isBetterOff {
      let cause = whyWorse
      abandonBarrier(.notActive)
      handOver = .offered(until: now + pace.handOverWait, cause)
      leave(cause, at: now)
    } else if living.isEmpty, lost != nil {
      leave(whyWorse, at: now)
      linkLossUntil =
        now + (ports.first?.router.configuration.interval ?? .zero) * 3 + Limits.linkLossWait
    }
  }

  /// What this node gives its role up for.
  private var whyWorse: Cause {
    faults.first.map { .faulted($0) }
      ?? links.first { !$0.isUp }.map { .linkLost(port: $0.port) }
      ?? failedCheck ?? worsenedBy
  }

  /// The check that failed last, or one that fails.
  private var failedCheck: Cause? {
    let failed = checks.filter { !$0.isUp }
    if case .checkFailed(let name) = worsenedBy, failed.contains(where: { $0.name == name }) {
      return worsenedBy
    }
    return failed.first.map { .checkFailed($0.name) }
  }

  /// A loop that slept for longer than a peer waits before it takes over may have lost its role:
  /// the interfaces go down before anything is sent, then it listens.
  mutating func noticeLateness(at now: Instant) {
    defer { lastWoke = now }
    guard let lastWoke else { return }
    let gap = now - lastWoke
    sleeps.note(gap, at: now)
    guard gap > pace.lateWakeUp else { return }
    if role == .active {
      let lives = witnesses.map { $0.life(at: lastWoke) }
      let isKnown = lives.contains { [.up, .silent].contains($0) }
      let intervals = isKnown ? Limits.silentIntervals : 3
      let mayBeBorne = !isKnown && lives.contains(.forgotten)
      let advertsDead = ports.allSatisfy { port in
        let interval = port.router.configuration.interval
        let silence = mayBeBorne ? pace.unwitnessedSleep : interval * intervals
        return port.router.lastSent.map { $0 + silence <= now } ?? true
      }
      // A peer that hears no heartbeat goes by adverts alone.
      let heartbeatDead =
        !isKnown || lastHeartbeatSent.map { $0 + announcedPatience <= now } ?? true
      if advertsDead && heartbeatDead { doubtRole(gap, isKnown: isKnown, at: now) }
    }
    if role != .active && !wasExtended {
      // Our sleep is not the peer's silence: wait once for its next advert and heartbeat.
      wasExtended = true
      let interval = ports.map(\.router.configuration.interval).max() ?? .zero
      silenceCountsFrom = now + interval + pace.interval
    }
  }

  /// Without a heartbeat nobody can tell whether a peer took over: leave. With one, ask: a pause of
  /// the hypervisor stops both nodes, and then there is nothing to leave for.
  private mutating func doubtRole(_ gap: Interval, isKnown: Bool, at now: Instant) {
    counters.lateWakeUps += 1
    guard isKnown else { return leave(.lateWakeUp(gap), at: now) }
    doubt = Doubt(since: now, until: now + pace.doubtWait, gap: gap, counter: counter)
    announcementsFrom = nil
    actions.append(.lowerInterfaces)
    actions.append(.sendHeartbeat)
  }

  /// A standby that answers what we said since we woke will not take over; anything else means
  /// that the role is lost.
  private mutating func resolve(_ doubt: Doubt, at now: Instant) {
    let answers = witnesses.compactMap { witness -> Heartbeat? in
      guard let heardAt = witness.heardAt, heardAt > doubt.since else { return nil }
      return witness.living(at: now)
    }
    if answers.contains(where: { $0.role == .active }) || now >= doubt.until {
      return leave(.lateWakeUp(doubt.gap), at: now)
    }
    let isConfirmed = answers.contains { peer in
      peer.echoes.contains { $0.boot == configuration.boot && $0.counter > doubt.counter }
    }
    guard isConfirmed else { return }
    self.doubt = nil
    actions.append(.raiseInterfaces)
    for index in ports.indices {
      for _ in ports[index].router.enter(.active, at: now) { send(on: index) }
    }
    restartAnnouncements(at: now)
    actions.append(.roleKept(after: doubt.gap))
  }

  /// Order of leaving: interfaces down first, then the peer is told, then priority 0.
  mutating func leave(_ cause: Cause, at now: Instant) {
    setRole(.standby, cause, at: now)
    announcementsFrom = nil
    rivalSince = nil
    doubt = nil
    actions.append(.lowerInterfaces)
    for index in ports.indices { _ = ports[index].router.enter(.backup, at: now) }
    switch cause {
    case .lateWakeUp:
      // Listen before a word is said.
      break
    case .outranked, .splitBrain:
      actions.append(.sendHeartbeat)
    default:
      // Twice, as the role hangs on it and a datagram may be lost.
      actions.append(.sendHeartbeat)
      actions.append(.sendHeartbeat)
      for index in ports.indices where ports[index].isUp {
        actions.append(.sendAdvertisement(port: index, priority: 0))
      }
    }
    actions.append(.roleChanged(.standby, cause: cause, term: term))
  }
}
