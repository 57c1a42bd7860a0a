public import Wire

extension SyncGroup {
  /// An alarm in words with its remedy, and how long it will last where that is known.
  public func text(of alarm: Alarm, at now: Instant) -> String {
    guard alarm == .flapping, let until = limiter.holdsUntil, until > now else {
      return "\(alarm); \(alarm.remedy)"
    }
    let seconds = (until - now).nanoseconds / 1_000_000_000 + 1
    return "\(alarm) (\(seconds) s); \(alarm.remedy)"
  }

  /// Tells of conditions that lasted for ``Limits/alarmDelay``, and of those that ended.
  mutating func updateAlarms(at now: Instant) {
    let present = conditions(at: now)
    // Nearly always.
    if present.isEmpty, alarms.isEmpty, pendingAlarms.isEmpty { return }
    for alarm in inOrder(alarms.subtracting(present)) {
      alarms.remove(alarm)
      actions.append(.alarmCleared(alarm))
    }
    pendingAlarms = pendingAlarms.filter { present.contains($0.key) }
    for alarm in inOrder(present.subtracting(alarms)) {
      let first = pendingAlarms[alarm] ?? now
      pendingAlarms[alarm] = first
      guard now >= first + Limits.alarmDelay else { continue }
      pendingAlarms[alarm] = nil
      alarms.insert(alarm)
      actions.append(.alarmRaised(alarm))
    }
  }

  /// In the order of their words: that of a set differs from run to run.
  private func inOrder(_ alarms: Set<Alarm>) -> [Alarm] {
    alarms.sorted { $0.description < $1.description }
  }

  private func conditions(at now: Instant) -> Set<Alarm> {
    var present: Set<Alarm> = []
    guard now >= startedAt + Limits.startHold else { return present }
    for witness in witnesses {
      guard let peer = witness.living(at: now) else {
        present.insert(.heartbeatLost(witness.node))
        continue
      }
      if peer.configurationHash != configurationHash {
        present.insert(.configurationDiffers(witness.node))
      }
      if (peer.policyVersion, peer.policyHash) != (policyVersion, policyHash) {
        present.insert(.policyDiffers(witness.node))
      }
      if peer.priority == ownPriority { present.insert(.prioritiesEqual(witness.node)) }
      guard peer.role == .active else { continue }
      if role == .active { present.insert(.splitBrain(witness.node)) }
      for port in ports where role == .standby && port.isUp {
        let silent = port.router.silent(intervals: 3, since: max(since, port.upSince))
        if now >= silent {
          present.insert(.advertisementsLost(port: port.router.configuration.port))
        }
      }
    }
    for link in links where !link.isUp { present.insert(.linkDown(port: link.port)) }
    for check in checks where !check.isUp { present.insert(.checkFailed(check.name)) }
    for port in ports {
      if let stranger = port.stranger, now < stranger.heardAt + Limits.strangerForgotten {
        present.insert(.foreignRouter(stranger.source))
      }
    }
    if limiter.isHolding { present.insert(.flapping) }
    return present
  }
}
