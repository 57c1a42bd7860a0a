import Configuration
import Policy
import Wire

/// An address that an interface is to have.
struct AddressSpec: Hashable {
  let device: String
  let address: IPv4Prefix
}

/// A route that is to be in the main table.
struct RouteSpec: Hashable {
  let to: IPv4Prefix
  let via: IPv4Address
  let device: String
  /// The node's own address, never a virtual one, so that a standby node reaches the world by
  /// itself and none of its connections breaks when the role moves.
  let source: IPv4Address
}

/// An interface of ours on top of a port.
struct DeviceSpec: Hashable {
  enum Kind: Hashable {
    /// 802.1Q with this identifier.
    case vlan(UInt16)
    /// macvlan, mode private, with the virtual MAC. Made down; only `vrrp` and `fence` raise it.
    case virtualRouter(MACAddress)
  }

  let name: String
  let parent: String
  let kind: Kind
}

/// What the network of this node is to look like: a value, computed from the document alone.
struct NetworkSpec: Hashable {
  /// Ports that are to be up.
  let ports: [String]
  /// The management port: up, but deaf; nil when the profile's port is not ours to touch.
  let managementPort: String
  /// Interfaces to be made, VLANs before what stands on them.
  let devices: [DeviceSpec]
  let addresses: [AddressSpec]
  let routes: [RouteSpec]

  init(_ document: ConfigurationDocument) {
    let networks = document.connectedNetworks
    ports = networks.map(\.port).reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    managementPort = document.gateway.profile.managementPort
    let vlans = networks.compactMap { network in
      network.vlan.map {
        DeviceSpec(name: network.interface, parent: network.port, kind: .vlan($0))
      }
    }
    let routers = document.ha.map { ha in
      ha.vrrp.interfaces.map { interface in
        DeviceSpec(
          name: ha.vrrp.device(for: interface), parent: interface,
          kind: .virtualRouter(.virtualRouterIPv4(ha.vrrp.groupID)))
      }
    }
    devices = vlans + (routers ?? [])
    addresses = NetworkSpec.addresses(document)
    routes = NetworkSpec.routes(document)
  }

  /// Devices that carry a virtual MAC.
  var virtualRouters: [String] {
    devices.compactMap { if case .virtualRouter = $0.kind { $0.name } else { nil } }
  }

  private static func addresses(_ document: ConfigurationDocument) -> [AddressSpec] {
    let own = document.connectedNetworks.compactMap { network in
      network.address.map { AddressSpec(device: network.interface, address: $0) }
    }
    guard let vrrp = document.ha?.vrrp else { return own }
    // Always /32: a second prefix route would send packets out by the macvlan.
    return own
      + vrrp.virtualAddresses.map { virtual in
        AddressSpec(
          device: vrrp.device(for: virtual.interface),
          address: IPv4Prefix(virtual.address.address, length: 32))
      }
  }

  private static func routes(_ document: ConfigurationDocument) -> [RouteSpec] {
    let everywhere = IPv4Prefix(IPv4Address(0), length: 0)
    let wanted =
      (document.wan.gateway.map { [(everywhere, $0)] } ?? [])
      + document.routes.map { ($0.to, $0.via) }
    return wanted.compactMap { to, via in
      let home = document.forwardingNetworks.first { $0.address?.contains(via) == true }
      guard let home, let own = home.address?.address else { return nil }
      return RouteSpec(to: to, via: via, device: home.interface, source: own)
    }
  }
}
