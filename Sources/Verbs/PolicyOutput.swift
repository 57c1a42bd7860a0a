import Configuration
import Linux
import Policy
import Wire

/// What the rules have judged on this node, by their names in the kernel.
struct PolicyHits {
  /// By the name of the counter.
  let packets: [String: UInt64]

  /// Nil where the kernel tells nothing: without `NET_ADMIN`, or in another namespace.
  static func inKernel() -> PolicyHits? {
    // What the policy says is shown all the same.
    guard let packets = try? KernelDump.counters(table: PolicyCompiler.tableName) else {
      return nil
    }
    return PolicyHits(packets: packets)
  }

  /// Packets that a rule has judged; nil when the rule is not in the kernel.
  func of(_ rule: Rule) -> UInt64? { packets[rule.kernelName] }

  /// Packets that no rule was about.
  var ofDefault: UInt64? { packets[PolicyCompiler.defaultCounter] }

  /// Packets that the kill switch closed.
  var ofKillSwitch: UInt64? { packets[PolicyCompiler.killedCounter] }

  /// Packets from and to members of the quarantine.
  var ofQuarantine: UInt64? { packets[PolicyCompiler.quarantinedCounter] }

  /// Those of hosts by addresses that they were not given.
  var ofStrangers: UInt64? { packets[PolicyCompiler.unboundCounter] }
}

/// What `policy show` prints, also as JSON.
struct PolicyOutput: Encodable {
  struct Zone: Encodable {
    let name: String
    let ports: [String]
  }
  struct Group: Encodable {
    let name: String
    let id: UInt16
    let zone: String
    let nets: [String]
    let match: [String]
    /// Addresses of the hosts that match now; nil where the group matches none.
    let hosts: [String]?
  }
  struct Complement: Encodable {
    let name: String
    let zone: String
    let not: [String]
  }
  struct Service: Encodable {
    let name: String
    let entries: [String]
  }
  struct Rule: Encodable {
    let id: String
    let kernelName: String
    let tier: String
    let from: [String]
    let to: [String]
    let service: String
    let log: Bool
    let schedule: String?
    let hits: UInt64?
  }
  struct Schedule: Encodable {
    let name: String
    let days: [String]
    let from: String
    let to: String
    let timeZone: String
    let open: Bool
  }

  struct Member: Encodable {
    let address: String
    let until: String?
    let reason: String
    let expired: Bool
  }

  let version: UInt32
  let epoch: UInt8
  let mode: String
  let killSwitch: String
  let killSwitchDenied: UInt64?
  let quarantine: [Member]
  let quarantineAllow: [String]
  let quarantineDenied: UInt64?
  let unboundDenied: UInt64?
  let zones: [Zone]
  let groups: [Group]
  let complements: [Complement]
  let services: [Service]
  let schedules: [Schedule]
  let rules: [Rule]
  let defaultDenied: UInt64?
  let warnings: [String]

