import Wire

extension ConfigurationDocument {
  /// What each version of the protocol can say.
  func checkProtocol(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    checkInterval(vrrp, problems)
    guard problems.isClean("ha.vrrp.version") else { return }
    if vrrp.version == 2 && vrrp.checksum != .auto && problems.isClean("ha.vrrp.checksum") {
      problems.add("ha.vrrp.checksum", "version 2 has one form only; leave the key out")
    }
    guard vrrp.authenticationMode == .permissive, problems.isClean("ha.vrrp.authMode") else {
      return
    }
    if vrrp.version == 2 {
      problems.add(
        "ha.vrrp.authMode", "version 2 has no trailer to be permissive about; leave the key out")
    } else if vrrp.password == nil && problems.isClean("ha.vrrp.password") {
      problems.add("ha.vrrp.authMode", "has no effect without ha.vrrp.password; set one")
    }
  }

  /// RFC 9568 5.2.7 (centiseconds, 12 bits); RFC 3768 5.3.7 (seconds, 8 bits).
  private func checkInterval(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    let interval = vrrp.advertIntervalMs
    let path = "ha.vrrp.advertIntervalMs"
    guard problems.isClean(path, "ha.vrrp.version") else { return }
    if vrrp.version == 2 && interval % 1000 != 0 {
      problems.add(path, "\(interval) is not a multiple of 1000, as version 2 needs")
    } else if vrrp.version == 3 && interval % 10 != 0 {
      problems.add(path, "\(interval) is not a multiple of 10, as version 3 needs")
    } else if vrrp.version == 3 && interval > 40_950 {
      problems.add(path, "\(interval) is not in 10…40950, as version 3 needs")
    }
  }

  func checkTrack(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    checkRepeats("ha.vrrp.track", vrrp.track.map(\.interface), problems)
    let networks = forwardingNetworks
    let known = networks.map(\.interface) + networks.map(\.port)
    for (index, link) in vrrp.track.enumerated() where !known.contains(link.interface) {
      let name = link.interface
      let path = "ha.vrrp.track[\(index)]"
      // The default list repeats what is wrong in virtualAddresses already.
      let repeated = vrrp.virtualAddresses.contains { $0.interface == name }
      guard problems.isClean(path), !repeated else { continue }
      let names = networks.map(\.interface).joined(separator: ", ")
      problems.add(path, "'\(name)' is not a LAN or WAN interface of this document (\(names))")
    }
  }

  func checkPaths(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    var seen: [String: Int] = [:]
    for (index, check) in vrrp.checks.enumerated() {
      let path = "ha.vrrp.checks[\(index)]"
      if problems.isClean("\(path).name"), let other = seen.updateValue(index, forKey: check.name) {
        problems.add(
          "\(path).name", "'\(check.name)' is the name of ha.vrrp.checks[\(other)] already")
      }
      if check.timeoutMs > check.intervalMs,
        problems.isClean("\(path).timeoutMs", "\(path).intervalMs")
      {
        problems.add(
          "\(path).timeoutMs",
          "\(check.timeoutMs) is longer than intervalMs \(check.intervalMs); wait less or ask less "
            + "often")
      }
      guard problems.isClean("\(path).target", "\(path).kind") else { continue }
      if let reason = check.reasonNotTarget { problems.add("\(path).target", reason) }
    }
  }

  func checkUnicast(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    checkRepeats("ha.vrrp.unicastPeers", vrrp.unicastPeers.map(\.interface), problems)
    for (index, peers) in vrrp.unicastPeers.enumerated() {
      let path = "ha.vrrp.unicastPeers[\(index)]"
      guard problems.isClean("\(path).port") else { continue }
      let routers = vrrp.routers(on: peers.interface)
      guard !routers.isEmpty,
        let network = forwardingNetworks.first(where: { $0.interface == peers.interface })
      else {
        let names = vrrp.interfaces.joined(separator: ", ")
        problems.add(
          "\(path).port", "'\(peers.interface)' has no virtual address (those with: \(names))")
        continue
      }
      for family in Set(routers.map(\.family))
      where !peers.addresses.contains(where: { $0.family == family }) {
        problems.add(
          "\(path).addresses",
          "none is for the \(family) router of \(peers.interface); "
            + "add the other node's")
      }
      checkRepeats("\(path).addresses", peers.addresses.map(\.description), problems)
      for (place, address) in peers.addresses.enumerated() {
        let path = "\(path).addresses[\(place)]"
        guard problems.isClean(path) else { continue }
        checkPeer(address, path, network, problems)
      }
    }
  }

