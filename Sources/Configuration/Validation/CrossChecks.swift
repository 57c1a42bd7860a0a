import Policy
import Wire

extension ConfigurationDocument {
  /// The rules that compare values with each other. Each looks only at values that are well formed.
  func check(_ problems: ProblemList) {
    checkDeployment(problems)
    checkPorts(problems)
    checkWAN(problems)
    checkNetworks(problems)
    ha.map { checkHA($0, problems) }
    checkDHCP(problems)
    checkIsolation(problems)
    checkRoutes(problems)
    checkSourceNAT(problems)
    checkPortForwards(problems)
    checkRepeats("helpers", helpers.map(\.rawValue), problems)
    checkPolicy(problems)
  }

  private func checkDeployment(_ problems: ProblemList) {
    guard problems.isClean("gateway.deployment", "ha") else { return }
    let paired = gateway.deployment == .standardModeHA
    if paired && ha == nil {
      problems.add("ha", "missing; a \(gateway.deployment.rawValue) deployment needs it")
    } else if !paired && ha != nil {
      problems.add("ha", "a standalone deployment has none; leave it out or change the deployment")
    }
  }

  /// Every port exists, may be used so, and has one use.
  private func checkPorts(_ problems: ProblemList) {
    guard problems.isClean("gateway.profile", "gateway.deployment") else { return }
    var uses: [String: ConnectedNetwork] = [:]
    for network in connectedNetworks where network.path != "wan.subinterface" {
      let path = network.path + ".port"
      guard problems.isClean(path) else { continue }
      let profile = gateway.profile
      let allowed = profile.ports(network.role, in: gateway.deployment)
      let role = network.role == .ha ? "HA" : network.role.rawValue.uppercased()
      let remedy = "\(role) ports are \(allowed.joined(separator: ", "))"
      if profile.port(network.port) == nil {
        problems.add(path, "'\(network.port)' is not a port of \(profile.name); \(remedy)")
      } else if !allowed.contains(network.port) {
        let deployment = gateway.deployment.rawValue
        let message = "'\(network.port)' is not for \(role) on a \(deployment) \(profile.name)"
        problems.add(path, "\(message); \(remedy)")
      } else if let other = uses[network.port], other.role != network.role {
        problems.add(path, "'\(network.port)' is the port of \(other.path) already; use another")
      }
      uses[network.port] = uses[network.port] ?? network
    }
    checkRepeats("lan", lan.map(\.interface), problems)
  }

  private func checkWAN(_ problems: ProblemList) {
    guard problems.isClean("wan.mode") else { return }
    let values: [(key: String, isSet: Bool)] = [
      ("address", wan.address != nil), ("gateway", wan.gateway != nil),
    ]
    for value in values where problems.isClean("wan.\(value.key)") {
      if wan.mode == .static && !value.isSet {
        problems.add("wan.\(value.key)", "missing; mode \"static\" needs it")
      } else if wan.mode == .dhcp && value.isSet {
        problems.add("wan.\(value.key)", "must be null with mode \"dhcp\"")
      }
    }
    if let address = wan.address, let gateway = wan.gateway,
      problems.isClean("wan.address", "wan.gateway")
    {
      checkNeighbour(.v4(gateway), "wan.gateway", on: .v4(address), problems)
    }
    checkRouter6(problems)
    if let second = wan.subinterface, second.vlan == wan.vlan, problems.isClean("wan") {
      problems.add(
        "wan.subinterface.vlan", "\(second.vlan) is wan.vlan already; give it another identifier")
    }
  }

  private func checkRouter6(_ problems: ProblemList) {
    let path = "wan.gateway6"
    guard let router = wan.gateway6, problems.isClean(path, "wan.address6") else { return }
    guard let own = wan.address6 else {
      return problems.add(path, "needs wan.address6; add that or leave wan.gateway6 out")
    }
    if router.isLinkLocal {
      // On another port it is another router's.
      let own = ha?.vrrp.routers(on: wan.interface).flatMap(\.addresses) ?? []
      if own.contains(.v6(router)) {
        problems.add(path, "\(router) is a virtual address of this pair; name the other end")
      }
    } else {
      checkNeighbour(.v6(router), path, on: .v6(own), problems)
    }
  }

