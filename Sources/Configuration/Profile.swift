/// A model of appliance: which ports it has and what each may be used for.
///
/// This is data. Code asks a profile for its ports and never names one itself.
public struct Profile: Hashable, Sendable {
  /// The word in the document, such as `zt400`.
  public let name: String
  /// All ports, in the order of their numbers.
  public let ports: [Port]
  /// `ha.vrrp.advertIntervalMs` when the document leaves it out.
  public let defaultAdvertIntervalMs: Int

  /// What a port may be used for.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Laptop, activation page; nothing is routed to or from it.
    case management
    /// Inside.
    case lan
    /// Outside.
    case wan
    /// The link between the nodes of a pair.
    case ha
  }

  /// One port.
  public struct Port: Hashable, Sendable {
    /// The name in the document, which is also the interface's.
    public let name: String
    /// The kernel's own name on this hardware before it is renamed; nil where there is none.
    public let device: String?
    /// Every use that is allowed.
    public let roles: Set<Role>
    /// Always has its first role, whatever the document says.
    public let fixed: Bool

    /// Whether the port can be used as `role` in a deployment of this kind: the HA port is a LAN
    /// port only when the node is alone.
    public func serves(_ role: Role, in deployment: Deployment) -> Bool {
      guard roles.contains(role) else { return false }
      if !roles.contains(.ha) { return true }
      return (role == .ha) == (deployment == .standardModeHA)
    }
  }

  /// The port of this name.
  public func port(_ name: String) -> Port? { ports.first { $0.name == name } }

  /// The ports that can be used as `role`.
  public func ports(_ role: Role, in deployment: Deployment) -> [String] {
    ports.filter { $0.serves(role, in: deployment) }.map(\.name)
  }

  /// The port of the management laptop.
  public var managementPort: String {
    guard let port = ports.first(where: { $0.roles.contains(.management) }) else {
      preconditionFailure("every profile has a management port")
    }
    return port.name
  }

  /// The port that is always the way out.
  public var wanPort: String {
    guard let port = ports.first(where: { $0.roles.contains(.wan) && $0.fixed }) else {
      preconditionFailure("every profile has a fixed WAN port")
    }
    return port.name
  }

  /// The profile of this name.
  public init?(named name: String) {
    guard let profile = Profile.all.first(where: { $0.name == name }) else { return nil }
    self = profile
  }

  private init(
    _ name: String, advertIntervalMs: Int = 20,
    _ ports: [(name: String, device: String?, roles: Set<Role>, fixed: Bool)]
  ) {
    self.name = name
    self.ports = ports.map {
      Port(name: $0.name, device: $0.device, roles: $0.roles, fixed: $0.fixed)
    }
    defaultAdvertIntervalMs = advertIntervalMs
  }

  /// Every profile.
  public static let all: [Profile] = [
    Profile(
      "zt400",
      [
        ("ge1", "enp4s0", [.management], true),
        ("ge2", "enp5s0", [.lan, .wan], false),
        ("ge3", "enp6s0", [.wan], true),
        ("ge4", "enp7s0", [.ha, .lan], false),
      ]),
    Profile(
      "zt600",
      [
        ("ge1", "enp3s0", [.management], true),
        ("ge2", "enp2s0", [.lan], false),
        ("ge3", "eno1", [.lan], false),
        ("ge4", "eno2", [.ha, .lan], false),
        ("ge5", "eno3", [.wan], true),
        ("ge6", "eno4", [.wan], false),
      ]),
    Profile(
      "zt800",
      [
        ("ge1", "enp2s0f0", [.lan], false),
        ("ge2", "enp2s0f1", [.wan], true),
        ("ge3", "enp2s0f2", [.management], true),
        ("ge4", "enp2s0f3", [.ha, .lan], false),
        ("ge5", "enp8s0f0", [.lan], false),
        ("ge6", "enp8s0f1", [.lan], false),
        ("ge7", "enp10s0f0", [.wan], false),
        ("ge8", "enp10s0f1", [.wan], false),
      ]),
    Profile("zt8010", zt8010Ports),
    Profile(
      "vm", advertIntervalMs: 200,
      [
        ("ge1", nil, [.management], true),
        ("ge2", nil, [.lan, .wan], false),
        ("ge3", nil, [.wan], true),
        ("ge4", nil, [.ha, .lan], false),
      ]),
  ]

  private static let zt8010Ports: [(name: String, device: String?, roles: Set<Role>, fixed: Bool)] =
    [
      ("ge1", "eno1", [.management], true),
      ("ge2", "enp1s0", [.wan], true),
      ("ge3", nil, [.lan], false),
      ("ge4", "ens84f2", [.ha, .lan], false),
      ("ge5", nil, [.lan], false),
      ("ge6", nil, [.lan], false),
      ("xe7", nil, [.wan], false),
      ("xe8", nil, [.wan], false),
      ("xe9", nil, [.wan], false),
      ("xe10", nil, [.wan], false),
      ("ge11", nil, [.lan], false),
      ("ge12", nil, [.lan], false),
      ("ge13", nil, [.lan], false),
      ("ge14", nil, [.lan], false),
      ("xe15", nil, [.lan], false),
      ("xe16", nil, [.lan], false),
      ("xe17", nil, [.lan], false),
      ("xe18", nil, [.lan], false),
    ]
}
