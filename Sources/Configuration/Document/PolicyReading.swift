import JSON
import Policy
import Wire

/// Members of an object have no order: what is read from them is equal whatever the author's was.
private func byName<Value>(_ values: [Value], _ name: (Value) -> String) -> [Value] {
  values.sorted { name($0) < name($1) }
}

extension PolicyDocument {
  static let keys = [
    "schema", "version", "mode", "zones", "groups", "services", "schedules", "rules", "quarantine",
    "killSwitch", "defaults",
  ]

  /// Without a section every value is a stand-in.
  init(reading section: Section?) {
    _ = section?.integer("schema", in: 1...1)
    let version: UInt32 = section?.integer("version", in: 1...UInt32.max) ?? 1
    let zones = section?.named("zones", required: true, limit: Limits.zones) ?? []
    let groups = section?.named("groups", limit: Limits.groups) ?? []
    self.init(
      version: version,
      zones: byName(zones.map { Zone(reading: $0, section) }, \.name),
      groups: byName(
        groups.filter { !Complement.isMeant($0) }.map { Group(reading: $0, section) }, \.name),
      complements: byName(
        groups.filter(Complement.isMeant).map { Complement(reading: $0, section) }, \.name),
      services: byName(
        section?.named("services").map { Service(reading: $0, section) } ?? [], \.name),
      rules: section?.list("rules", default: [], limit: Limits.rules) { value, path in
        let inner = section.flatMap { Section(value, path: path, keys: Rule.keys, $0.problems) }
        return Rule(reading: inner)
      } ?? [],
      mode: section?.word("mode", default: .enforce) ?? .enforce,
      quarantine: Quarantine(
        reading: section?.optionalSection("quarantine", keys: ["members", "allow"])),
      killSwitch: KillSwitch(
        reading: section?.optionalSection("killSwitch", keys: ["level", "levels"])),
      schedules: byName(
        section?.named("schedules").map { Schedule(reading: $0, section) } ?? [], \.name))
    if let defaults = section?.section("defaults", keys: ["action"]) {
      _ = defaults.string("action", "\"deny\", the only default there is") { $0 == "deny" }
    }
  }

  /// The schema's form; lists keep the author's order, which has no meaning.
  ///
  /// Keys of later releases are written only where they say something: the hash of a policy without
  /// them is the same in all releases, so that a pair agrees while one node is being updated.
  var json: JSONValue {
    let later: [JSONValue.Member?] = [
      mode == .enforce ? nil : .init("mode", .string(mode.rawValue)),
      quarantine == Quarantine() ? nil : .init("quarantine", quarantine.json),
      killSwitch == KillSwitch() ? nil : .init("killSwitch", killSwitch.json),
      schedules.isEmpty
        ? nil : .init("schedules", .object(schedules.map { .init($0.name, $0.json) })),
    ]
    return .object(
      [
        .init("schema", .integer(1)), .init("version", .integer(version)),
        .init("zones", .object(zones.map { .init($0.name, $0.json) })),
        .init(
          "groups",
          .object(
            groups.map { .init($0.name, $0.json) }
              + complements.map { .init($0.name, $0.json) })),
        .init("services", .object(services.map { .init($0.name, $0.json) })),
        .init("rules", .array(rules.map(\.json))),
        .init("defaults", .object([.init("action", .string("deny"))])),
      ] + later.compactMap { $0 })
  }
}

/// A value under a name that the author gave, with its path.
typealias Named = (name: String, path: String, JSONValue)

extension Zone {
  fileprivate init(reading named: Named, _ parent: Section?) {
    let section = parent.flatMap {
      Section(named.2, path: named.path, keys: ["ports"], $0.problems)
    }
    self.init(
      name: named.name,
      ports: section?.list("ports", of: "the name of an interface", nonEmpty: true) {
        Section.string($0) { Text.isInterface($0) }
      } ?? [])
  }

  fileprivate var json: JSONValue {
    .object([.init("ports", .array(ports.map { .string($0) }))])
  }
}

extension Group {
  fileprivate init(reading named: Named, _ parent: Section?) {
    let keys = ["id", "zone", "nets", "match"]
    let section = parent.flatMap { Section(named.2, path: named.path, keys: keys, $0.problems) }
    let match = section?.list("match", default: [], nonEmpty: true) { value, path in
      section.flatMap { HostMatch(reading: value, path, $0.problems) }
    }
    self.init(
      name: named.name,
      id: section?.integer("id", in: 1...UInt16(PolicyDocument.Limits.groups)) ?? 1,
      zone: section?.string("zone", "the name of a zone") { Text.isName($0) } ?? "",
      nets: section?.list(
        "nets", of: "\(Section.anyNetworkRule), or one address",
        default: section?.optional("match") != nil ? [] : nil, nonEmpty: true,
        { value in Section.anyAddress(value)?.alone ?? Section.anyNetwork(value) }) ?? [],
      match: match ?? [])
  }

  fileprivate var json: JSONValue {
    .object(
      [.init("id", .integer(id)), .init("zone", .string(zone))]
        + (nets.isEmpty ? [] : [.init("nets", .array(nets.map { .text($0) }))])
        + (match.isEmpty ? [] : [.init("match", .array(match.map(\.json)))]))
  }
}