  /// Each address can be a host's, and no two networks overlap.
  private func checkNetworks(_ problems: ProblemList) {
    var earlier: [(path: String, address: IPv4Prefix)] = []
    for network in connectedNetworks {
      let path = network.path + ".address"
      guard let address = network.address, problems.isClean(path) else { continue }
      if let reason = address.reasonNotHost {
        problems.add(path, reason)
      } else if let other = earlier.first(where: { $0.address.overlaps(address) }) {
        problems.add(
          path, "\(address) overlaps \(other.path) \(other.address); use another network")
      }
      earlier.append((path, address))
    }
    checkNetworks6(problems)
  }

  private func checkNetworks6(_ problems: ProblemList) {
    var earlier: [(path: String, address: IPv6Prefix)] = []
    for network in connectedNetworks {
      let path = network.path + ".address6"
      guard let address = network.address6, problems.isClean(path) else { continue }
      if let reason = address.reasonNotHost {
        problems.add(path, reason)
      } else if let other = earlier.first(where: { $0.address.overlaps(address) }) {
        problems.add(
          path, "\(address) overlaps \(other.path) \(other.address); use another network")
      }
      earlier.append((path, address))
    }
  }

  private func checkRoutes(_ problems: ProblemList) {
    var seen: [IPPrefix: Int] = [:]
    for (index, route) in routes.enumerated() where !problems.isFull {
      let path = "routes[\(index)]"
      if problems.isClean("\(path).to") {
        if let other = seen.updateValue(index, forKey: route.to) {
          problems.add("\(path).to", "\(route.to) is the network of routes[\(other)] already")
        } else if route.to.length == 0 {
          let key = route.to.family == .ipv4 ? "wan.gateway" : "wan.gateway6"
          problems.add("\(path).to", "the default route comes from \(key); name a network")
        } else if route.to.address.isMulticast || route.to.address.isLoopback
          || route.to.address.isLinkLocal
        {
          problems.add("\(path).to", "\(route.to) is no network behind a router")
        } else if let near = connectedNetworks.first(where: {
          $0.own(route.to.family)?.network == route.to
        }) {
          problems.add("\(path).to", "\(route.to) is the network of \(near.path) itself")
        }
      }
      guard problems.isClean("\(path).via", "\(path).to") else { continue }
      checkRouter(of: route, "\(path).via", problems)
    }
  }

  private func checkRouter(of route: StaticRoute, _ path: String, _ problems: ProblemList) {
    let family = route.to.family
    guard route.via.family == family else {
      return problems.add(
        path, "\(route.via) is no \(family) address, as the router of \(route.to) is")
    }
    if route.via.isLinkLocal {
      return problems.add(
        path, "\(route.via) may be on any link; name the router's address on a LAN or WAN network")
    }
    let key = family == .ipv4 ? ".address" : ".address6"
    let networks = forwardingNetworks.filter { problems.isClean($0.path + key) }
    if let home = networks.compactMap({ $0.own(family) }).first(where: { $0.contains(route.via) }) {
      checkNeighbour(route.via, path, on: home, problems)
    } else if networks.count == forwardingNetworks.count
      && (wan.mode == .static || family == .ipv6)
    {
      let known = networks.compactMap { $0.own(family)?.network.description }
      problems.add(
        path, "\(route.via) is on no LAN or WAN network (\(known.joined(separator: ", ")))")
    }
  }

