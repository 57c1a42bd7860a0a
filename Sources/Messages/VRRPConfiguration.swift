public import Wire

/// Which of the two nodes this is: it decides who dials and which key direction, nothing else.
public enum NodeName: UInt8, Hashable, Sendable, CaseIterable, WireCodable {
  /// `ha.node` is `primary`.
  case primary = 1
  /// `ha.node` is `secondary`.
  case secondary = 2
}

/// One virtual router: a port, a group number, a family, and what it owns there.
public struct VirtualRouterPort: Hashable, Sendable {
  /// The physical port, such as the LAN port.
  public var port: String
  /// The macvlan that carries the virtual MAC and addresses, such as `vr4-PORT-GROUP`.
  public var device: String
  /// VRID 1…255; one router for each port, VRID and family.
  public var groupID: UInt8
  /// The family of its addresses and adverts.
  public var family: AddressFamily
  /// This node's own address on the port, source of its adverts; nil for IPv6, where the role finds
  /// the link-local address of the port.
  public var nodeAddress: IPPrefix?
  /// What the virtual router owns, in the order of its adverts; for IPv6 a link-local address first.
  public var virtualAddresses: [IPAddress]
  /// Where adverts go instead of the group; empty for multicast.
  public var unicastPeers: [IPAddress]

  /// Joins the parts.
  public init(
    port: String,
    device: String,
    groupID: UInt8,
    family: AddressFamily = .ipv4,
    nodeAddress: IPPrefix?,
    virtualAddresses: [IPAddress],
    unicastPeers: [IPAddress] = []
  ) {
    self.port = port
    self.device = device
    self.groupID = groupID
    self.family = family
    self.nodeAddress = nodeAddress
    self.virtualAddresses = virtualAddresses
    self.unicastPeers = unicastPeers
  }
}

extension VirtualRouterPort: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    port = try String(from: &reader)
    device = try String(from: &reader)
    groupID = try UInt8(from: &reader)
    family = try AddressFamily(from: &reader)
    nodeAddress = try IPPrefix?(from: &reader)
    virtualAddresses = try [IPAddress](from: &reader)
    unicastPeers = try [IPAddress](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    port.write(into: &writer)
    device.write(into: &writer)
    groupID.write(into: &writer)
    family.write(into: &writer)
    nodeAddress.write(into: &writer)
    virtualAddresses.write(into: &writer)
    unicastPeers.write(into: &writer)
  }
}

/// A port whose carrier counts, and how much.
public struct TrackedLink: Hashable, Sendable {
  /// The port.
  public var port: String
  /// What its loss adds to the node's demotion.
  public var weight: UInt8

  /// Joins the parts.
  public init(port: String, weight: UInt8) {
    self.port = port
    self.weight = weight
  }
}

extension TrackedLink: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    port = try String(from: &reader)
    weight = try UInt8(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    port.write(into: &writer)
    weight.write(into: &writer)
  }
}

/// What the checksum of version 3 over IPv4 covers in our adverts; either is accepted.
public enum ChecksumChoice: UInt8, Hashable, Sendable, CaseIterable, WireCodable {
  /// What the peer uses; with the pseudo header until one was heard.
  case auto = 0
  /// The message alone.
  case rfc9568 = 1
  /// Pseudo header and message, as Linux routers read RFC 5798.
  case rfc5798 = 2
}

/// The dedicated link between the nodes.
public struct HALink: Hashable, Sendable {
  /// The port.
  public var port: String
  /// This node's address on it.
  public var address: IPv4Address
  /// The other nodes' addresses; one in a pair.
  public var peers: [IPv4Address]
  /// `ha.key`, 32 octets. Never logged.
  public var key: [UInt8]

  /// Joins the parts.
  public init(
    port: String,
    address: IPv4Address,
    peers: [IPv4Address],
    key: [UInt8]
  ) {
    self.port = port
    self.address = address
    self.peers = peers
    self.key = key
  }
}

extension HALink: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    port = try String(from: &reader)
    address = try IPv4Address(from: &reader)
    peers = try [IPv4Address](from: &reader)
    key = try [UInt8](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    port.write(into: &writer)
    address.write(into: &writer)
    peers.write(into: &writer)
    key.write(into: &writer)
  }
}

