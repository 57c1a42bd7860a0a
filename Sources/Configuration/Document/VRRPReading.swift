import JSON
import Wire

extension VRRPSettings {
  static let keys = [
    "groupId", "version", "priority", "advertIntervalMs", "preempt", "preemptDelayMs", "password",
    "authMode", "acceptMode", "checksum", "track", "checks", "unicastPeers", "allowedSources",
    "virtualAddresses",
  ]

  /// Without a section every value is a stand-in.
  init(reading section: Section?, _ profile: Profile) {
    groupID = section?.integer("groupId", in: 1...255) ?? 1
    version = section?.integer("version", in: 2...3, default: 3) ?? 3
    priority = section?.integer("priority", in: 1...255) ?? 1
    let preset = version == 2 ? 1000 : profile.defaultAdvertIntervalMs
    advertIntervalMs =
      section?.integer("advertIntervalMs", in: 10...255_000, default: preset) ?? preset
    preempt = section?.flag("preempt", default: false) ?? false
    preemptDelayMs = section?.integer("preemptDelayMs", in: 0...3_600_000, default: 30_000) ?? 0
    password = VRRPSettings.password(section)
    authenticationMode = section?.word("authMode", default: .enforce) ?? .enforce
    acceptMode = section?.flag("acceptMode", default: true) ?? true
    checksum = section?.word("checksum", default: .auto) ?? .auto
    let virtual: [VirtualAddress] =
      section?.list("virtualAddresses", nonEmpty: true) { [groupID] value, path in
        let inner = section.flatMap {
          Section(value, path: path, keys: ["port", "address", "groupId"], $0.problems)
        }
        return inner.map { VirtualAddress(reading: $0, groupID) }
      } ?? []
    virtualAddresses = virtual
    let withAddresses = virtual.map(\.interface).reduce(into: [TrackedLink]()) { links, name in
      if !links.contains(where: { $0.interface == name }) {
        links.append(TrackedLink(interface: name, weight: TrackedLink.defaultWeight))
      }
    }
    track =
      section?.list("track", default: withAddresses) { value, path in
        section.flatMap { TrackedLink(reading: value, path, $0.problems) }
      } ?? []
    checks =
      section?.list("checks", default: [], limit: Limits.checks) { value, path in
        let keys = PathCheckSettings.keys
        let inner = section.flatMap { Section(value, path: path, keys: keys, $0.problems) }
        return inner.map { PathCheckSettings(reading: $0) }
      } ?? []
    unicastPeers =
      section?.list("unicastPeers", default: []) { value, path in
        let keys = ["port", "addresses"]
        let inner = section.flatMap { Section(value, path: path, keys: keys, $0.problems) }
        return inner.map { UnicastPeers(reading: $0) }
      } ?? []
    allowedSources =
      section?.list(
        "allowedSources", of: Section.anyAddressRule, default: [], Section.anyAddress) ?? []
  }

  enum Limits {
    /// Path checks of one node.
    static let checks = 16
  }

  /// The value itself is kept out of messages.
  private static func password(_ section: Section?) -> Secret? {
    guard let section, let value = section.optional("password") else { return nil }
    if let text = Section.string(value, { (1...8).contains($0.utf8.count) && Text.isPrintable($0) })
    {
      return Secret(text)
    }
    section.problems.add(
      section.join("password"), "must be 1…8 printable ASCII characters, or null for none")
    return nil
  }