extension HostMatch {
  /// One of three forms; nil, and a problem, for anything else.
  fileprivate init?(reading value: JSONValue, _ path: String, _ problems: ProblemList) {
    guard let section = Section(value, path: path, keys: ["mac", "oui", "name"], problems) else {
      return nil
    }
    let mac = section.readOptional("mac", Section.hostMACRule, Section.hostMAC)
    let oui = section.readOptional("oui", "three octets such as 00:40:8c") { value in
      value.string.flatMap { MACAddress("\($0):00:00:00") }.map { UInt32($0.value >> 24) }
    }
    let name = section.optionalString("name", "a name, with * and ? for what may vary") {
      (1...64).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
    let found = [
      mac.map { HostMatch.mac($0) }, oui.map { .oui($0) }, name.map { .name($0) },
    ].compactMap { $0 }
    guard found.count == 1, let only = found.first else {
      if problems.isClean(path) { problems.add(path, "must have one of mac, oui and name") }
      return nil
    }
    self = only
  }

  fileprivate var json: JSONValue {
    switch self {
    case .mac(let mac): .object([.init("mac", .text(mac))])
    case .oui(let oui): .object([.init("oui", .string(HostMatch.text(oui: oui)))])
    case .name(let form): .object([.init("name", .string(form))])
    }
  }
}

extension Complement {
  /// `not` makes the difference.
  fileprivate static func isMeant(_ named: Named) -> Bool {
    if case .object(let members) = named.2 { members.contains { $0.key == "not" } } else { false }
  }

  fileprivate init(reading named: Named, _ parent: Section?) {
    let section = parent.flatMap {
      Section(named.2, path: named.path, keys: ["zone", "not"], $0.problems)
    }
    self.init(
      name: named.name,
      zone: section?.string("zone", "the name of a zone") { Text.isName($0) } ?? "",
      not: section?.list("not", of: "the name of a group", nonEmpty: true) {
        Section.string($0) { Text.isName($0) }
      } ?? [])
  }

  fileprivate var json: JSONValue {
    .object([
      .init("zone", .string(zone)), .init("not", .array(not.map { .string($0) })),
    ])
  }
}

extension Service {
  fileprivate init(reading named: Named, _ parent: Section?) {
    guard let problems = parent?.problems else {
      self.init(name: named.name, entries: [])
      return
    }
    let limit = Section.Limits.elements
    guard case .array(let values) = named.2, (1...limit).contains(values.count) else {
      problems.add(named.path, "must be a list of 1…\(limit) {\"proto\", \"ports\"}")
      self.init(name: named.name, entries: [])
      return
    }
    let entries = values.enumerated().compactMap { index, value in
      Section(value, path: "\(named.path)[\(index)]", keys: ["proto", "ports"], problems)
        .map { Entry(reading: $0) }
    }
    self.init(name: named.name, entries: entries)
  }

  fileprivate var json: JSONValue { .array(entries.map(\.json)) }
}

extension Service.Entry {
  fileprivate init(reading section: Section) {
    let words = TransportProtocol.allCases.map { "\"\($0.name)\"" }.joined(separator: ", ")
    let transport = section.read("proto", "one of \(words)", standIn: TransportProtocol.tcp) {
      value in
      TransportProtocol.allCases.first { .string($0.name) == value }
    }
    let rule = "a port 1…65535 or a range such as \"8000-8010\", in quotes"
    self.init(
      transport,
      ports: section.list("ports", of: rule, default: []) { value in
        if case .string(let text) = value { Service.Entry.range(text) } else { nil }
      })
    if !ports.isEmpty && !transport.hasPorts && section.problems.isClean(section.join("proto")) {
      section.problems.add(
        section.join("ports"), "\(transport.name) has no ports; leave the key out")
    }
  }

  /// `80` or `8000-8010`; nil when it is neither.
  static func range(_ text: String) -> ClosedRange<UInt16>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { UInt16($0) }
    guard parts.count == numbers.count, (1...2).contains(parts.count),
      let low = numbers.first, let high = numbers.last, low > 0, low <= high,
      zip(parts, numbers).allSatisfy({ $0 == String($1) })
    else { return nil }
    return low...high
  }

  fileprivate var json: JSONValue {
    .object([
      .init("proto", .string(transport.name)),
      .init("ports", .array(ports.map { .string(Service.Entry.text($0)) })),
    ])
  }

  /// What ``range(_:)`` reads.
  static func text(_ range: ClosedRange<UInt16>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
  }
}

extension Rule {
  fileprivate static let keys = ["id", "tier", "from", "to", "service", "log", "schedule"]

  fileprivate init(reading section: Section?) {
    self.init(
      id: section?.string("id", Text.nameRule) { Text.isName($0) } ?? "",
      tier: section?.word("tier") ?? .deny, from: section?.endNames("from") ?? [],
      to: section?.endNames("to") ?? [], service: section?.service ?? "",
      log: section?.readOptional("log", "true or false") {
        if case .bool(let value) = $0 { value } else { nil }
      },
      schedule: section?.optionalString("schedule", "the name of a schedule") { Text.isName($0) })
  }

  fileprivate var json: JSONValue {
    .object(
      [
        .init("id", .string(id)), .init("tier", .string(tier.rawValue)),
        .init("from", .array(from.map { .string($0) })),
        .init("to", .array(to.map { .string($0) })), .init("service", .string(service)),
      ] + (log == tier.logs ? [] : [.init("log", .bool(log))])
        + (schedule.map { [.init("schedule", .string($0))] } ?? []))
  }
}
