import Wire

/// Something in a policy that cannot be put in force.
public struct PolicyProblem: Hashable, Sendable {
  /// Where, within the policy, such as `rules[3].from[0]`.
  public let path: String
  /// What is wrong and how to mend it.
  public let message: String
}

extension PolicyDocument {
  /// Bounds on a policy, so that the cost of a packet and of a change stays known.
  public enum Limits {
    /// Zones.
    public static let zones = 64
    /// Groups; also the highest `id`.
    public static let groups = 4000
    /// Groups that are made by leaving out others.
    public static let complements = 64
    /// Rules.
    public static let rules = 10_000
    /// Schedules: each has a bit in `ct mark`.
    public static let schedules = 12
    /// Single ports after expansion.
    public static let exactEntries = 100_000
    /// Entries before equal ones of different rules are joined.
    public static let workload = 200_000
    /// Port ranges after expansion.
    public static let rangeEntries = 10_000
    /// Members of the quarantine.
    public static let quarantineMembers = 1000
    /// Services that are excepted from the quarantine.
    public static let quarantineServices = 32
    /// Ports and protocols of these services, joined.
    public static let quarantineEntries = 1000
    /// What one level of the kill switch names.
    public static let blocks = 100
    /// Rules that are said to decide nothing; more than anybody reads.
    public static let warnings = 200
  }

  /// Everything that is wrong when the node forwards between `interfaces`; empty when nothing is.
  public func problems(interfaces: [String]) -> [PolicyProblem] {
    let found =
      countProblems() + nameProblems() + zoneProblems(interfaces: interfaces)
      + groupProblems() + ruleProblems() + quarantineProblems() + killSwitchProblems()
      + complementProblems() + scheduleProblems()
    return found.isEmpty ? sizeProblems() : found
  }

  private func countProblems() -> [PolicyProblem] {
    let counts = [
      ("zones", zones.count, Limits.zones), ("groups", groups.count, Limits.groups),
      ("rules", rules.count, Limits.rules),
    ]
    return counts.filter { $0.1 > $0.2 }.map { path, count, limit in
      PolicyProblem(path: path, message: "\(count) are more than the \(limit) supported")
    }
  }

  /// Zones and groups share one space of names, so that a rule can name either.
  private func nameProblems() -> [PolicyProblem] {
    let zoneNames = Set(zones.map(\.name))
    var found: [PolicyProblem] = []
    for zone in zones where zone.name == PolicyDocument.any {
      found.append(.init(path: "zones.any", message: "'any' means every zone; use another name"))
    }
    for name in groups.map(\.name) + complements.map(\.name)
    where zoneNames.contains(name) || name == PolicyDocument.any {
      let message = "the name is taken by a zone; use another name"
      found.append(.init(path: "groups.\(name)", message: message))
    }
    for service in services where service.name == PolicyDocument.any {
      let message = "'any' means every service; use another name"
      found.append(.init(path: "services.any", message: message))
    }
    return found
  }

  private func zoneProblems(interfaces: [String]) -> [PolicyProblem] {
    var owner: [String: String] = [:]
    var found: [PolicyProblem] = []
    for zone in zones {
      for (index, port) in zone.ports.enumerated() {
        let path = "zones.\(zone.name).ports[\(index)]"
        if !interfaces.contains(port) {
          let known = interfaces.joined(separator: ", ")
          let message = "'\(port)' is not a LAN or WAN interface of this document (\(known))"
          found.append(.init(path: path, message: message))
        } else if let other = owner.updateValue(zone.name, forKey: port) {
          let message = "'\(port)' is in zone '\(other)' already; an interface is in one zone"
          found.append(.init(path: path, message: message))
        }
      }
    }
    return found
  }

  private func groupProblems() -> [PolicyProblem] {
    var owners: [UInt16: String] = [:]
    var found: [PolicyProblem] = []
    for group in groups {
      let path = "groups.\(group.name)"
      if let other = owners.updateValue(group.name, forKey: group.id) {
        let message = "\(group.id) is the id of '\(other)' already; give each group its own"
        found.append(.init(path: "\(path).id", message: message))
      }
      if !zones.contains(where: { $0.name == group.zone }) {
        found.append(.init(path: "\(path).zone", message: KnownNames.unknown(group.zone, "zone")))
      }
    }
    return found + overlapProblems() + matchProblems()
  }

