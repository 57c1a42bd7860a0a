import Configuration
import Linux
import Policy
import Wire

/// What one policy says that another does not, part by part, as their authors wrote it.
struct PolicyDifference {
  /// Added, removed or changed.
  enum Change: String, Encodable {
    case added
    case removed
    case changed

    /// In front of a name, for people.
    var sign: String {
      switch self {
      case .added: "+"
      case .removed: "-"
      case .changed: "~"
      }
    }
  }

  /// One part that differs.
  struct Entry: Encodable {
    /// `zone`, `group`, `service`, `hours`, `rule`, `member` or `policy`.
    let kind: String
    /// The name that the author gave.
    let name: String
    let change: Change
    /// What it is where it is added or removed, and what differs where it is changed.
    let text: String
  }

  let entries: [Entry]

  /// From `old` to `new`; the order of lists has no meaning.
  init(_ old: PolicyDocument, _ new: PolicyDocument) {
    entries = [
      ("policy", Part.whole), ("zone", Part.zones), ("group", Part.groups),
      ("service", Part.services),
      ("hours", Part.schedules), ("rule", Part.rules), ("member", Part.members),
    ].flatMap { kind, parts in PolicyDifference.entries(kind, parts(old), parts(new)) }
  }

  private static func entries(_ kind: String, _ old: [Part], _ new: [Part]) -> [Entry] {
    let was = Dictionary(old.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let names = Set(new.map(\.name))
    let gone = old.filter { !names.contains($0.name) }.map {
      Entry(kind: kind, name: $0.name, change: .removed, text: $0.summary)
    }
    let rest = new.compactMap { part -> Entry? in
      guard let before = was[part.name] else {
        return Entry(kind: kind, name: part.name, change: .added, text: part.summary)
      }
      let changes = zip(before.traits, part.traits).compactMap { $0.change(to: $1) }
      guard !changes.isEmpty else { return nil }
      return Entry(
        kind: kind, name: part.name, change: .changed, text: changes.joined(separator: "; "))
    }
    return gone + rest
  }
}

/// A named part of a policy.
private struct Part {
  /// Something about a part: a word or several.
  struct Trait {
    let name: String
    let words: [String]
    /// Whether words come and go, rather than one replacing the other.
    var isList = false

    /// Nil where nothing differs.
    func change(to new: Trait) -> String? {
      let (before, after) = (Set(words), Set(new.words))
      guard before != after else { return nil }
      let title = name.isEmpty ? "" : "\(name) "
      guard isList else {
        let texts = [words, new.words].map { $0.isEmpty ? "none" : $0.joined(separator: " ") }
        return title + texts.joined(separator: " -> ")
      }
      let gone = words.filter { !after.contains($0) }.map { "-\($0)" }
      let come = new.words.filter { !before.contains($0) }.map { "+\($0)" }
      return title + (gone + come).joined(separator: " ")
    }
  }

  let name: String
  let summary: String
  let traits: [Trait]

  static func whole(_ policy: PolicyDocument) -> [Part] {
    func part(_ name: String, _ words: [String], isList: Bool = false) -> Part {
      Part(name: name, summary: "", traits: [Trait(name: "", words: words, isList: isList)])
    }
    func blocks(_ blocks: [KillSwitch.Block]) -> [String] {
      blocks.map { "(\(way($0.from, $0.to)) \($0.service))" }
    }
    return [
      part("version", ["\(policy.version)"]), part("mode", [policy.mode.rawValue]),
      part("kill switch", [policy.killSwitch.level.rawValue]),
      part("kill switch, yellow", blocks(policy.killSwitch.yellow), isList: true),
      part("kill switch, orange", blocks(policy.killSwitch.orange), isList: true),
      part("quarantine, allow", policy.quarantine.allow, isList: true),
    ]
  }

  static func zones(_ policy: PolicyDocument) -> [Part] {
    policy.zones.map { zone in
      Part(
        name: zone.name, summary: zone.ports.joined(separator: ", "),
        traits: [Trait(name: "ports", words: zone.ports, isList: true)])
    }
  }

  static func groups(_ policy: PolicyDocument) -> [Part] {
    let groups = policy.groups.map { group in
      let nets = group.nets.map(\.description)
      let match = group.match.map(\.description)
      return Part(
        name: group.name,
        summary: "(\(group.id)) in \(group.zone): \((nets + match).joined(separator: ", "))",
        traits: traits(zone: group.zone, id: "\(group.id)", nets: nets, match: match))
    }
    let complements = policy.complements.map { group in
      Part(
        name: group.name, summary: "in \(group.zone): not \(group.not.joined(separator: ", "))",
        traits: traits(zone: group.zone, not: group.not))
    }
    return groups + complements
  }

  /// Of both kinds of groups, as one may become the other.
  private static func traits(
    zone: String, id: String? = nil, nets: [String] = [], match: [String] = [], not: [String] = []
  ) -> [Trait] {
    [
      Trait(name: "zone", words: [zone]), Trait(name: "id", words: id.map { [$0] } ?? []),
      Trait(name: "nets", words: nets, isList: true),
      Trait(name: "match", words: match, isList: true),
      Trait(name: "not", words: not, isList: true),
    ]
  }

  static func services(_ policy: PolicyDocument) -> [Part] {
    policy.services.map { service in
      let words = service.entries.flatMap { entry in
        let ports = entry.ports.map(PolicyOutput.text)
        return ports.isEmpty
          ? [entry.transport.name] : ports.map { "\(entry.transport.name)/\($0)" }
      }
      return Part(
        name: service.name, summary: words.joined(separator: ", "),
        traits: [Trait(name: "", words: words, isList: true)])
    }
  }

  static func schedules(_ policy: PolicyDocument) -> [Part] {
    policy.schedules.map { hours in
      let days = hours.days.map(\.rawValue)
      let clock = "\(Schedule.clock(hours.from))-\(Schedule.clock(hours.to))"
      return Part(
        name: hours.name,
        summary: "\(days.joined(separator: " ")) \(clock) \(hours.timeZone.name)",
        traits: [
          Trait(name: "days", words: days, isList: true), Trait(name: "", words: [clock]),
          Trait(name: "zone", words: [hours.timeZone.name]),
        ])
    }
  }

  static func rules(_ policy: PolicyDocument) -> [Part] {
    policy.rules.map { rule in
      let hours = rule.schedule.map { ", schedule \($0)" } ?? ""
      return Part(
        name: rule.id,
        summary: "\(rule.tier.rawValue) \(way(rule.from, rule.to)), \(rule.service)\(hours)",
        traits: [
          Trait(name: "tier", words: [rule.tier.rawValue]),
          Trait(name: "from", words: rule.from, isList: true),
          Trait(name: "to", words: rule.to, isList: true),
          Trait(name: "service", words: [rule.service]),
          Trait(name: "schedule", words: rule.schedule.map { [$0] } ?? []),
          Trait(name: "log", words: ["\(rule.log)"]),
        ])
    }
  }

  static func members(_ policy: PolicyDocument) -> [Part] {
    policy.quarantine.members.map { member in
      let until = member.until.map { WallClock.timestamp(seconds: $0) }
      return Part(
        name: "\(member.address)",
        summary: (until.map { "until \($0): " } ?? "") + member.reason,
        traits: [
          Trait(name: "until", words: until.map { [$0] } ?? []),
          Trait(name: "reason", words: [member.reason]),
        ])
    }
  }

  private static func way(_ from: [String], _ to: [String]) -> String {
    "\(from.joined(separator: ", ")) -> \(to.joined(separator: ", "))"
  }
}
