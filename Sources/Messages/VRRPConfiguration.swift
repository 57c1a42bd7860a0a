public import Wire

/// Which of the two nodes this is: it decides who dials and which key direction, nothing else.
public enum NodeName: UInt8, Hashable, Sendable, CaseIterable, WireCodable {
  /// `ha.node` is `primary`.
  case primary = 1
  /// `ha.node` is `secondary`.
  case secondary = 2
}

/// One port with virtual addresses.
public struct VirtualRouterPort: Hashable, Sendable {
  /// The physical port, such as the LAN port.
  public var port: String
  /// The macvlan that carries the virtual MAC and addresses, such as `vr4-PORT-GROUP`.
  public var device: String
  /// This node's own address on the port: source of its adverts.
  public var nodeAddress: IPv4Prefix
  /// What the virtual router owns, in the order of the document.
  public var virtualAddresses: [IPv4Address]

  /// Joins the parts.
  public init(
    port: String,
    device: String,
    nodeAddress: IPv4Prefix,
    virtualAddresses: [IPv4Address]
  ) {
    self.port = port
    self.device = device
    self.nodeAddress = nodeAddress
    self.virtualAddresses = virtualAddresses
  }
}

extension VirtualRouterPort: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    port = try String(from: &reader)
    device = try String(from: &reader)
    nodeAddress = try IPv4Prefix(from: &reader)
    virtualAddresses = try [IPv4Address](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    port.write(into: &writer)
    device.write(into: &writer)
    nodeAddress.write(into: &writer)
    virtualAddresses.write(into: &writer)
  }
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
  /// VRID 1…255, the same on all ports of the group.
  public var groupID: UInt8
  /// 1…254.
  public var priority: UInt8
  /// 10 ms … 40.95 s.
  public var advertInterval: Interval
  /// Whether the higher priority takes over from a working active.
  public var preempt: Bool
  /// How long it must have been ready before it does.
  public var preemptDelay: Interval
  /// The ports that move together.
  public var ports: [VirtualRouterPort]
  /// Ports whose carrier counts.
  public var trackedPorts: [String]
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
    priority: UInt8,
    advertInterval: Interval,
    preempt: Bool,
    preemptDelay: Interval,
    ports: [VirtualRouterPort],
    trackedPorts: [String],
    link: HALink,
    configurationHash: [UInt8],
    storedTerm: UInt64
  ) {
    self.node = node
    self.bootID = bootID
    self.groupID = groupID
    self.priority = priority
    self.advertInterval = advertInterval
    self.preempt = preempt
    self.preemptDelay = preemptDelay
    self.ports = ports
    self.trackedPorts = trackedPorts
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
    priority = try UInt8(from: &reader)
    advertInterval = try Interval(from: &reader)
    preempt = try Bool(from: &reader)
    preemptDelay = try Interval(from: &reader)
    ports = try [VirtualRouterPort](from: &reader)
    trackedPorts = try [String](from: &reader)
    link = try HALink(from: &reader)
    configurationHash = try [UInt8](from: &reader)
    storedTerm = try UInt64(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    node.write(into: &writer)
    bootID.write(into: &writer)
    groupID.write(into: &writer)
    priority.write(into: &writer)
    advertInterval.write(into: &writer)
    preempt.write(into: &writer)
    preemptDelay.write(into: &writer)
    ports.write(into: &writer)
    trackedPorts.write(into: &writer)
    link.write(into: &writer)
    configurationHash.write(into: &writer)
    storedTerm.write(into: &writer)
  }
}
