public import Policy
import Wire

extension ConfigurationDocument {
  /// What the policy compiler must know about this node.
  ///
  /// - Parameter hash: SHA-256 of ``policyCanonical``.
  public func policyContext(hash: [UInt8]) -> PolicyContext {
    PolicyContext(
      interfaces: forwardingNetworks.map { policyInterface($0) },
      addresses: forwardingNetworks.compactMap(\.address?.address) + virtualAddresses,
      managementPort: gateway.profile.managementPort,
      link: ha.map { PolicyContext.Link(port: $0.port, peers: $0.peers) },
      translations: sourceNAT.map { translation($0) }, followsFTP: helpers.contains(.ftp),
      hash: hash)
  }

  private func policyInterface(_ network: ConnectedNetwork) -> PolicyContext.Interface {
    let behind = network.address.map { own in routes.filter { own.contains($0.via) }.map(\.to) }
    return PolicyContext.Interface(
      name: network.interface,
      virtualDevice: ha?.vrrp.interfaces.contains(network.interface) == true
        ? ha?.vrrp.device(for: network.interface) : nil,
      networks: (network.address.map { [$0.network] } ?? []) + (behind ?? []),
      usesDHCP: network.role == .wan && network.address == nil)
  }

  /// An address is translated to where packets leave by the interface that it belongs to.
  private func translation(_ entry: SourceNAT) -> PolicyContext.Translation {
    let ways: [String]
    let address: IPv4Address?
    switch entry.to {
    case .masquerade:
      ways = forwardingNetworks.filter { $0.role == .wan }.map(\.interface)
      address = nil
    case .address(let wanted):
      let virtual = ha?.vrrp.virtualAddresses.first { $0.address.address == wanted }
      let own = forwardingNetworks.first { $0.address?.address == wanted }
      ways = [virtual?.interface ?? own?.interface].compactMap { $0 }
      address = wanted
    }
    return PolicyContext.Translation(
      from: entry.from, interfaces: ways, to: address, randomPorts: entry.ports == .random)
  }
}
