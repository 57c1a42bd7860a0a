import JSON
import Policy
import Wire

extension Quarantine {
  /// Without a section nobody is in quarantine.
  init(reading section: Section?) {
    self.init()
    guard let section else { return }
    let limits = (PolicyDocument.Limits.quarantineMembers, PolicyDocument.Limits.quarantineServices)
    members = section.list("members", default: [], limit: limits.0) { value, path in
      Section(value, path: path, keys: ["address", "until", "reason"], section.problems)
        .map { Member(reading: $0) }
    }
    allow = section.list("allow", of: "the name of a service", default: [], limit: limits.1) {
      Section.string($0) { Text.isName($0) }
    }
  }

  var json: JSONValue {
    .object([
      .init("members", .array(members.map(\.json))),
      .init("allow", .array(allow.map { .string($0) })),
    ])
  }
}

extension Quarantine.Member {
  fileprivate init(reading section: Section) {
    self.init(
      address: section.read(
        "address", Section.anyAddressRule, standIn: .v4(IPv4Address(0)), Section.anyAddress),
      until: section.readOptional("until", Timestamp.rule) {
        if case .string(let text) = $0 { Timestamp.seconds(text) } else { nil }
      },
      reason: section.string("reason", "a text of 1…200 printable ASCII characters") {
        (1...200).contains($0.utf8.count) && Text.isPrintable($0)
      })
  }

  fileprivate var json: JSONValue {
    .object([
      .init("address", .text(address)),
      .init("until", until.map { .string(Timestamp.text($0)) } ?? .null),
      .init("reason", .string(reason)),
    ])
  }
}

extension KillSwitch {
  /// Without a section it is green.
  init(reading section: Section?) {
    let levels = section?.optionalSection("levels", keys: ["yellow", "orange"])
    self.init(
      level: section?.word("level") ?? .green,
      yellow: Block.list(levels, "yellow"), orange: Block.list(levels, "orange"))
  }

  var json: JSONValue {
    .object([
      .init("level", .string(level.rawValue)),
      .init(
        "levels",
        .object([
          .init("yellow", .array(yellow.map(\.json))),
          .init("orange", .array(orange.map(\.json))),
        ])),
    ])
  }
}

extension KillSwitch.Block {
  fileprivate static func list(_ section: Section?, _ key: String) -> [KillSwitch.Block] {
    guard let section else { return [] }
    return section.list(key, default: [], limit: PolicyDocument.Limits.blocks) { value, path in
      Section(value, path: path, keys: ["from", "to", "service"], section.problems)
        .map {
          KillSwitch.Block(from: $0.endNames("from"), to: $0.endNames("to"), service: $0.service)
        }
    }
  }

  fileprivate var json: JSONValue {
    .object([
      .init("from", .array(from.map { .string($0) })), .init("to", .array(to.map { .string($0) })),
      .init("service", .string(service)),
    ])
  }
}

extension Section {
  /// Names of zones or groups under a key.
  func endNames(_ key: String) -> [String] {
    list(key, of: "the name of a zone or group", nonEmpty: true) {
      Section.string($0) { Text.isName($0) }
    }
  }

  /// The name of a service under `service`.
  var service: String {
    string("service", "the name of a service, or \"any\"") { Text.isName($0) }
  }
}
