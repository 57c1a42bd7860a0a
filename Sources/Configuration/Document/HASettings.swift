import JSON
public import Wire

/// `ha`: this node's place in the pair.
public struct HASettings: Hashable, Sendable {
  /// Which of the two nodes; decides who dials, not who is active.
  public enum Node: String, Hashable, Sendable, CaseIterable {
    /// Listens for the session stream.
    case primary
    /// Dials.
    case secondary
  }

  /// The port of the link between the nodes.
  public let port: String
  /// This node's address on it.
  public let address: IPv4Prefix
  /// The other nodes' addresses on it; at least one.
  public let peers: [IPv4Address]
  /// 32 octets, the same on all nodes.
  public let key: Secret
  /// Which of the two nodes.
  public let node: Node
  /// The virtual router.
  public let vrrp: VRRPSettings

  static let keys = ["port", "address", "peers", "key", "node", "vrrp"]

  init(reading section: Section, _ profile: Profile) {
    port = section.string("port", "the name of a port") { !$0.isEmpty }
    address = section.prefix("address")
    peers = section.list("peers", of: Section.addressRule, nonEmpty: true, Section.address)
    key = HASettings.key(section)
    node = section.word("node")
    let inner = section.section("vrrp", keys: VRRPSettings.keys)
    vrrp = VRRPSettings(reading: inner, profile)
  }

  /// The value itself is kept out of messages.
  private static func key(_ section: Section) -> Secret {
    let text = section.read("key", "the base64 of 32 octets", standIn: "") {
      if case .string(let text) = $0 { text } else { nil }
    }
    let octets = Base64.decode(text)
    let path = section.join("key")
    if octets?.count != 32 && section.problems.isClean(path) {
      let found = octets.map { "\($0.count) octets" } ?? "not base64"
      section.problems.add(
        path, "the key is \(found); must be the base64 of 32 octets (openssl rand -base64 32)")
    }
    return Secret(octets ?? [])
  }

  func json(_ form: DocumentForm) -> JSONValue {
    let key = Secret(Base64.encode(key.octets))
    return .object(
      [.init("port", .string(port))]
        + form.own("address", .text(address))
        + form.own("peers", .array(peers.map { .text($0) }))
        + [.init("key", form.secret(key))]
        + form.own("node", .string(node.rawValue))
        + [.init("vrrp", vrrp.json(form))])
  }
}

/// `ha.vrrp`: one virtual router on several ports that change role together.
public struct VRRPSettings: Hashable, Sendable {
  /// VRID, 1…255.
  public let groupID: UInt8
  /// Version of the protocol, 2 or 3.
  public let version: UInt8
  /// 1…254; the nodes have different ones.
  public let priority: UInt8
  /// Milliseconds: version 3 10…40950 in steps of 10, version 2 whole seconds up to 255 s.
  public let advertIntervalMs: Int
  /// Whether the higher priority takes over from a working active.
  public let preempt: Bool
  /// How long it must have been ready before it does, 0…3600000 milliseconds.
  public let preemptDelayMs: Int
  /// Version 2 only; at most 8 printable ASCII characters.
  public let password: Secret?
  /// Interfaces whose carrier counts.
  public let track: [String]
  /// What the active node owns; at least one.
  public let virtualAddresses: [VirtualAddress]

  /// An address that moves with the role.
  public struct VirtualAddress: Hashable, Sendable {
    /// The interface of the network that it is in.
    public let interface: String
    /// The address, with the length as the author gave it.
    public let address: IPv4Prefix
  }

  /// The interfaces with virtual addresses, in the order of their first one.
  public var interfaces: [String] {
    virtualAddresses.reduce(into: []) { names, virtual in
      if !names.contains(virtual.interface) { names.append(virtual.interface) }
    }
  }

  /// The macvlan that carries the virtual MAC of an interface.
  public func device(for interface: String) -> String { "vr4-\(interface)-\(groupID)" }

  static let keys = [
    "groupId", "version", "priority", "advertIntervalMs", "preempt", "preemptDelayMs", "password",
    "track", "virtualAddresses",
  ]

  /// Without a section every value is a stand-in.
  init(reading section: Section?, _ profile: Profile) {
    groupID = section?.integer("groupId", in: 1...255) ?? 1
    version = section?.integer("version", in: 2...3, default: 3) ?? 3
    priority = section?.integer("priority", in: 1...254) ?? 1
    let preset = version == 2 ? 1000 : profile.defaultAdvertIntervalMs
    advertIntervalMs =
      section?.integer("advertIntervalMs", in: 10...255_000, default: preset) ?? preset
    preempt = section?.flag("preempt", default: false) ?? false
    preemptDelayMs = section?.integer("preemptDelayMs", in: 0...3_600_000, default: 30_000) ?? 0
    password = VRRPSettings.password(section)
    let virtual: [VirtualAddress] =
      section?.list("virtualAddresses", nonEmpty: true) { value, path in
        let inner = section.flatMap {
          Section(value, path: path, keys: ["port", "address"], $0.problems)
        }
        guard let inner else { return nil }
        let name = inner.string("port", "the name of an interface") { !$0.isEmpty }
        return VirtualAddress(interface: name, address: inner.prefix("address"))
      } ?? []
    virtualAddresses = virtual
    let withAddresses = virtual.map(\.interface).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    track =
      section?.list("track", of: "the name of an interface", default: withAddresses) {
        Section.string($0) { !$0.isEmpty }
      } ?? []
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

  func json(_ form: DocumentForm) -> JSONValue {
    let addresses = virtualAddresses.map { virtual in
      JSONValue.object([
        .init("port", .string(virtual.interface)), .init("address", .text(virtual.address)),
      ])
    }
    return .object(
      [.init("groupId", .integer(groupID)), .init("version", .integer(version))]
        + form.own("priority", .integer(priority))
        + [
          .init("advertIntervalMs", .integer(advertIntervalMs)), .init("preempt", .bool(preempt)),
          .init("preemptDelayMs", .integer(preemptDelayMs)),
          .init("password", form.secret(password)),
          .init("track", .array(track.map { .string($0) })),
          .init("virtualAddresses", .array(addresses)),
        ])
  }
}
