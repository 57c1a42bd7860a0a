import Wire

extension ConfigurationDocument {
  /// The rules about DHCP on LANs.
  func checkDHCP(_ problems: ProblemList) {
    checkSum(problems)
    for (index, lan) in lan.enumerated() {
      let path = "lan[\(index)].dhcp"
      guard let dhcp = lan.dhcp, problems.isClean("lan[\(index)].address", "lan[\(index)].port")
      else { continue }
      let routers = ha?.vrrp.routers(on: lan.interface) ?? []
      if ha != nil, !routers.contains(where: { $0.family == .ipv4 }),
        problems.isClean("ha.vrrp.virtualAddresses")
      {
        problems.add(
          path,
          "\(lan.interface) has no virtual IPv4 address that hosts could know the pair by; "
            + "add one to ha.vrrp.virtualAddresses")
      }
      let taken = addressesOfGateways(lan)
      switch dhcp {
      case .server(let server): check(server, path, lan.address, taken, problems)
      case .relay(let servers): check(servers, path, lan.address, taken, problems)
      }
    }
  }

  /// A node remembers the leases of all LANs together.
  private func checkSum(_ problems: ProblemList) {
    let limit = DHCPSettings.Limits.allAddresses
    var sum = 0
    for (index, lan) in lan.enumerated() {
      guard case .server(let server)? = lan.dhcp,
        problems.isClean("lan[\(index)].dhcp.from", "lan[\(index)].dhcp.to"),
        server.from <= server.to
      else { continue }
      let range = Int(server.to.value - server.from.value) + 1
      // A longer one has a problem of its own.
      guard range <= Int(DHCPSettings.Limits.addresses) else { continue }
      sum += range + server.reservations.count
      guard sum > limit else { continue }
      return problems.add(
        "lan[\(index)].dhcp.to",
        "\(sum) addresses with those of the LANs before, more than \(limit); use a smaller range")
    }
  }

  /// Addresses on a LAN that belong to this node or, as far as the document tells, to the other one.
  private func addressesOfGateways(_ lan: LANSettings) -> Set<IPv4Address> {
    let virtual = ha?.vrrp.routers(on: lan.interface).flatMap(\.addresses) ?? []
    let peers = ha?.vrrp.unicastPeers.filter { $0.interface == lan.interface } ?? []
    let others = peers.flatMap(\.addresses) + (ha?.vrrp.allowedSources ?? [])
    return Set([lan.address.address] + (virtual + others).compactMap(\.v4))
  }

  private func check(
    _ server: DHCPServerSettings, _ path: String, _ own: IPv4Prefix, _ taken: Set<IPv4Address>,
    _ problems: ProblemList
  ) {
    checkRange(server, path, own, taken, problems)
    var macs: [MACAddress: Int] = [:]
    var addresses: [IPv4Address: Int] = [:]
    var names: [String: Int] = [:]
    for (index, reservation) in server.reservations.enumerated() {
      let place = "\(path).reservations[\(index)]"
      if problems.isClean("\(place).mac"),
        let other = macs.updateValue(index, forKey: reservation.mac)
      {
        problems.add("\(place).mac", "\(reservation.mac) is in reservations[\(other)] already")
      }
      if let name = reservation.name?.lowercased(), problems.isClean("\(place).name"),
        let other = names.updateValue(index, forKey: name)
      {
        problems.add("\(place).name", "'\(name)' is in reservations[\(other)] already")
      }
      guard problems.isClean("\(place).address") else { continue }
      if let other = addresses.updateValue(index, forKey: reservation.address) {
        problems.add(
          "\(place).address", "\(reservation.address) is in reservations[\(other)] already")
      } else {
        checkHost(reservation.address, "\(place).address", own, taken, problems)
      }
    }
    checkRepeats("\(path).options", server.options.map { "\($0.code)" }, problems)
    checkRepeats("\(path).dns", server.dns.map(\.description), problems)
  }

  private func checkRange(
    _ server: DHCPServerSettings, _ path: String, _ own: IPv4Prefix, _ taken: Set<IPv4Address>,
    _ problems: ProblemList
  ) {
    guard problems.isClean("\(path).from", "\(path).to") else { return }
    checkHost(server.from, "\(path).from", own, taken, problems)
    checkHost(server.to, "\(path).to", own, taken, problems)
    guard problems.isClean("\(path).from", "\(path).to") else { return }
    let limit = DHCPSettings.Limits.addresses
    if server.from > server.to {
      problems.add("\(path).to", "\(server.to) is before \(server.from); exchange them")
    } else if server.to.value - server.from.value >= limit {
      problems.add("\(path).to", "more than \(limit) addresses from \(server.from) on; use fewer")
    } else if let inside = taken.sorted().first(where: { server.from <= $0 && $0 <= server.to }) {
      problems.add(
        "\(path).to",
        "\(inside) from \(server.from) to \(server.to) is a gateway's; use another range")
    }
  }

  private func checkHost(
    _ address: IPv4Address, _ path: String, _ own: IPv4Prefix, _ taken: Set<IPv4Address>,
    _ problems: ProblemList
  ) {
    if !own.contains(address) {
      problems.add(path, "\(address) is not in \(own.network), the network of the LAN")
    } else if let reason = IPv4Prefix(address, length: own.length).reasonNotHost {
      problems.add(path, reason)
    } else if taken.contains(address) {
      problems.add(path, "\(address) is a gateway's; use another address")
    }
  }

  private func check(
    _ servers: [IPv4Address], _ path: String, _ own: IPv4Prefix, _ taken: Set<IPv4Address>,
    _ problems: ProblemList
  ) {
    checkRepeats("\(path).servers", servers.map(\.description), problems)
    for (index, server) in servers.enumerated() where problems.isClean("\(path).servers[\(index)]")
    {
      let place = "\(path).servers[\(index)]"
      if taken.contains(server) || virtualAddresses.contains(server) {
        problems.add(place, "\(server) is a gateway's own address; use mode \"server\"")
      } else if own.contains(server) {
        problems.add(place, "\(server) is on the LAN itself and hears its hosts; leave dhcp out")
      } else if let reason = IPv4Prefix(server, length: 31).reasonNotHost {
        problems.add(place, reason)
      }
    }
  }
}
