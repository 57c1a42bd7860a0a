public import Netlink
public import Wire

/// Which connections belong to the pair and which to one node alone.
///
/// What is local is never put into the flow table, so it is neither sent nor swept.
public struct SyncFilter: Hashable, Sendable {
  /// From when on a connection is worth sending.
  public enum Threshold: Hashable, Sendable {
    /// As soon as it exists, also a half-open one.
    case all
    /// Once the other side has answered.
    case replied
    /// Once the kernel calls it assured.
    case assured
  }

  /// Addresses of this node that do not move in a failover.
  public var nodeAddresses: [FlowAddress]
  /// Addresses that move; traffic to or from the node itself over them is local.
  public var virtualAddresses: [FlowAddress]
  /// Networks that are not forwarded, such as that of the link between the nodes.
  public var localNetworks: [IPv4Prefix]
  /// When sending starts.
  public var threshold: Threshold

  /// Makes a filter.
  public init(
    nodeAddresses: [FlowAddress] = [], virtualAddresses: [FlowAddress] = [],
    localNetworks: [IPv4Prefix] = [], threshold: Threshold = .replied
  ) {
    self.nodeAddresses = nodeAddresses
    self.virtualAddresses = virtualAddresses
    self.localNetworks = localNetworks
    self.threshold = threshold
  }

  /// Whether the connection begins or ends on this node, or cannot be forwarded at all.
  public func isLocal(_ flow: Flow) -> Bool {
    let (source, destination) = (flow.tuple.source, flow.tuple.destination)
    if flow.tuple.family == .ipv4 {
      if !isForwardable(source.ipv4) || !isForwardable(destination.ipv4) { return true }
    } else if destination.high >> 56 == 0xff || source.high >> 54 == 0x3fa
      || destination.high >> 54 == 0x3fa
    {
      // Multicast and link-local.
      return true
    }
    if nodeAddresses.contains(source) || nodeAddresses.contains(destination) { return true }
    if virtualAddresses.contains(source) { return true }
    if virtualAddresses.contains(destination), flow.destinationNAT == nil { return true }
    // Translated to an address that does not move: it could not go on elsewhere.
    if let nat = flow.sourceNAT, nodeAddresses.contains(nat.address) { return true }
    return false
  }

  /// Whether the connection has come far enough to be sent.
  func isDue(_ flow: Flow) -> Bool {
    switch threshold {
    case .all: return true
    case .assured: return flow.status.contains(.assured)
    case .replied:
      if flow.status.contains(.seenReply) { return true }
      guard let tcp = flow.tcp else { return false }
      return tcp.state.rank >= TCPState.synReceived.rank
    }
  }

  private func isForwardable(_ address: IPv4Address) -> Bool {
    if address.isMulticast || address.isLoopback || address.isUnspecified
      || address.value == .max
    {
      return false
    }
    return !localNetworks.contains { $0.contains(address) }
  }
}
