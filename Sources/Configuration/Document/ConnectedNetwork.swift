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
  /// This node's IPv6 address and the network's length; nil: none.
  public let address6: IPv6Prefix?
  /// What the network is to the node.
  public let role: Profile.Role
  /// Where the document says so, such as `lan[0]`.
  let path: String

  /// This node's address of a family there; nil: none, or DHCP gives it.
  public func own(_ family: AddressFamily) -> IPPrefix? {
    switch family {
    case .ipv4: address.map { .v4($0) }
    case .ipv6: address6.map { .v6($0) }
    }
  }
}

extension ConfigurationDocument {
  /// Every network that the node forwards between: WAN first, then LAN in the document's order.
  public var forwardingNetworks: [ConnectedNetwork] {
    var networks = [
      ConnectedNetwork(
        interface: wan.interface, port: wan.port, vlan: wan.vlan, address: wan.address,
        address6: wan.address6, role: .wan, path: "wan")
    ]
    if let second = wan.subinterface {
      networks.append(
        ConnectedNetwork(
          interface: interfaceName(wan.port, second.vlan), port: wan.port, vlan: second.vlan,
          address: second.address, address6: nil, role: .wan, path: "wan.subinterface"))
    }
    return networks
      + lan.enumerated().map { index, lan in
        ConnectedNetwork(
          interface: lan.interface, port: lan.port, vlan: lan.vlan, address: lan.address,
          address6: lan.address6, role: .lan, path: "lan[\(index)]")
      }
  }

  /// The forwarding networks and the link between the nodes.
  public var connectedNetworks: [ConnectedNetwork] {
    guard let ha else { return forwardingNetworks }
    return forwardingNetworks + [
      ConnectedNetwork(
        interface: ha.port, port: ha.port, vlan: nil, address: ha.address, address6: nil,
        role: .ha, path: "ha")
    ]
  }

  /// The IPv4 addresses that move with the role; none when standalone.
  public var virtualAddresses: [IPv4Address] { everyVirtualAddress.compactMap(\.v4) }

  /// The IPv6 addresses that move with the role, the link-local ones with them.
  public var virtualAddresses6: [IPv6Address] { everyVirtualAddress.compactMap(\.v6) }

  /// The addresses of both families that move with the role.
  public var everyVirtualAddress: [IPAddress] { ha?.vrrp.routers.flatMap(\.addresses) ?? [] }
}
