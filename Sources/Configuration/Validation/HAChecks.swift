import Wire

extension ConfigurationDocument {
  /// Longest name of an interface, in octets (`IFNAMSIZ` less the final zero).
  static let interfaceNameLimitBytes = 15

  /// The rules about the pair.
  func checkHA(_ ha: HASettings, _ problems: ProblemList) {
    checkPeers(ha, problems)
    checkTiming(ha.vrrp, problems)
    // A wrong port makes every mention of the right one look wrong.
    guard forwardingNetworks.allSatisfy({ problems.isClean($0.path + ".port") }) else { return }
    checkTrack(ha.vrrp, problems)
    for (index, virtual) in ha.vrrp.virtualAddresses.enumerated() {
      checkVirtual(virtual, index, ha.vrrp, problems)
    }
  }

  private func checkPeers(_ ha: HASettings, _ problems: ProblemList) {
    if ha.peers.count > 1 && problems.isClean("ha.peers") {
      problems.add("ha.peers", "\(ha.peers.count) peers; a pair has one")
    }
    guard problems.isClean("ha.address") else { return }
    for (index, peer) in ha.peers.enumerated() where problems.isClean("ha.peers[\(index)]") {
      checkNeighbour(peer, "ha.peers[\(index)]", on: ha.address, problems)
    }
  }

  /// RFC 9568 5.2.7 (centiseconds, 12 bits); RFC 3768 5.3.7 (seconds, 8 bits).
  private func checkTiming(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    let interval = vrrp.advertIntervalMs
    let path = "ha.vrrp.advertIntervalMs"
    if problems.isClean(path, "ha.vrrp.version") {
      if vrrp.version == 2 && interval % 1000 != 0 {
        problems.add(path, "\(interval) is not a multiple of 1000, as version 2 needs")
      } else if vrrp.version == 3 && interval % 10 != 0 {
        problems.add(path, "\(interval) is not a multiple of 10, as version 3 needs")
      } else if vrrp.version == 3 && interval > 40_950 {
        problems.add(path, "\(interval) is not in 10…40950, as version 3 needs")
      }
    }
    if vrrp.password != nil && vrrp.version == 3 && problems.isClean("ha.vrrp.version") {
      problems.add("ha.vrrp.password", "version 3 has no password; use null")
    }
    if vrrp.version == 2 {
      problems.add("ha.vrrp.version", "version 2 is not available in this release; use 3")
    }
  }

  private func checkTrack(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    checkRepeats("ha.vrrp.track", vrrp.track, problems)
    let networks = forwardingNetworks
    let known = networks.map(\.interface) + networks.map(\.port)
    for (index, name) in vrrp.track.enumerated() where !known.contains(name) {
      let path = "ha.vrrp.track[\(index)]"
      // The default list repeats what is wrong in virtualAddresses already.
      let repeated = vrrp.virtualAddresses.contains { $0.interface == name }
      guard problems.isClean(path), !repeated else { continue }
      let names = networks.map(\.interface).joined(separator: ", ")
      problems.add(path, "'\(name)' is not a LAN or WAN interface of this document (\(names))")
    }
  }

  private func checkVirtual(
    _ virtual: VRRPSettings.VirtualAddress, _ index: Int, _ vrrp: VRRPSettings,
    _ problems: ProblemList
  ) {
    let path = "ha.vrrp.virtualAddresses[\(index)]"
    let address = virtual.address.address
    guard problems.isClean("\(path).port") else { return }
    guard let network = forwardingNetworks.first(where: { $0.interface == virtual.interface })
    else {
      let names = forwardingNetworks.map(\.interface).joined(separator: ", ")
      let message = "'\(virtual.interface)' is not a LAN or WAN interface of this document"
      problems.add("\(path).port", "\(message) (\(names))")
      return
    }
    let device = vrrp.device(for: virtual.interface)
    if device.utf8.count > ConfigurationDocument.interfaceNameLimitBytes {
      problems.add("\(path).port", "'\(device)' is too long a name; use a lower VLAN or groupId")
    }
    let earlier = vrrp.virtualAddresses[..<index].map(\.address.address)
    guard problems.isClean("\(path).address") else { return }
    if earlier.contains(address) {
      problems.add("\(path).address", "\(address) is in the list twice; keep one")
    } else if let own = network.address, problems.isClean(network.path + ".address") {
      if !own.contains(address) {
        problems.add(
          "\(path).address", "\(address) is not in \(own.network), the network of \(network.path)")
      } else if own.address == address {
        problems.add(
          "\(path).address", "\(address) is the node's own address in \(network.path); use a third")
      } else if let reason = IPv4Prefix(address, length: own.length).reasonNotHost {
        problems.add("\(path).address", reason)
      }
    }
  }
}
