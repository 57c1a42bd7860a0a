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
