import VRRP
public import Wire

/// What must hold after every step, whatever was injured.
extension HASimulation {
  mutating func checkInvariants() {
    checkOverlap()
    checkVacancy()
    checkCleanDeath()
  }

  /// Longest time for which nobody may be active while a node could be: a start-up hold, a lost link
  /// in the dark, and the intervals between.
  public var longestVacancy: Interval {
    Limits.startHold + interval * 4 + Limits.linkLossWait
  }

  /// Detection of a power loss by a settled standby: two intervals and the longest patience, and what
  /// the packets and the loop need.
  public var detection: Interval {
    max(interval * Limits.silentIntervals, Pace(advertInterval: interval).patience)
      + .milliseconds(3)
  }

  /// Never two active nodes on a connected LAN for longer than an interval.
  private mutating func checkOverlap() {
    let isOverlap = nodes.allSatisfy { $0.interfacesUp && $0.isRunning }
    guard isOverlap, isConnected else { return overlapSince = nil }
    let since = overlapSince ?? now
    overlapSince = since
    if now - since > interval + .milliseconds(5) {
      violation = "two actives for \(now - since) at \((now - .zero).milliseconds)"
    }
  }

  /// Connected means, for long enough (40 ms) that both nodes could know: the heartbeat passes
  /// undisturbed both ways, or it is cut both ways and adverts pass undisturbed both ways on every
  /// port. While packets are lost, or one direction alone is cut, nothing is promised about a
  /// moment, only that it heals.
  private var isConnected: Bool {
    let settled = now - .milliseconds(40)
    if isClean(.ha, since: settled) { return true }
    let isDark = (0..<2).allSatisfy {
      paths[HANetwork.ha.rawValue][$0].isCut && changedAt[HANetwork.ha.rawValue][$0] <= settled
    }
    return isDark && isClean(.lan, since: settled) && isClean(.wan, since: settled)
  }

  private func isClean(_ network: HANetwork, since: Instant) -> Bool {
    (0..<2).allSatisfy {
      paths[network.rawValue][$0].isClean && changedAt[network.rawValue][$0] <= since
    } && (network == .ha || nodes.allSatisfy { $0.carriers[network.rawValue] })
  }

  /// Never nobody while a node could forward; a foreign active router on a LAN that hears it counts.
  private mutating func checkVacancy() {
    let isVacant = nodes.allSatisfy { !$0.interfacesUp } && foreignActives.isEmpty
    let couldForward = nodes.contains { $0.isRunning && $0.group.canForward }
    guard isVacant, couldForward else { return vacantSince = nil }
    let since = vacantSince ?? now
    vacantSince = since
    if now - since > longestVacancy {
      violation = "nobody active for \(now - since) at \((now - .zero).milliseconds)"
    }
  }

  /// A standby that everything was well with, for half a second.
  func isSettled(_ node: Int) -> Bool {
    let since = now - .milliseconds(500)
    return nodes[node].isRunning && nodes[node].group.role == .standby
      && nodes[node].group.canForward && nodes[node].carriers.allSatisfy(\.self)
      && disturbedAt <= since && HANetwork.allCases.allSatisfy { isClean($0, since: since) }
  }

  /// Never nobody for longer than the detection time when the active node of a settled pair dies.
  private mutating func checkCleanDeath() {
    guard let death = cleanDeath else { return }
    if nodes[death.survivor].interfacesUp || !foreignActives.isEmpty {
      cleanDeath = nil
    } else if now - death.at > detection {
      violation = "node \(death.survivor) was not active \(detection) after a power loss"
    }
  }
}
