import Wire

extension ConfigurationDocument {
  /// Numbers that bound virtual routers.
  private enum RouterLimits {
    /// Longest name of an interface, in octets (`IFNAMSIZ` less the final zero).
    static let interfaceNameBytes = 15
    /// Addresses of an IPv4 router (RFC 9568 5.2.5).
    static let addresses = 255
    /// Addresses of an IPv6 router that fit one Ethernet frame beside the HMAC trailer.
    static let addresses6 = 88
    /// Virtual routers of a node, and interfaces whose link is watched: a heartbeat lists as many.
    static let routers = 32
  }

  /// One entry of `ha.vrrp.virtualAddresses`.
  func checkVirtual(
    _ virtual: VRRPSettings.VirtualAddress, _ index: Int, _ vrrp: VRRPSettings,
    _ problems: ProblemList
  ) {
    let path = "ha.vrrp.virtualAddresses[\(index)]"
    guard problems.isClean("\(path).port") else { return }
    guard let network = forwardingNetworks.first(where: { $0.interface == virtual.interface })
    else {
      let names = forwardingNetworks.map(\.interface).joined(separator: ", ")
      let message = "'\(virtual.interface)' is not a LAN or WAN interface of this document"
      problems.add("\(path).port", "\(message) (\(names))")
      return
    }
    guard problems.isClean("\(path).address") else { return }
    let address = virtual.address.address
    // A link-local address is one per link, any other one everywhere.
    let isTwice = vrrp.virtualAddresses[..<index].contains { earlier in
      earlier.address.address == address
        && (!address.isLinkLocal || earlier.interface == virtual.interface)
    }
    if isTwice {
      return problems.add("\(path).address", "\(address) is in the list twice; keep one")
    }
    switch address {
    case .v4(let address): checkVirtual(address, "\(path).address", network, vrrp, problems)
    case .v6(let address): checkVirtual(address, "\(path).address", network, vrrp, problems)
    }
  }

  private func checkVirtual(
    _ address: IPv4Address, _ path: String, _ network: ConnectedNetwork, _ vrrp: VRRPSettings,
    _ problems: ProblemList
  ) {
    guard let own = network.address, problems.isClean(network.path + ".address") else { return }
    if !own.contains(address) {
      problems.add(path, "\(address) is not in \(own.network), the network of \(network.path)")
    } else if own.address == address {
      if !vrrp.isOwner {
        problems.add(
          path,
          "\(address) is the node's own address in \(network.path); use a third, or priority 255")
      }
    } else if let reason = IPv4Prefix(address, length: own.length).reasonNotHost {
      problems.add(path, reason)
    }
  }

  private func checkVirtual(
    _ address: IPv6Address, _ path: String, _ network: ConnectedNetwork, _ vrrp: VRRPSettings,
    _ problems: ProblemList
  ) {
    if vrrp.version == 2 && problems.isClean("ha.vrrp.version") {
      return problems.add(path, "version 2 carries IPv4 addresses only; use version 3")
    }
    if address.isLinkLocal { return }
    guard let own = network.address6 else {
      return problems.add(
        path, "\(network.path) has no IPv6 network that \(address) could be in; give it address6")
    }
    guard problems.isClean(network.path + ".address6") else { return }
    if !own.contains(address) {
      problems.add(path, "\(address) is not in \(own.network), the network of \(network.path)")
    } else if own.address == address {
      if !vrrp.isOwner {
        problems.add(
          path,
          "\(address) is the node's own address in \(network.path); use a third, or priority 255")
      }
    } else if let reason = IPv6Prefix(address, length: own.length).reasonNotHost {
      problems.add(path, reason)
    }
  }

  /// The routers that the entries make together.
  func checkRouters(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    guard problems.isClean("ha.vrrp.virtualAddresses", "ha.vrrp.groupId") else { return }
    let routers = vrrp.routers
    guard routers.count <= RouterLimits.routers else {
      return problems.add(
        "ha.vrrp.virtualAddresses",
        "\(routers.count) virtual routers; \(RouterLimits.routers) are supported, so give several "
          + "addresses of an interface one groupId")
    }
    let watched = Set(vrrp.interfaces + vrrp.track.map(\.interface)).count
    if watched > RouterLimits.routers && problems.isClean("ha.vrrp.track") {
      problems.add(
        "ha.vrrp.track",
        "\(watched) interfaces are watched with those of virtual addresses; "
          + "\(RouterLimits.routers) are supported")
    }
    for router in routers {
      let index = vrrp.virtualAddresses.firstIndex { virtual in
        virtual.interface == router.interface && virtual.groupID == router.groupID
          && virtual.address.address.family == router.family
      }
      guard let index else { continue }
      let path = "ha.vrrp.virtualAddresses[\(index)]"
      let limit =
        router.family == .ipv4 ? RouterLimits.addresses : RouterLimits.addresses6
      if router.device.utf8.count > RouterLimits.interfaceNameBytes {
        problems.add(
          "\(path).port", "'\(router.device)' is too long a name; use a lower VLAN or groupId")
      } else if router.addresses.count > limit {
        problems.add(path, "\(router.addresses.count) addresses of one router; \(limit) fit")
      } else if vrrp.isOwner && problems.isClean("ha.vrrp.priority") {
        checkOwner(router, problems)
      }
    }
    checkLinkLocals(vrrp, problems)
  }

  /// RFC 9568 5.2.4: 255 is for the router that has the addresses as its own.
  private func checkOwner(_ router: VirtualRouterSettings, _ problems: ProblemList) {
    let network = forwardingNetworks.first { $0.interface == router.interface }
    let own: [IPAddress] =
      (network?.address.map { [.v4($0.address)] } ?? [])
      + (network?.address6.map { [.v6($0.address)] } ?? [])
    guard !router.addresses.contains(where: { own.contains($0) }) else { return }
    problems.add(
      "ha.vrrp.priority",
      "255 is for the owner, and no virtual address of group \(router.groupID) on "
        + "\(router.interface) is the node's own; use 254 or less")
  }

  /// A link-local address that a router got by itself may be another's by the document.
  private func checkLinkLocals(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    for interface in vrrp.interfaces {
      var seen: Set<IPAddress> = []
      let addresses = vrrp.routers(on: interface).flatMap(\.addresses).filter(\.isLinkLocal)
      for address in addresses where !seen.insert(address).inserted {
        problems.add(
          "ha.vrrp.virtualAddresses",
          "two routers on \(interface) have the link-local address \(address); give one another")
      }
    }
  }
}
