public import Policy
import Wire

extension ConfigurationDocument {
  /// What the policy compiler must know about this node.
  ///
  /// - Parameter hash: SHA-256 of ``policyCanonical``.
  public func policyContext(hash: [UInt8]) -> PolicyContext {
    let virtual = ha?.vrrp.routers.flatMap(\.addresses) ?? []
    let own: [IPAddress] = forwardingNetworks.flatMap { network in
      (network.address.map { [.v4($0.address)] } ?? [])
        + (network.address6.map { [.v6($0.address)] } ?? [])
    }
    // The owner answers at its own addresses, whatever else they are.
    let answers = ha.map { $0.vrrp.acceptMode || $0.vrrp.isOwner } ?? true
    return PolicyContext(
      interfaces: forwardingNetworks.map { policyInterface($0) },
      addresses: unique(answers ? own + virtual : own),
      silentAddresses: answers ? [] : unique(virtual),
      managementPort: gateway.profile.managementPort,
      link: ha.map { PolicyContext.Link(port: $0.port, peers: $0.peers) },
      translations: sourceNAT.map { translation($0) }, forwards: portForwards.map(\.inContext),
      reflections: reflections, helpers: Set(helpers), hash: hash)
  }

  /// A link-local address may be that of a router on each of several links.
  private func unique(_ addresses: [IPAddress]) -> [IPAddress] { Array(Set(addresses)).sorted() }

  private func policyInterface(_ network: ConnectedNetwork) -> PolicyContext.Interface {
    let behind = routes.filter { route in
      network.own(route.to.family)?.contains(route.via) ?? false
    }.map(\.to)
    let routers = ha?.vrrp.routers(on: network.interface) ?? []
    return PolicyContext.Interface(
      name: network.interface,
      virtualDevices: routers.filter { $0.family == .ipv4 }.map(\.device),
      virtualDevices6: routers.filter { $0.family == .ipv6 }.map(\.device),
      networks: (network.address.map { [$0.network] } ?? []) + behind.compactMap(\.v4),
      networks6: (network.address6.map { [$0.network] } ?? []) + behind.compactMap(\.v6),
      usesDHCP: network.role == .wan && network.address == nil, isOutside: network.role == .wan,
      bindsHosts: isolation(on: network.interface) != nil, routers: boundRouters(network),
      service: addressServices.first { $0.interface == network.interface }.map { service($0) })
  }

  /// The routers of a LAN whose hosts are kept apart, by their reservations.
  private func boundRouters(_ network: ConnectedNetwork) -> [PolicyContext.Router] {
    guard isolation(on: network.interface) != nil,
      let service = addressServices.first(where: { $0.interface == network.interface })
    else { return [] }
    return routes.compactMap { route in
      let host = service.reservations.first { .v4($0.address) == route.via }
      guard let host, let to = route.to.v4 else { return nil }
      return PolicyContext.Router(mac: host.mac, network: to)
    }
  }

  private func service(_ service: AddressService) -> PolicyContext.Service {
    let servers: [IPv4Address] =
      if case .relay(let servers) = service.settings { servers } else { [] }
    return PolicyContext.Service(
      address: service.address, answersNames: service.answersNames, servers: servers)
  }

  /// An address is translated to where packets leave by the interface that it belongs to.
  private func translation(_ entry: SourceNAT) -> PolicyContext.Translation {
    let ways: [String]
    let address: IPAddress?
    switch entry.to {
    case .masquerade:
      ways = forwardingNetworks.filter { $0.role == .wan }.map(\.interface)
      address = nil
    case .address(let wanted):
      let virtual = ha?.vrrp.virtualAddresses.first { $0.address.address == wanted }
      let own = forwardingNetworks.first { $0.own(wanted.family)?.address == wanted }
      ways = [virtual?.interface ?? own?.interface].compactMap { $0 }
      address = wanted
    }
    return PolicyContext.Translation(
      from: entry.from, interfaces: ways, to: address, randomPorts: entry.ports == .random)
  }
}