/// Everything `vrrp` needs.
public struct VRRPConfiguration: Hashable, Sendable {
  /// Which node this is.
  public var node: NodeName
  /// Random, 16 octets, new at each start of the supervisor.
  public var bootID: [UInt8]
  /// 1…255, by which people know the group: the VRID of routers that have no other.
  public var groupID: UInt8
  /// 2 or 3.
  public var version: UInt8
  /// 1…255; 255 is the owner's: a virtual address is the node's own.
  public var priority: UInt8
  /// 10 ms … 40.95 s.
  public var advertInterval: Interval
  /// Whether the higher priority takes over from a working active.
  public var preempt: Bool
  /// How long it must have been ready before it does.
  public var preemptDelay: Interval
  /// Whether the active node answers at its virtual addresses.
  public var acceptMode: Bool
  /// Form of the checksum of version 3 over IPv4.
  public var checksum: ChecksumChoice
  /// Up to 8 octets, empty for none: in version 2 sent as it is (RFC 2338 authentication type 1), in
  /// version 3 the source of the trailer's key. Never logged.
  public var password: [UInt8]
  /// Version 3 with a password: whether adverts without a trailer are refused.
  public var authEnforced: Bool
  /// Whose adverts count; empty for every neighbour in the port's network.
  public var allowedSources: [IPAddress]
  /// The virtual routers that move together.
  public var ports: [VirtualRouterPort]
  /// Ports whose carrier counts.
  public var tracked: [TrackedLink]
  /// The heartbeat's link.
  public var link: HALink
  /// SHA-256 of the part of the document that both nodes share, 32 octets.
  public var configurationHash: [UInt8]
  /// The highest term that this node ever took or saw, from the store.
  public var storedTerm: UInt64

  /// Joins the parts.
  public init(
    node: NodeName,
    bootID: [UInt8],
    groupID: UInt8,
    version: UInt8 = 3,
    priority: UInt8,
    advertInterval: Interval,
    preempt: Bool,
    preemptDelay: Interval,
    acceptMode: Bool = true,
    checksum: ChecksumChoice = .auto,
    password: [UInt8] = [],
    authEnforced: Bool = true,
    allowedSources: [IPAddress] = [],
    ports: [VirtualRouterPort],
    tracked: [TrackedLink],
    link: HALink,
    configurationHash: [UInt8],
    storedTerm: UInt64
  ) {
    self.node = node
    self.bootID = bootID
    self.groupID = groupID
    self.version = version
    self.priority = priority
    self.advertInterval = advertInterval
    self.preempt = preempt
    self.preemptDelay = preemptDelay
    self.acceptMode = acceptMode
    self.checksum = checksum
    self.password = password
    self.authEnforced = authEnforced
    self.allowedSources = allowedSources
    self.ports = ports
    self.tracked = tracked
    self.link = link
    self.configurationHash = configurationHash
    self.storedTerm = storedTerm
  }
}

extension VRRPConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    node = try NodeName(from: &reader)
    bootID = try [UInt8](from: &reader)
    groupID = try UInt8(from: &reader)
    version = try UInt8(from: &reader)
    priority = try UInt8(from: &reader)
    advertInterval = try Interval(from: &reader)
    preempt = try Bool(from: &reader)
    preemptDelay = try Interval(from: &reader)
    acceptMode = try Bool(from: &reader)
    checksum = try ChecksumChoice(from: &reader)
    password = try [UInt8](from: &reader)
    authEnforced = try Bool(from: &reader)
    allowedSources = try [IPAddress](from: &reader)
    ports = try [VirtualRouterPort](from: &reader)
    tracked = try [TrackedLink](from: &reader)
    link = try HALink(from: &reader)
    configurationHash = try [UInt8](from: &reader)
    storedTerm = try UInt64(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    node.write(into: &writer)
    bootID.write(into: &writer)
    groupID.write(into: &writer)
    version.write(into: &writer)
    priority.write(into: &writer)
    advertInterval.write(into: &writer)
    preempt.write(into: &writer)
    preemptDelay.write(into: &writer)
    acceptMode.write(into: &writer)
    checksum.write(into: &writer)
    password.write(into: &writer)
    authEnforced.write(into: &writer)
    allowedSources.write(into: &writer)
    ports.write(into: &writer)
    tracked.write(into: &writer)
    link.write(into: &writer)
    configurationHash.write(into: &writer)
    storedTerm.write(into: &writer)
  }
}
