import Wire

extension SyncGroup {
  /// One admitted advert, of a peer, of a trusted foreign router, or of a stranger.
  mutating func hear(
    _ advertisement: Advertisement, on port: Int, source: IPAddress, received: Instant,
    at now: Instant
  ) {
    wasExtended = false
    let isTrusted = configuration.trustedRouters.contains(source) && !isPeer(source)
    if isTrusted {
      noteForeign(advertisement, on: port, received: received)
    } else if advertisement.priority > 0 {
      noteStranger(source, on: port, received: received)
      for index in witnesses.indices { witnesses[index].advertisementHeard(at: received) }
      // (RFC 9568 6.4.3 (725)) A lower router leaves the role to this peer.
      if isPeer(source), let foreign = ports[port].foreign,
        foreign.priority < advertisement.priority
      {
        ports[port].foreign = nil
      }
    }
    if isPeer(source) { notePeer(advertisement, on: port, received: received) }
    ports[port].router.preempts = mayPreempt(source, at: now)
    let event = VirtualRouter.Event.advertisementReceived(
      advertisement, source: source, received: received)
    for action in ports[port].router.handle(event, at: now) {
      switch action {
      case .sendAdvertisement:
        send(on: port)
      case .outranked(let priority, let source):
        outrankedBy = .outranked(priority: priority, source: source)
        isOutrankedByTrusted = isOutrankedByTrusted || isTrusted
      case .resigned:
        let contradicts = witnesses.contains {
          $0.living(at: now).map { $0.role == .active && !$0.isLeaving } ?? false
        }
        if contradicts && !isTrusted { counters.contradictedResignations += 1 }
      }
    }
  }

  /// All ports of a peer resign at once, also those of which nothing is heard.
  private mutating func notePeer(
    _ advertisement: Advertisement, on port: Int, received: Instant
  ) {
    if advertisement.priority == 0 {
      peerResignedAt = max(peerResignedAt ?? received, received)
      for index in ports.indices { ports[index].peerHeardAt = nil }
    } else if peerResignedAt.map({ received > $0 }) ?? true {
      ports[port].peerHeardAt = received
    }
  }

  /// (RFC 9568 6.4.2 (455)) Whether this standby takes the role from a lower router that advertises.
  /// With a peer the heartbeat settles that; one that was silent for long may still be there.
  private func mayPreempt(_ source: IPAddress, at now: Instant) -> Bool {
    configuration.preempts && now >= since + configuration.preemptDelay
      && witnesses.allSatisfy { witness in
        switch witness.life(at: now) {
        case .neverUp: true
        case .forgotten: !isPeer(source)
        case .up, .silent: false
        }
      }
  }

  /// The highest priority of a trusted foreign router that is active now.
  func foreignPriority(at now: Instant) -> UInt8? {
    ports.compactMap(\.foreign).filter { now < $0.until }.map(\.priority).max()
  }

  private func isPeer(_ source: IPAddress) -> Bool {
    witnesses.contains { $0.last?.addresses.contains(source) ?? false }
  }

  /// (RFC 9568 6.1) Such a router counts as active for Active_Down_Interval, or until it resigns.
  private mutating func noteForeign(
    _ advertisement: Advertisement, on port: Int, received: Instant
  ) {
    guard advertisement.priority > 0 else { return ports[port].foreign = nil }
    let interval = advertisement.interval
    let skew = interval * (256 - Int(ports[port].router.priority)) / 256
    ports[port].foreign = (advertisement.priority, received + interval * 3 + skew)
  }

  /// Remembers the first stranger while it goes on; only peers that say their addresses can be told
  /// from one.
  private mutating func noteStranger(_ source: IPAddress, on port: Int, received: Instant) {
    let isTellable = witnesses.allSatisfy { $0.last.map { !$0.addresses.isEmpty } ?? false }
    guard isTellable, !isPeer(source) else { return }
    if let known = ports[port].stranger, known.source != source,
      received < known.heardAt + Limits.strangerForgotten
    {
      return
    }
    ports[port].stranger = (source, received)
  }
}