  /// What is the same in two groups of a zone; that names fit several forms cannot be told beforehand.
  private func matchProblems() -> [PolicyProblem] {
    struct Claim: Hashable {
      let zone: String
      let match: HostMatch
    }
    var owners: [Claim: String] = [:]
    return groups.flatMap { group in
      group.match.enumerated().compactMap { index, match in
        let claim = Claim(zone: group.zone, match: match)
        guard let other = owners.updateValue(group.name, forKey: claim) else { return nil }
        let message = "\(match) is in '\(other)' already; a host is in one group"
        return PolicyProblem(path: "groups.\(group.name).match[\(index)]", message: message)
      }
    }
  }

  /// Sorted by zone and first address, an overlap is always with what reaches furthest so far.
  private func overlapProblems() -> [PolicyProblem] {
    struct Claim {
      let zone: String
      let net: IPPrefix
      let group: String
      let path: String
    }
    let claims = groups.flatMap { group in
      group.nets.enumerated().map { index, net in
        Claim(
          zone: group.zone, net: net.network, group: group.name,
          path: "groups.\(group.name).nets[\(index)]")
      }
    }
    let sorted = claims.sorted { a, b in
      (a.zone, a.net.address, a.net.length, a.path) < (b.zone, b.net.address, b.net.length, b.path)
    }
    var furthest: Claim?
    var found: [PolicyProblem] = []
    for claim in sorted {
      if let other = furthest, other.zone == claim.zone, other.net.overlaps(claim.net) {
        let message =
          "\(claim.net) overlaps \(other.net) of '\(other.group)'; an address is in one group"
        found.append(.init(path: claim.path, message: message))
      } else {
        furthest = claim
      }
    }
    return found
  }

  private func ruleProblems() -> [PolicyProblem] {
    let names = KnownNames(self)
    let scheduleNames = Set(schedules.map(\.name))
    var first: [String: Int] = [:]
    var numbers: [UInt64: String] = [:]
    var found: [PolicyProblem] = []
    for (index, rule) in rules.enumerated() {
      let path = "rules[\(index)]"
      if let other = first[rule.id] {
        let message = "'\(rule.id)' is the id of rules[\(other)] already; ids are unique"
        found.append(.init(path: "\(path).id", message: message))
      } else {
        first[rule.id] = index
        if let other = numbers.updateValue(rule.id, forKey: rule.number) {
          let message = "'\(rule.id)' and '\(other)' have one number in the kernel; rename one"
          found.append(.init(path: "\(path).id", message: message))
        }
      }
      found += names.problems(path, from: rule.from, to: rule.to, service: rule.service)
      if let name = rule.schedule, !scheduleNames.contains(name) {
        let message = KnownNames.unknown(name, "schedule")
        found.append(.init(path: "\(path).schedule", message: message))
      }
    }
    return found
  }

  /// At no level of the kill switch may it be too much: there is no time for problems when somebody
  /// pulls it or lets it go. Of the schedules all are open, or none.
  private func sizeProblems() -> [PolicyProblem] {
    let levels: [KillSwitch.Level] = killSwitch.hasBlocks ? [.green, .yellow, .orange] : [.green]
    let hours = schedules.isEmpty ? [self] : [self, having { $0.schedule == nil }]
    return hours.lazy.flatMap { hours in
      levels.lazy.map { level in
        var policy = hours
        policy.killSwitch.level = level
        return policy.ownSizeProblems()
      }
    }.first { !$0.isEmpty } ?? []
  }

  private func ownSizeProblems() -> [PolicyProblem] {
    let workload = PolicyMatrix.workload(self, upTo: Limits.workload)
    guard workload <= Limits.workload else {
      let message =
        "expand to at least \(workload) entries, more than the \(Limits.workload) supported; "
        + "name zones instead of any, or join services"
      return [PolicyProblem(path: "rules", message: message)]
    }
    let matrix = PolicyMatrix(self)
    let sizes = [
      ("single ports", matrix.exactCount, Limits.exactEntries),
      ("port ranges", matrix.rangeCount, Limits.rangeEntries),
    ]
    return sizes.filter { $0.1 > $0.2 }.map { what, count, limit in
      let message = "expand to \(count) \(what), more than the \(limit) supported; join services"
      return PolicyProblem(path: "rules", message: message)
    }
  }
}
