public import Wire

/// A network that the node itself is on, by one of its interfaces.
public struct ConnectedNetwork: Hashable, Sendable {
  /// The interface: the port, or `PORT.VLAN`.
  public let interface: String
  /// The port that it is on.
  public let port: String
  /// 802.1Q identifier, nil: untagged.
  public let vlan: UInt16?
  /// This node's address and the network's length; nil when DHCP gives it.
  public let address: IPv4Prefix?
  /// What the network is to the node.
  public let role: Profile.Role
  /// Where the document says so, such as `lan[0]`.
  let path: String
}

extension ConfigurationDocument {
  /// Every network that the node forwards between: WAN first, then LAN in the document's order.
  public var forwardingNetworks: [ConnectedNetwork] {
    var networks = [
      ConnectedNetwork(
        interface: wan.interface, port: wan.port, vlan: wan.vlan, address: wan.address, role: .wan,
        path: "wan")
    ]
    if let second = wan.subinterface {
      networks.append(
        ConnectedNetwork(
          interface: interfaceName(wan.port, second.vlan), port: wan.port, vlan: second.vlan,
          address: second.address, role: .wan, path: "wan.subinterface"))
    }
    return networks
      + lan.enumerated().map { index, lan in
        ConnectedNetwork(
          interface: lan.interface, port: lan.port, vlan: lan.vlan, address: lan.address,
          role: .lan, path: "lan[\(index)]")
      }
  }

  /// The forwarding networks and the link between the nodes.
  public var connectedNetworks: [ConnectedNetwork] {
    guard let ha else { return forwardingNetworks }
    return forwardingNetworks + [
      ConnectedNetwork(
        interface: ha.port, port: ha.port, vlan: nil, address: ha.address, role: .ha, path: "ha")
    ]
  }

  /// The addresses that move with the role; none when standalone.
  public var virtualAddresses: [IPv4Address] {
    ha?.vrrp.virtualAddresses.map(\.address.address) ?? []
  }
}
