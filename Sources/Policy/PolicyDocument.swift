public import Wire

/// The policy: who may open which connection to whom. Everything else is denied.
///
/// What decides, the stronger first: quarantine, kill switch, rules of tier guard, deny and allow,
/// the default. A kill switch closes nothing that a guard rule allows.
///
/// The values are what the document says, not yet checked against each other; that is
/// ``problems(interfaces:)``.
public struct PolicyDocument: Hashable, Sendable {
  /// 1…4294967295, raised by one at each change; decides the epoch.
  public var version: UInt32
  /// Parts of the network, by interface. An interface is in one zone.
  public var zones: [Zone]
  /// Endpoints within a zone that are treated apart from its rest.
  public var groups: [Group]
  /// Names for what is left of a zone without some of its groups.
  public var complements: [Complement]
  /// Names for protocols and ports.
  public var services: [Service]
  /// What is allowed or denied. The order has no meaning: guard beats deny, deny beats allow.
  public var rules: [Rule]
  /// What becomes of what is denied.
  public var mode: PolicyMode
  /// Who is cut off.
  public var quarantine: Quarantine
  /// What is closed for now.
  public var killSwitch: KillSwitch
  /// Hours that rules are bound to; no name is given twice.
  public var schedules: [Schedule]

  /// Joins the parts.
  public init(
    version: UInt32, zones: [Zone], groups: [Group] = [], complements: [Complement] = [],
    services: [Service] = [],
    rules: [Rule] = [], mode: PolicyMode = .enforce, quarantine: Quarantine = Quarantine(),
    killSwitch: KillSwitch = KillSwitch(), schedules: [Schedule] = []
  ) {
    self.version = version
    self.zones = zones
    self.groups = groups
    self.complements = complements
    self.services = services
    self.rules = rules
    self.mode = mode
    self.quarantine = quarantine
    self.killSwitch = killSwitch
    self.schedules = schedules
  }

  /// The number 1…255 stamped into every connection that this version has judged: both nodes come
  /// to the same one, and the next version never has the same as this.
  public var epoch: UInt8 { PolicyDocument.epoch(of: version) }

  /// The ``epoch`` of a version.
  public static func epoch(of version: UInt32) -> UInt8 { UInt8(1 + version % 255) }

  /// The word that stands for every zone, or for every service.
  public static let any = "any"
}

/// Interfaces that are treated alike.
public struct Zone: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Names of interfaces, such as `ge2` or `ge2.30`.
  public var ports: [String]

  /// Joins the parts.
  public init(name: String, ports: [String]) {
    self.name = name
    self.ports = ports
  }
}

/// Endpoints of one zone, by address or by what the gateway knows of them.
public struct Group: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// 1…4000, given by the author and never used again for another group: the kernel knows the group by it.
  public var id: UInt16
  /// The zone that it is in.
  public var zone: String
  /// Its addresses, of either family; no address is in two groups of a zone.
  public var nets: [IPPrefix]
  /// Which hosts that have their address from the gateway are in it, too; see ``PolicyDocument/with(_:)``.
  public var match: [HostMatch]

  /// Joins the parts.
  public init(
    name: String, id: UInt16, zone: String, nets: [IPPrefix], match: [HostMatch] = []
  ) {
    self.name = name
    self.id = id
    self.zone = zone
    self.nets = nets
    self.match = match
  }
}

/// An IP protocol that a service can name. The raw value is its number (IANA).
public enum TransportProtocol: UInt8, Hashable, Sendable, CaseIterable {
  /// RFC 792.
  case icmp = 1
  /// RFC 9293.
  case tcp = 6
  /// RFC 768.
  case udp = 17
  /// RFC 2784.
  case gre = 47
  /// RFC 4303.
  case esp = 50
  /// RFC 4443.
  case icmpv6 = 58
  /// RFC 9260.
  case sctp = 132

  /// Whether destination ports exist.
  public var hasPorts: Bool { self == .tcp || self == .udp || self == .sctp }

  /// The word in the document.
  public var name: String { "\(self)" }
}

/// Protocols and destination ports under one name.
public struct Service: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// What it consists of.
  public var entries: [Entry]

  /// One protocol with its ports.
  public struct Entry: Hashable, Sendable {
    /// The protocol.
    public var transport: TransportProtocol
    /// Destination ports; empty means all of them.
    public var ports: [ClosedRange<UInt16>]

    /// Joins the parts.
    public init(_ transport: TransportProtocol, ports: [ClosedRange<UInt16>] = []) {
      self.transport = transport
      self.ports = ports
    }
  }

  /// Joins the parts.
  public init(name: String, entries: [Entry]) {
    self.name = name
    self.entries = entries
  }
}

/// What a rule does. Tiers are judged in a fixed order: guard, deny, allow.
public enum Tier: String, Hashable, Sendable, CaseIterable {
  /// Essential connections, which neither a deny nor the kill switch takes away.
  case `guard`
  /// Connections that stay closed whatever is allowed.
  case deny
  /// Connections that may be opened.
  case allow

  /// Whether its rules log where nothing else is said: only what is denied.
  public var logs: Bool { self == .deny }
}

/// One statement of the policy.
public struct Rule: Hashable, Sendable {
  /// Its name in counters, logs and explanations.
  public var id: String
  /// What it does.
  public var tier: Tier
  /// Names of zones or groups that open the connection. A zone includes its groups.
  public var from: [String]
  /// Names of zones or groups that are reached.
  public var to: [String]
  /// The name of a service, or ``PolicyDocument/any``.
  public var service: String
  /// Whether the packets that it judges are logged, within a limit that all rules share.
  public var log: Bool
  /// The name of the schedule outside of which it does not count; nil: it always does.
  public var schedule: String?

  /// Joins the parts; `log` nil is as the tier has it.
  public init(
    id: String, tier: Tier, from: [String], to: [String], service: String, log: Bool? = nil,
    schedule: String? = nil
  ) {
    self.id = id
    self.tier = tier
    self.from = from
    self.to = to
    self.service = service
    self.log = log ?? tier.logs
    self.schedule = schedule
  }
}
