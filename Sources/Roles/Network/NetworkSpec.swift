import Configuration
import Policy
import Wire

/// An address that an interface is to have.
struct AddressSpec: Hashable {
  let device: String
  let address: IPPrefix

  /// Whether it moves with the role, and so is used without a check for duplicates: the peer that
  /// had it until now may still be heard.
  var isVirtual: Bool { DeviceSpec.carriesVirtualMAC(device) }
}

/// A route that is to be in the main table.
struct RouteSpec: Hashable {
  let to: IPPrefix
  let via: IPAddress
  let device: String
  /// The node's own address, never a virtual one, so that a standby node reaches the world by
  /// itself and none of its connections breaks when the role moves. Nil for IPv6: the kernel
  /// prefers the address of the interface by itself, and refuses one that it still checks for
  /// duplicates.
  let source: IPv4Address?
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

  /// By its name, which nobody else gives.
  static func carriesVirtualMAC(_ name: String) -> Bool {
    name.hasPrefix("vr4-") || name.hasPrefix("vr6-")
  }

  /// Whether it carries a virtual MAC of IPv6.
  static func carriesIPv6(_ name: String) -> Bool { name.hasPrefix("vr6-") }
}

/// What the network of this node is to look like: a value, computed from the document alone.
struct NetworkSpec: Hashable {
  /// Ports that are to be up.
  let ports: [String]
  /// The management port: up, but deaf; nil when the profile's port is not ours to touch.
  let managementPort: String
  /// Interfaces to be made, VLANs before what stands on them.
  let devices: [DeviceSpec]
  /// Interfaces, not virtual ones, that speak IPv6.
  let devicesWithIPv6: Set<String>
  /// Interfaces whose own address a virtual MAC answers for (RFC 9568 8.1.2): the owner's.
  let devicesOfOwner: Set<String>
  /// Where hosts that look for each other are answered in each other's place: they are kept apart, and
  /// reach nobody but the gateway.
  let devicesOfProxy: Set<String>
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
    let routers = document.ha?.vrrp.routers ?? []
    devices =
      vlans
      + routers.map {
        DeviceSpec(name: $0.device, parent: $0.interface, kind: .virtualRouter($0.mac))
      }
    devicesWithIPv6 = Set(
      networks.filter { $0.address6 != nil }.map(\.interface)
        + routers.filter { $0.family == .ipv6 }.map(\.interface))
    let isOwner = document.ha?.vrrp.isOwner ?? false
    devicesOfOwner = Set(isOwner ? routers.map(\.interface) : [])
    devicesOfProxy = Set(
      document.addressServices.filter { $0.isolation?.isSeparated == true }.map(\.device))
    addresses = NetworkSpec.addresses(document)
    routes = NetworkSpec.routes(document)
  }

  /// Devices that carry a virtual MAC.
  var virtualRouters: [String] {
    devices.compactMap { if case .virtualRouter = $0.kind { $0.name } else { nil } }
  }

  private static func addresses(_ document: ConfigurationDocument) -> [AddressSpec] {
    let own: [AddressSpec] = document.connectedNetworks.flatMap { network in
      (network.address.map { [AddressSpec(device: network.interface, address: .v4($0))] } ?? [])
        + (network.address6.map { [AddressSpec(device: network.interface, address: .v6($0))] } ?? [])
    }
    // Always /32 or /128: a second prefix route would send packets out by the macvlan.
    let virtual = (document.ha?.vrrp.routers ?? []).flatMap { router in
      router.addresses.map { address in
        AddressSpec(device: router.device, address: address.alone)
      }
    }
    return own + virtual
  }

  private static func routes(_ document: ConfigurationDocument) -> [RouteSpec] {
    let networks = document.forwardingNetworks
    let behind = document.routes.compactMap { route in
      networks.first { $0.own(route.to.family)?.contains(route.via) == true }
        .flatMap { home in RouteSpec(to: route.to, via: route.via, from: home) }
    }
    let wan = networks.first
    let routers: [(IPPrefix, IPAddress?)] = [
      (.v4(IPv4Prefix(IPv4Address(0), length: 0)), document.wan.gateway.map { .v4($0) }),
      (
        .v6(IPv6Prefix(IPv6Address(high: 0, low: 0), length: 0)),
        document.wan.gateway6.map { .v6($0) }
      ),
    ]
    let defaults = routers.compactMap { to, via in
      via.flatMap { via in wan.flatMap { RouteSpec(to: to, via: via, from: $0) } }
    }
    return defaults + behind
  }
}

extension RouteSpec {
  /// A route by a neighbour on the network `home`; nil while the node has no address there.
  init?(to: IPPrefix, via: IPAddress, from home: ConnectedNetwork) {
    guard let own = home.own(to.family) else { return nil }
    self.init(to: to, via: via, device: home.interface, source: own.v4?.address)
  }
}
