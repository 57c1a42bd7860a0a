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
      let routers = ha?.vrrp.routers(on: lan.interface) ?? []
      if lan.address6 != nil || routers.contains(where: { $0.family == .ipv6 }) {
        problems.add(
          path,
          "\(lan.interface) has IPv6, by which hosts reach each other without the gateway; "
            + "leave its IPv6 addresses or isolation out")
      }
    }
  }
}
