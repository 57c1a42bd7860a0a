public import Wire

/// One virtual router: a VRID and a family of addresses on an interface.
public struct VirtualRouterSettings: Hashable, Sendable {
  /// The interface.
  public let interface: String
  /// VRID.
  public let groupID: UInt8
  /// The addresses, in the order of the document; of IPv6 a link-local one is the first
  /// (RFC 9568 5.2.9).
  public var addresses: [IPAddress]

  /// The family of all of its addresses.
  public var family: AddressFamily { addresses.first?.family ?? .ipv4 }

  /// The macvlan that carries its virtual MAC, such as `vr4-PORT-VRID`.
  public var device: String {
    "\(family == .ipv4 ? "vr4" : "vr6")-\(interface)-\(groupID)"
  }

  /// RFC 9568 7.3.
  public var mac: MACAddress { .virtualRouter(family, groupID) }

  /// The link-local address of a virtual MAC `00-00-5E-00-02-{VRID}` (RFC 4291 appendix A).
  static func linkLocal(_ groupID: UInt8) -> IPv6Address {
    IPv6Address(high: 0xfe80_0000_0000_0000, low: 0x0200_5eff_fe00_0200 | UInt64(groupID))
  }
}

extension VRRPSettings {
  /// Every router, in the order of its first address.
  public var routers: [VirtualRouterSettings] {
    var routers: [VirtualRouterSettings] = []
    for virtual in virtualAddresses {
      let address = virtual.address.address
      let index = routers.firstIndex {
        $0.interface == virtual.interface && $0.groupID == virtual.groupID
          && $0.family == address.family
      }
      if let index {
        routers[index].addresses.append(address)
      } else {
        routers.append(
          VirtualRouterSettings(
            interface: virtual.interface, groupID: virtual.groupID, addresses: [address]))
      }
    }
    return routers.map(\.linkLocalFirst)
  }

  /// The interfaces with virtual addresses, in the order of their first one.
  public var interfaces: [String] {
    virtualAddresses.reduce(into: []) { names, virtual in
      if !names.contains(virtual.interface) { names.append(virtual.interface) }
    }
  }

  /// The routers on an interface.
  public func routers(on interface: String) -> [VirtualRouterSettings] {
    routers.filter { $0.interface == interface }
  }
}

extension VirtualRouterSettings {
  /// The same with a link-local address in front where the family needs one: the author's first
  /// one, or that of the virtual MAC.
  fileprivate var linkLocalFirst: VirtualRouterSettings {
    guard family == .ipv6 else { return self }
    var router = self
    if let index = addresses.firstIndex(where: \.isLinkLocal) {
      router.addresses.insert(router.addresses.remove(at: index), at: 0)
    } else {
      router.addresses.insert(.v6(Self.linkLocal(groupID)), at: 0)
    }
    return router
  }
}