  /// `hosts` are those that groups may match.
  init(
    _ policy: PolicyDocument, _ warnings: [String], _ hits: PolicyHits?, _ hosts: [LANHost] = []
  ) {
    version = policy.version
    epoch = policy.epoch
    mode = policy.mode.rawValue
    killSwitch = policy.killSwitch.level.rawValue
    killSwitchDenied = hits?.ofKillSwitch
    let now = WallClock.secondsSince1970()
    quarantine = policy.quarantine.members.map { member in
      Member(
        address: "\(member.address)", until: member.until.map { WallClock.timestamp(seconds: $0) },
        reason: member.reason, expired: !member.counts(at: now))
    }
    quarantineAllow = policy.quarantine.allow
    quarantineDenied = hits?.ofQuarantine
    unboundDenied = hits?.ofStrangers
    zones = policy.zones.map { Zone(name: $0.name, ports: $0.ports) }
    groups = zip(policy.groups, policy.with(hosts).groups).map { given, now in
      Group(
        name: given.name, id: given.id, zone: given.zone, nets: given.nets.map(\.description),
        match: given.match.map(\.description),
        hosts: given.match.isEmpty
          ? nil : Set(now.nets).subtracting(given.nets).map(\.address).sorted().map(\.description))
    }
    complements = policy.complements.map {
      Complement(name: $0.name, zone: $0.zone, not: $0.not)
    }
    services = policy.services.map { Service(name: $0.name, entries: $0.entries.map(\.text)) }
    schedules = policy.schedules.map {
      Schedule(
        name: $0.name, days: $0.days.map(\.rawValue), from: Policy.Schedule.clock($0.from),
        to: Policy.Schedule.clock($0.to), timeZone: $0.timeZone.name, open: $0.isOpen(at: now))
    }
    rules = policy.rules.map {
      Rule(
        id: $0.id, kernelName: $0.kernelName, tier: $0.tier.rawValue, from: $0.from, to: $0.to,
        service: $0.service, log: $0.log, schedule: $0.schedule, hits: hits?.of($0))
    }
    defaultDenied = hits?.ofDefault
    self.warnings = warnings
  }

  /// For people.
  var lines: [String] {
    let rest = mode == PolicyMode.enforce.rawValue ? "is denied" : "would be denied (mode \(mode))"
    return [
      "version \(version), epoch \(epoch); what no rule allows \(rest)\(counted(defaultDenied))"
    ]
      + containment
      + zones.map { "zone    \($0.name): \($0.ports.joined(separator: ", "))" }
      + groups.map { group in
        "group   \(group.name) (\(group.id)) in \(group.zone): \(joined(group.nets + group.match))"
          + (group.hosts.map { "; now \($0.isEmpty ? "nobody" : joined($0))" } ?? "")
      }
      + complements.map { "group   \($0.name) in \($0.zone): not \(joined($0.not))" }
      + services.map { "service \($0.name): \(joined($0.entries))" }
      + schedules.map { hours in
        "hours   \(hours.name): \(hours.days.joined(separator: " ")) \(hours.from)-\(hours.to) "
          + "\(hours.timeZone); now \(hours.open ? "open" : "shut")"
      }
      + rules.map { rule in
        "rule    \(rule.id): \(rule.tier) \(joined(rule.from)) -> \(joined(rule.to)), "
          + "\(rule.service)\(rule.schedule.map { ", schedule \($0)" } ?? ""); "
          + "\(rule.kernelName)\(counted(rule.hits))"
      }
      + warnings.map { "warning \($0)" }
  }

  /// Kill switch and quarantine, where there is anything to say.
  private var containment: [String] {
    let members = quarantine.map { member in
      let end = member.until.map { member.expired ? ", ended at \($0)" : ", until \($0)" } ?? ""
      return "member  \(member.address)\(end): \(member.reason)"
    }
    let quarantined =
      quarantine.isEmpty
      ? []
      : [
        "quarantine: closed\(quarantineAllow.isEmpty ? "" : " but for ")\(joined(quarantineAllow))\(counted(quarantineDenied))"
      ]
    let killed =
      killSwitch == KillSwitch.Level.green.rawValue
      ? [] : ["kill switch: \(killSwitch)\(counted(killSwitchDenied))"]
    let strangers =
      unboundDenied.map { $0 == 0 ? [] : ["isolation: addresses not their own\(counted($0))"] }
      ?? []
    return killed + quarantined + members + strangers
  }

  /// `443` or `8000-8010`.
  static func text(_ ports: ClosedRange<UInt16>) -> String {
    ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
  }

  private func joined(_ words: [String]) -> String { words.joined(separator: ", ") }

  private func counted(_ packets: UInt64?) -> String { packets.map { ", \($0) packets" } ?? "" }
}

extension Service.Entry {
  /// `tcp 80, 8000-8010`.
  fileprivate var text: String {
    ([transport.name] + ports.map(PolicyOutput.text)).joined(separator: " ")
  }
}
