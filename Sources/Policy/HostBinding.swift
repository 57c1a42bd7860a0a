public import Wire

/// Which address a host may use.
public struct HostBinding: Hashable, Sendable {
  /// Its Ethernet address.
  public let mac: MACAddress
  /// The address that it was given.
  public let address: IPv4Address
}

extension PolicyContext {
  /// What hosts may use where ``Interface/bindsHosts``.
  public func bindings(of hosts: some Sequence<LANHost>) -> Set<HostBinding> {
    let bound = Set(interfaces.filter(\.bindsHosts).map(\.name))
    return Set(
      hosts.filter { bound.contains($0.interface) }.map {
        HostBinding(mac: $0.mac, address: $0.address)
      })
  }
}
