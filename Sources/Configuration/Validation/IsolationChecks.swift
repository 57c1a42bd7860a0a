import Wire

extension ConfigurationDocument {
  /// The rules about the isolation of hosts on LANs.
  func checkIsolation(_ problems: ProblemList) {
    for (index, lan) in lan.enumerated() {
      let path = "lan[\(index)].isolation"
      guard let isolation = lan.isolation, problems.isClean(path) else { continue }
      switch lan.dhcp {
      case .server?: break
      case .relay?, nil:
        if problems.isClean("lan[\(index)].dhcp") {
          problems.add(
            path,
            "who has which address comes from the gateway's leases and reservations; give "
              + "lan[\(index)].dhcp with mode \"server\", or leave isolation out")
        }
      }
      if isolation.mode == .airgapLite, !isolation.isSeparated {
        problems.add(
          path + ".separated",
          "with \(isolation.mode.rawValue) hosts have neighbours to speak to "
            + "unless the switch separates them; set it to true once it does, or mode to airgap")
      }
      checkRouters(of: lan, isolation, path, problems)
      checkTargets(on: lan, problems)
      let routers = ha?.vrrp.routers(on: lan.interface) ?? []
      if lan.address6 != nil || routers.contains(where: { $0.family == .ipv6 }) {
        problems.add(
          path,
          "\(lan.interface) has IPv6, by which hosts reach each other without the gateway; "
            + "leave its IPv6 addresses or isolation out")
      }
    }
  }

  /// A router of the LAN is known by its reservation, and its answers must come by the gateway.
  private func checkRouters(
    of lan: LANSettings, _ isolation: LANIsolation, _ path: String, _ problems: ProblemList
  ) {
    let service = addressServices.first { $0.interface == lan.interface }
    for (index, route) in routes.enumerated() where problems.isClean("routes[\(index)].via") {
      guard let via = route.via.v4, lan.address.contains(via) else { continue }
      if service?.reservations.contains(where: { $0.address == via }) != true {
        problems.add(
          "routes[\(index)].via",
          "\(via) is a router among hosts that are kept apart on "
            + "\(lan.interface); give it a reservation there, by which it is known")
      }
      if !isolation.isSeparated, problems.isClean(path + ".separated") {
        problems.add(
          path + ".separated",
          "the router \(via) on \(lan.interface) would answer hosts past the "
            + "gateway unless the switch separates them; set it to true once it does")
      }
    }
  }

  /// Hosts that are kept apart answer by the router that they know, which is the active node.
  private func checkTargets(on lan: LANSettings, _ problems: ProblemList) {
    for (index, check) in (ha?.vrrp.checks ?? []).enumerated() {
      let path = "ha.vrrp.checks[\(index)].target"
      guard problems.isClean(path), let address = check.address?.v4, lan.address.contains(address)
      else { continue }
      problems.add(
        path,
        "\(address) is a host that is kept apart on \(lan.interface) and answers the active "
          + "node alone; ask for something that the standby reaches, too")
    }
  }
}
