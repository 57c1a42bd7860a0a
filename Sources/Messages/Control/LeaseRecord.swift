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
