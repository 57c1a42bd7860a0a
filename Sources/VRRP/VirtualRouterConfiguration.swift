public import Wire

extension VirtualRouter {
  /// What a router needs to know.
  public struct Configuration: Hashable, Sendable {
    /// Name of the port, such as `ge2`.
    public var port: String
    /// Virtual router id, 1…255.
    public var virtualRouter: UInt8
    /// The version that is sent and heard; the other one is not for this router.
    public var version: Advertisement.Version
    /// 1…254, or 255 for the owner: a virtual address is the node's own.
    public var priority: UInt8
    /// Advertisement_Interval: a multiple of 10 ms up to 40.95 s, in version 2 of 1 s up to 255 s.
    public var interval: Interval
    /// The virtual addresses, at least one; for IPv6 a link-local address first.
    public var addresses: [IPAddress]
    /// The node's own address on the port, source of its adverts; nil until the port has one.
    public var nodeAddress: IPAddress?
    /// The port's network, in which IPv4 neighbours are; nil when it is not known.
    public var network: IPPrefix?
    /// Where adverts go instead of the group, and the only ones heard; empty for multicast.
    public var unicastPeers: [IPAddress]
    /// The only neighbours heard; empty for all.
    public var allowedSources: [IPAddress]
    /// Form of the checksum of version 3 over IPv4; nil to mirror the peer.
    public var checksumForm: Advertisement.ChecksumForm?
    /// Version 2: what is sent and wanted.
    public var authentication: Advertisement.Authentication

    /// Joins the parameters.
    public init(
      port: String, virtualRouter: UInt8, version: Advertisement.Version = .three, priority: UInt8,
      interval: Interval, addresses: [IPAddress], nodeAddress: IPAddress?,
      network: IPPrefix? = nil, unicastPeers: [IPAddress] = [], allowedSources: [IPAddress] = [],
      checksumForm: Advertisement.ChecksumForm? = nil,
      authentication: Advertisement.Authentication = .none
    ) {
      precondition(!addresses.isEmpty, "a virtual router has an address")
      self.port = port
      self.virtualRouter = virtualRouter
      self.version = version
      self.priority = priority
      self.interval = interval
      self.addresses = addresses
      self.nodeAddress = nodeAddress
      self.network = network
      self.unicastPeers = unicastPeers
      self.allowedSources = allowedSources
      self.checksumForm = checksumForm
      self.authentication = authentication
    }

    /// The family of its addresses.
    public var family: AddressFamily { addresses.first?.family ?? .ipv4 }
  }
}
