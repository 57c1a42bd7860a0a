public import Wire

extension SyncGroup {
  /// When the caller must wake up and hand in `.woke` and `.drained`, nothing else arriving.
  public var deadline: Instant? {
    var soonest: Instant?
    // What lies in the past was considered when it came and waits for something else.
    func note(_ moment: Instant) {
      if moment > lastNow, soonest.map({ moment < $0 }) ?? true { soonest = moment }
    }
    note(nextHeartbeat)
    if let announcementsFrom, announced < Limits.announcements.count {
      note(announcementsFrom + Limits.announcements[announced])
    }
    for port in ports { if let deadline = port.router.deadline { note(deadline) } }
    switch role {
    case .initializing: note(startedAt + Limits.startHold)
    case .standby: standbyDeadlines(note)
    case .active: break
    }
    switch handOver {
    case .none: break
    case .awaitingBarrier(let until, _), .offered(let until, _): note(until)
    }
    if let stopsAt { note(stopsAt) }
    if let doubt { note(doubt.until) }
    drillDeadlines(note)
    return soonest ?? nextHeartbeat
  }

  /// The next heartbeat to be sealed and sent; the counter never repeats within a boot.
  public mutating func nextHeartbeat(at now: Instant) -> (HeartbeatHeader, Heartbeat) {
    counter += 1
    lastHeartbeatSent = now
    let heartbeat = ownHeartbeat
    announcedPatience = heartbeat.patience
    let header = HeartbeatHeader(
      node: configuration.node, boot: configuration.boot, counter: counter)
    return (header, heartbeat)
  }

  /// This node as its peers shall see it.
  public var ownHeartbeat: Heartbeat {
    var own = Heartbeat()
    own.role = role
    own.isLeaving = role != .active && (isOffering || isStopping)
    own.isFaulted = !faults.isEmpty
    own.wantsActive = wantsActive
    own.isSynchronised = isSynchronised
    own.asksBack = asksBack
    own.holdsOff = limiter.isHolding
    own.returnsDrills = true
    own.priority = ownPriority
    own.address = ports.lazy.compactMap(\.router.nodeAddress?.v4).first ?? IPv4Address(0)
    own.term = term
    own.highestTerm = highestTerm
    own.patienceMilliseconds = sleeps.patienceMilliseconds(pace)
    own.configurationHash = configurationHash
    own.policyVersion = policyVersion
    own.policyHash = policyHash
    own.links = links
    own.faults = Array(faults.prefix(Limits.heartbeatFaults))
    own.echoes = witnesses.flatMap(\.session.echoes)
    own.demotion = demotion
    own.addresses = Set(ports.compactMap(\.router.nodeAddress)).sorted()
    return own
  }

  mutating func runTimers(at now: Instant) {
    var isAdvertising = false
    if role == .active {
      for index in ports.indices {
        for _ in ports[index].router.handle(.deadlineReached, at: now) {
          isAdvertising = true
          send(on: index)
        }
      }
    }
    runAnnouncements(at: now)
    limiter.update(at: now)
    updatePreemption(at: now)
    // A wake-up costs more than what is sent in it: a heartbeat that is due soon leaves with an advert
    // or as an answer to the peer's.
    if isAdvertising || isAnswering, now + pace.interval / 2 >= nextHeartbeat {
      actions.append(.sendHeartbeat)
      nextHeartbeat = now + pace.companion
    } else if now >= nextHeartbeat {
      actions.append(.sendHeartbeat)
      nextHeartbeat = max(nextHeartbeat + pace.interval, now + pace.interval / 2)
    }
    isAnswering = false
    updateAlarms(at: now)
  }

  mutating func runAnnouncements(at now: Instant) {
    guard let announcementsFrom else { return }
    while announced < Limits.announcements.count,
      now >= announcementsFrom + Limits.announcements[announced]
    {
      announced += 1
      for index in ports.indices where ports[index].isUp {
        actions.append(.announce(port: index))
      }
    }
  }

  /// How much this node can do.
  public var health: Health { Health(isFaulted: !faults.isEmpty, demotion: demotion) }

  /// What is down, weighed.
  public var demotion: UInt16 {
    Demotion.sum(links: links, weights: configuration.linkWeights, checks: checks)
  }

  /// What is down, with its weight, in words.
  public var demotionCauses: [String] {
    Demotion.causes(links: links, weights: configuration.linkWeights, checks: checks)
  }

  /// The priority in our adverts.
  public var advertisedPriority: UInt8 { Demotion.priority(ownPriority, demotion: demotion) }

  /// One advert with our priority, if the port can carry it.
  mutating func send(on port: Int) {
    guard ports[port].isUp, doubt == nil else { return }
    for index in witnesses.indices { witnesses[index].advertisementSent(at: lastNow) }
    actions.append(.sendAdvertisement(port: port, priority: advertisedPriority))
  }

  mutating func changeLink(_ name: String, isUp: Bool, at now: Instant) {
    if let tracked = links.firstIndex(where: { $0.port == name }), links[tracked].isUp != isUp {
      links[tracked].isUp = isUp
      if !isUp {
        worsen(.linkLost(port: name), at: now)
        if role == .active { lostPort = name }
      }
      demotionChanged()
    }
    let changed = ports.indices.filter {
      ports[$0].router.configuration.port == name && ports[$0].isUp != isUp
    }
    for index in changed {
      ports[index].isUp = isUp
      guard isUp else { continue }
      ports[index].upSince = now
      ports[index].router.listenAgain(at: now)
      for _ in ports[index].router.sendExtra(at: now) { send(on: index) }
      // The neighbours behind the link may have learnt of another.
      if role == .active, doubt == nil { restartAnnouncements(at: now) }
    }
  }

  /// Announces from the first step of the schedule again.
  mutating func restartAnnouncements(at now: Instant) {
    announcementsFrom = now
    announced = 0
  }

  mutating func changeFaults(_ faults: [String], at now: Instant) {
    guard faults != self.faults else { return }
    if self.faults.isEmpty, let fault = faults.first { worsen(.faulted(fault), at: now) }
    self.faults = faults
    actions.append(.sendHeartbeat)
  }

  mutating func changeChecks(_ checks: [CheckState], at now: Instant) {
    let checks = Array(checks.prefix(Limits.checks))
    guard checks != self.checks else { return }
    let (before, old) = (demotion, Set(self.checks.filter { !$0.isUp }.map(\.name)))
    self.checks = checks
    let new = checks.first { !$0.isUp && !old.contains($0.name) }
    if demotion > before, let failed = new ?? checks.last(where: { !$0.isUp }) {
      worsen(.checkFailed(failed.name), at: now)
    }
    demotionChanged()
  }

  /// This node can do less than before.
  private mutating func worsen(_ cause: Cause, at now: Instant) {
    worsenedAt = now
    worsenedBy = cause
  }

  /// The adverts carry another priority from now on, and the peer hears of it at once.
  private mutating func demotionChanged() {
    for index in ports.indices { ports[index].router.priority = advertisedPriority }
    actions.append(.sendHeartbeat)
  }
}