  /// Adverts carry TTL 255 also one by one, so a peer is a neighbour (RFC 9568 5.1.1.3).
  private func checkPeer(
    _ address: IPAddress, _ path: String, _ network: ConnectedNetwork, _ problems: ProblemList
  ) {
    switch address {
    case .v4(let peer):
      guard let own = network.address, problems.isClean(network.path + ".address") else { return }
      // The peer's own address may be a virtual one: that of an owner is.
      if !own.contains(peer) {
        problems.add(path, "\(peer) is not in \(own.network); it must be on that network")
      } else if peer == own.address {
        problems.add(path, "\(peer) is this node's own address; name the other end")
      } else if let reason = IPv4Prefix(peer, length: own.length).reasonNotHost {
        problems.add(path, reason)
      }
    case .v6(let peer):
      if !peer.isLinkLocal {
        problems.add(path, "\(peer) is not link-local, as the source of IPv6 adverts is")
      } else if virtualAddresses6.contains(peer) {
        problems.add(path, "\(peer) is a virtual address of this pair; name the other end")
      }
    }
  }

  func checkSources(_ vrrp: VRRPSettings, _ problems: ProblemList) {
    let path = "ha.vrrp.allowedSources"
    checkRepeats(path, vrrp.allowedSources.map(\.description), problems)
    let own = connectedNetworks.compactMap(\.address?.address)
    for (index, source) in vrrp.allowedSources.enumerated() {
      let path = "\(path)[\(index)]"
      guard problems.isClean(path) else { continue }
      switch source {
      case .v4(let address):
        if own.contains(address) {
          problems.add(path, "\(address) is this node's own address; name the other node's")
        } else if address.isMulticast || address.isLoopback || address.isUnspecified {
          problems.add(path, "\(address) is not an address of a host")
        }
      case .v6(let address):
        if !address.isLinkLocal {
          problems.add(path, "\(address) is not link-local, as the source of IPv6 adverts is")
        }
      }
    }
    // Adverts of a family that the list leaves out are refused, those of the other node as well.
    guard !vrrp.allowedSources.isEmpty, problems.isClean(path) else { return }
    for family in Set(vrrp.routers.map(\.family))
    where !vrrp.allowedSources.contains(where: { $0.family == family }) {
      problems.add(path, "none is for the \(family) routers; add the other node's")
    }
  }
}

extension PathCheckSettings {
  /// The address that is asked; nil for a name.
  var address: IPAddress? {
    guard kind == .http else { return IPAddress(target) }
    let rest = target.firstRange(of: "://").map { target[$0.upperBound...] } ?? target[...]
    return IPAddress(String(rest.prefix { $0 != "/" && $0 != ":" }))
  }

  /// Why the target cannot be asked in this way, or nil when it can.
  fileprivate var reasonNotTarget: String? {
    switch kind {
    case .icmp:
      guard let address = IPAddress(target) else {
        return "\"\(target.prefix(60))\" is not \(Section.anyAddressRule)"
      }
      return address.isHost ? nil : "\(address) is not an address of a host"
    case .http:
      return Text.isWebURL(target)
        ? nil : "\"\(target.prefix(60))\" is not a URL such as http://10.1.0.250/health"
    }
  }
}

extension IPAddress {
  /// Whether one machine that is not this one can have it, on whatever link.
  fileprivate var isHost: Bool {
    switch self {
    case .v4(let address):
      !(address.isMulticast || address.isLoopback || address.value >> 24 == 0
        || address.value >> 28 == 0xf)
    case .v6(let address):
      !(address.isMulticast || address.isLoopback || address.isUnspecified || address.isLinkLocal)
    }
  }
}
