public import Wire

/// What the compiler must know about the node besides the policy itself.
public struct PolicyContext: Hashable, Sendable {
  /// An interface that the node forwards between.
  public struct Interface: Hashable, Sendable {
    /// Its name, as zones give it.
    public var name: String
    /// The macvlans with a virtual MAC of IPv4. Packets to a virtual MAC enter there.
    public var virtualDevices: [String]
    /// The same of IPv6.
    public var virtualDevices6: [String]
    /// Networks whose packets may only enter here: its own and those behind its routers.
    public var networks: [IPv4Prefix]
    /// The same of IPv6.
    public var networks6: [IPv6Prefix]
    /// Whether an address comes by DHCP.
    public var usesDHCP: Bool
    /// Whether strangers are there: a WAN.
    public var isOutside: Bool
    /// Whether its hosts may use no address but the one they were given, ``PolicyCompiler/bindings(_:)``.
    public var bindsHosts: Bool
    /// Where ``bindsHosts``: whose packets come from further networks.
    public var routers: [Router]
    /// What the node does for the hosts there; nil: they get their addresses from elsewhere.
    public var service: Service?

    /// Joins the parts.
    public init(
      name: String, virtualDevices: [String] = [], virtualDevices6: [String] = [],
      networks: [IPv4Prefix] = [], networks6: [IPv6Prefix] = [], usesDHCP: Bool = false,
      isOutside: Bool = false, bindsHosts: Bool = false, routers: [Router] = [],
      service: Service? = nil
    ) {
      self.name = name
      self.virtualDevices = virtualDevices
      self.virtualDevices6 = virtualDevices6
      self.networks = networks
      self.networks6 = networks6
      self.usesDHCP = usesDHCP
      self.isOutside = isOutside
      self.bindsHosts = bindsHosts
      self.routers = routers
      self.service = service
    }

    /// Every device that its packets can enter by.
    var devices: [String] { [name] + virtualDevices + virtualDevices6 }

    /// Networks of both families.
    var allNetworks: [IPPrefix] { networks.map { .v4($0) } + networks6.map { .v6($0) } }

    /// Whether the node speaks IPv6 there.
    var hasIPv6: Bool { !networks6.isEmpty || !virtualDevices6.isEmpty }
  }

  /// A router among hosts.
  public struct Router: Hashable, Sendable {
    /// Its Ethernet address.
    public var mac: MACAddress
    /// A network behind it.
    public var network: IPv4Prefix

    /// Joins the parts.
    public init(mac: MACAddress, network: IPv4Prefix) {
      self.mac = mac
      self.network = network
    }
  }

  /// DHCP for the hosts of an interface.
  public struct Service: Hashable, Sendable {
    /// What hosts know the node by.
    public var address: IPv4Address
    /// Whether they may ask it for names.
    public var answersNames: Bool
    /// The servers that questions are passed on to; empty: the node answers itself.
    public var servers: [IPv4Address]

    /// Joins the parts.
    public init(address: IPv4Address, answersNames: Bool, servers: [IPv4Address] = []) {
      self.address = address
      self.answersNames = answersNames
      self.servers = servers
    }
  }

  /// A source address translation.
  public struct Translation: Hashable, Sendable {
    /// Packets from here …
    public var from: IPPrefix
    /// … that leave by one of these interfaces …
    public var interfaces: [String]
    /// … get this source address; nil is the interface's own (masquerade).
    public var to: IPAddress?
    /// Whether the kernel chooses a random port instead of keeping it.
    public var randomPorts: Bool

    /// Joins the parts.
    public init(from: IPPrefix, interfaces: [String], to: IPAddress?, randomPorts: Bool) {
      self.from = from
      self.interfaces = interfaces
      self.to = to
      self.randomPorts = randomPorts
    }
  }

  /// The link between the nodes of a pair: not tracked, nothing forwarded.
  public struct Link: Hashable, Sendable {
    /// The port.
    public var port: String
    /// The other nodes' addresses on it.
    public var peers: [IPv4Address]

    /// Joins the parts.
    public init(port: String, peers: [IPv4Address]) {
      self.port = port
      self.peers = peers
    }
  }

  /// Interfaces that the node forwards between.
  public var interfaces: [Interface]
  /// Addresses of the node, its own and the virtual ones that it answers at: what may be pinged.
  public var addresses: [IPAddress]
  /// Virtual addresses that the node has but does not answer at (RFC 9568 6.1, Accept_Mode).
  public var silentAddresses: [IPAddress]
  /// The port of the management laptop: nothing enters or leaves the node's namespace by it.
  public var managementPort: String
  /// The link between the nodes, nil when standalone.
  public var link: Link?
  /// Source address translations, the first that matches wins.
  public var translations: [Translation]
  /// Port forwards; no address, protocol and port is in two of them.
  public var forwards: [PortForward]
  /// Source address translations of hosts that reach a neighbour of theirs by a port forward.
  public var reflections: [Translation]
  /// Protocols whose further connections are followed.
  public var helpers: Set<ConnectionHelper>
  /// SHA-256 of the policy; its first 8 octets are kept beside the ruleset, to recognise it.
  public var hash: [UInt8]

  /// Joins the parts.
  public init(
    interfaces: [Interface], addresses: [IPAddress], silentAddresses: [IPAddress] = [],
    managementPort: String, link: Link?, translations: [Translation],
    forwards: [PortForward] = [], reflections: [Translation] = [],
    helpers: Set<ConnectionHelper> = [], hash: [UInt8]
  ) {
    self.interfaces = interfaces
    self.addresses = addresses
    self.silentAddresses = silentAddresses
    self.managementPort = managementPort
    self.link = link
    self.translations = translations
    self.forwards = forwards
    self.reflections = reflections
    self.helpers = helpers
    self.hash = hash
  }
}
