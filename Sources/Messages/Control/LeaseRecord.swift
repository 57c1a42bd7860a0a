/// An address that a host of a LAN has (`ztb leases`). Keys are a contract: added, never renamed.
public struct LeaseRecord: Codable, Hashable, Sendable {
  /// The address, such as `10.1.0.100`.
  public var address: String
  /// The host's Ethernet address.
  public var mac: String
  /// Its name by a reservation; empty: none.
  public var name: String
  /// When the lease ends, RFC 3339.
  public var until: String

  /// Joins the parts.
  public init(address: String, mac: String, name: String, until: String) {
    self.address = address
    self.mac = mac
    self.name = name
    self.until = until
  }
}

/// How many leases there are; in the status of a gateway with DHCP on a LAN.
public struct LeaseStatus: Codable, Hashable, Sendable {
  /// Addresses in use, by this node's table.
  public var inUse: Int
  /// The same by the other node's; nil: there is none, or it does not say.
  public var peer: Int?

  /// Joins the parts.
  public init(inUse: Int, peer: Int?) {
    self.inUse = inUse
    self.peer = peer
  }
}

/// How far the hosts of a LAN are kept apart; in the status of a gateway that does so.
public struct IsolationStatus: Codable, Hashable, Sendable {
  /// The LAN's interface.
  public var interface: String
  /// `airgap` or `airgap-lite`.
  public var mode: String
  /// Whether the switch holds hosts to it; else those that set a route of their own reach their
  /// neighbours.
  public var enforced: Bool
  /// Hosts that may use an address.
  public var hosts: Int

  /// Joins the parts.
  public init(interface: String, mode: String, enforced: Bool, hosts: Int) {
    self.interface = interface
    self.mode = mode
    self.enforced = enforced
    self.hosts = hosts
  }
}