  /// Keys that the first release did not have are written only where they say something: a
  /// document without them has the same hash there and here, so that a pair agrees while one node
  /// runs the older software.
  func json(_ form: DocumentForm) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("groupId", .integer(groupID)), .init("version", .integer(version)),
    ]
    members += form.own("priority", .integer(priority))
    members += [
      .init("advertIntervalMs", .integer(advertIntervalMs)), .init("preempt", .bool(preempt)),
      .init("preemptDelayMs", .integer(preemptDelayMs)),
      .init("password", form.secret(password)),
    ]
    if authenticationMode != .enforce {
      members.append(.init("authMode", .string(authenticationMode.rawValue)))
    }
    if !acceptMode { members.append(.init("acceptMode", .bool(acceptMode))) }
    if checksum != .auto { members.append(.init("checksum", .string(checksum.rawValue))) }
    members.append(.init("track", .array(track.map(\.json))))
    if !checks.isEmpty { members.append(.init("checks", .array(checks.map(\.json)))) }
    if !unicastPeers.isEmpty {
      members += form.own("unicastPeers", .array(unicastPeers.map(\.json)))
    }
    if !allowedSources.isEmpty {
      members += form.own("allowedSources", .array(allowedSources.map { .text($0) }))
    }
    let addresses = virtualAddresses.map { $0.json(groupID) }
    members.append(.init("virtualAddresses", .array(addresses)))
    return .object(members)
  }
}

extension VRRPSettings.TrackedLink {
  /// The name of an interface, or an object with a weight.
  init?(reading value: JSONValue, _ path: String, _ problems: ProblemList) {
    if case .string(let name) = value, !name.isEmpty {
      self.init(interface: name, weight: Self.defaultWeight)
      return
    }
    guard case .object = value else {
      problems.add(
        path, "\(value.kind) is not the name of an interface or {\"port\", \"weight\"}")
      return nil
    }
    guard let section = Section(value, path: path, keys: ["port", "weight"], problems) else {
      return nil
    }
    self.init(
      interface: section.string("port", "the name of an interface") { !$0.isEmpty },
      weight: section.integer("weight", in: 1...254, default: Self.defaultWeight))
  }

  fileprivate var json: JSONValue {
    if weight == Self.defaultWeight { return .string(interface) }
    return .object([.init("port", .string(interface)), .init("weight", .integer(weight))])
  }
}

extension VRRPSettings.VirtualAddress {
  fileprivate init(reading section: Section, _ groupID: UInt8) {
    self.init(
      interface: section.string("port", "the name of an interface") { !$0.isEmpty },
      address: section.read(
        "address", Section.anyPrefixRule, standIn: .v4(IPv4Prefix(IPv4Address(0), length: 0)),
        Section.anyPrefix),
      groupID: section.integer("groupId", in: 1...255, default: groupID))
  }

  fileprivate func json(_ preset: UInt8) -> JSONValue {
    .object(
      [.init("port", .string(interface)), .init("address", .text(address))]
        + (groupID == preset ? [] : [.init("groupId", .integer(groupID))]))
  }
}

extension VRRPSettings.UnicastPeers {
  fileprivate init(reading section: Section) {
    self.init(
      interface: section.string("port", "the name of an interface") { !$0.isEmpty },
      addresses: section.list(
        "addresses", of: Section.anyAddressRule, nonEmpty: true, Section.anyAddress))
  }

  fileprivate var json: JSONValue {
    .object([
      .init("port", .string(interface)), .init("addresses", .array(addresses.map { .text($0) })),
    ])
  }
}

extension PathCheckSettings {
  static let keys = [
    "name", "kind", "target", "intervalMs", "timeoutMs", "fall", "rise", "weight",
  ]

  fileprivate init(reading section: Section) {
    self.init(
      name: section.string("name", Text.nameRule) { Text.isName($0) },
      kind: section.word("kind"),
      target: section.string("target", "an address, or a URL for kind \"http\"") { !$0.isEmpty },
      intervalMs: section.integer("intervalMs", in: 100...60_000, default: 1_000),
      timeoutMs: section.integer("timeoutMs", in: 10...60_000, default: 500),
      fall: section.integer("fall", in: 1...10, default: 3),
      rise: section.integer("rise", in: 1...10, default: 2),
      weight: section.integer("weight", in: 1...254, default: 20))
  }

  fileprivate var json: JSONValue {
    .object([
      .init("name", .string(name)), .init("kind", .string(kind.rawValue)),
      .init("target", .string(target)), .init("intervalMs", .integer(intervalMs)),
      .init("timeoutMs", .integer(timeoutMs)), .init("fall", .integer(fall)),
      .init("rise", .integer(rise)), .init("weight", .integer(weight)),
    ])
  }
}