  private func checkSourceNAT(_ problems: ProblemList) {
    var seen: [IPPrefix: Int] = [:]
    for (index, entry) in sourceNAT.enumerated() {
      let path = "nat.source[\(index)]"
      if problems.isClean("\(path).from"), let other = seen.updateValue(index, forKey: entry.from) {
        problems.add("\(path).from", "\(entry.from) is translated by nat.source[\(other)] already")
      }
      guard problems.isClean("\(path).to", "\(path).from", "gateway.deployment") else { continue }
      let family = entry.from.family
      if case .address(let address) = entry.to, address.family != family {
        problems.add(
          "\(path).to", "\(address) is no \(family) address, as those of \(entry.from) are")
        continue
      }
      switch (entry.to, ha) {
      case (.masquerade, nil): break
      case (.masquerade, _?):
        problems.add(
          "\(path).to", "masquerade does not survive a failover; name a virtual address")
      case (.address(let address), nil):
        let own = forwardingNetworks.compactMap { $0.own(family)?.address }
        if !own.contains(address) {
          problems.add("\(path).to", "\(address) is no address of this node; name one of its own")
        }
      case (.address(let address), _?):
        let virtual = everyVirtualAddress.filter { $0.family == family && !$0.isLinkLocal }
        if !virtual.contains(address) && problems.isClean("ha.vrrp.virtualAddresses") {
          let known = virtual.map(\.description).joined(separator: ", ")
          let remedy = known.isEmpty ? "add an \(family) one" : "name one of \(known)"
          problems.add("\(path).to", "\(address) is not a virtual address; \(remedy)")
        }
      }
    }
  }

  private func checkPolicy(_ problems: ProblemList) {
    let interfaces = forwardingNetworks
    let portsKnown = interfaces.allSatisfy { problems.isClean($0.path + ".port") }
    for problem in policy.problems(interfaces: interfaces.map(\.interface)) {
      let path = "policy.\(problem.path)"
      // A wrong port of the node makes every mention of the right one look wrong.
      if problem.path.hasPrefix("zones.") && !portsKnown { continue }
      if problems.isFull { return }
      if problems.isClean(path) { problems.add(path, problem.message) }
    }
  }

  /// A router or peer that must be reachable on the network of `address`.
  func checkNeighbour(
    _ neighbour: IPAddress, _ path: String, on address: IPPrefix, _ problems: ProblemList
  ) {
    if !address.contains(neighbour) {
      problems.add(path, "\(neighbour) is not in \(address.network); it must be on that network")
    } else if neighbour == address.address {
      problems.add(path, "\(neighbour) is this node's own address; name the other end")
    } else if let reason = neighbour.reasonNotHost(in: address) {
      problems.add(path, reason)
    } else if everyVirtualAddress.contains(neighbour) {
      problems.add(path, "\(neighbour) is a virtual address of this pair; name the other end")
    }
  }

  /// No two elements of a list are the same.
  func checkRepeats(_ path: String, _ values: [String], _ problems: ProblemList) {
    var seen: Set<String> = []
    for (index, value) in values.enumerated() where !seen.insert(value).inserted {
      let place = "\(path)[\(index)]"
      if problems.isClean(place) {
        problems.add(place, "'\(value)' is in the list twice; keep one")
      }
    }
  }
}

extension IPAddress {
  /// Why this cannot be the address of a host on `network`, or nil when it can.
  fileprivate func reasonNotHost(in network: IPPrefix) -> String? {
    switch self {
    case .v4(let address): IPv4Prefix(address, length: network.length).reasonNotHost
    case .v6(let address): IPv6Prefix(address, length: network.length).reasonNotHost
    }
  }
}

extension IPv4Prefix {
  /// Why this cannot be the address of a host on an Ethernet network, or nil when it can.
  var reasonNotHost: String? {
    if !(8...31).contains(length) { return "/\(length) is not a length in 8…31" }
    if address.isMulticast || address.isLoopback || address.value >> 24 == 0
      || address.value >> 28 == 0xf
    {
      return "\(address) is not an address of a host"
    }
    if length < 31 && (address == network.address || address == broadcast) {
      let what = address == broadcast ? "broadcast" : "network"
      return "\(address) is the \(what) address of \(network); use an address within"
    }
    return nil
  }
}

extension IPv6Prefix {
  /// Why this cannot be the routed address of a host on an Ethernet network, or nil when it can.
  var reasonNotHost: String? {
    if !(16...127).contains(length) { return "/\(length) is not a length in 16…127" }
    if address.isLinkLocal {
      return "\(address) is link-local; every port has one of these by itself"
    }
    if address.isMulticast || address.isLoopback || address.isUnspecified {
      return "\(address) is not an address of a host"
    }
    // RFC 4291 2.6.1: the subnet's anycast address; RFC 6164: not on a /127.
    if length < 127 && address == network.address {
      return "\(address) is the network address of \(network); use an address within"
    }
    return nil
  }
}
