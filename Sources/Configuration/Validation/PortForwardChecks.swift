import Policy
import Wire

extension ConfigurationDocument {
  /// Each forward begins at an address of the gateway outside and ends at a host inside, and no port
  /// is in two of them.
  func checkPortForwards(_ problems: ProblemList) {
    var names: [String: Int] = [:]
    var taken: [PortForwardPlace: [(ports: ClosedRange<UInt16>, index: Int)]] = [:]
    var count = 0
    for (index, forward) in portForwards.enumerated() where !problems.isFull {
      let path = "nat.forwards[\(index)]"
      if problems.isClean("\(path).id"),
        let other = names.updateValue(index, forKey: forward.id)
      {
        problems.add(
          "\(path).id",
          "'\(forward.id)' is the id of nat.forwards[\(other)] already; ids are unique")
      }
      checkOutside(forward, "\(path).address", problems)
      checkInside(forward, path, problems)
      guard problems.isClean("\(path).port", "\(path).address", "\(path).proto") else { continue }
      let place = PortForwardPlace(address: forward.address, transport: forward.transport)
      if let other = taken[place]?.first(where: { $0.ports.overlaps(forward.ports) }) {
        problems.add(
          "\(path).port",
          "\(forward.transport.name) \(Service.Entry.text(forward.ports)) of "
            + "\(forward.address) is forwarded by nat.forwards[\(other.index)] already")
      }
      taken[place, default: []].append((forward.ports, index))
      count += forward.ports.count
    }
    if count > PortForward.portLimit {
      problems.add(
        "nat.forwards", "\(count) ports are more than the \(PortForward.portLimit) supported")
    }
  }

  private func checkOutside(_ forward: PortForward, _ path: String, _ problems: ProblemList) {
    guard problems.isClean(path, "gateway.deployment", "wan", "ha") else { return }
    let family = forward.address.family
    let outside = forwardingNetworks.filter { $0.role == .wan }
    let known: [IPAddress] =
      if let ha {
        outside.flatMap { ha.vrrp.routers(on: $0.interface) }.flatMap(\.addresses).filter {
          $0.family == family && !$0.isLinkLocal
        }
      } else {
        outside.compactMap { $0.own(family)?.address }
      }
    if known.contains(forward.address) { return }
    let kind = ha == nil ? "address of this node" : "virtual address"
    let remedy =
      known.isEmpty
      ? "there is no \(family) one that is written down"
      : "name one of \(known.map(\.description).joined(separator: ", "))"
    problems.add(path, "\(forward.address) is no \(kind) on a WAN; \(remedy)")
  }

  private func checkInside(_ forward: PortForward, _ path: String, _ problems: ProblemList) {
    if problems.isClean("\(path).port", "\(path).toPort"),
      Int(forward.toPort) + forward.ports.count - 1 > 65535
    {
      problems.add(
        "\(path).toPort",
        "\(forward.ports.count) ports from \(forward.toPort) on end above 65535")
    }
    guard problems.isClean("\(path).to", "\(path).address", "lan", "wan", "ha", "routes") else {
      return
    }
    let family = forward.address.family
    if forward.to.family != family {
      return problems.add(
        "\(path).to", "\(forward.to) is no \(family) address, as \(forward.address) is")
    }
    let way = interface(towards: forward.to)
    guard let home = forwardingNetworks.first(where: { $0.interface == way && $0.role == .lan })
    else {
      return problems.add(
        "\(path).to", "\(forward.to) is on no LAN and behind none; name a host inside")
    }
    let own = connectedNetworks.compactMap { $0.own(family)?.address } + everyVirtualAddress
    if own.contains(forward.to) || home.own(family)?.network.address == forward.to {
      return problems.add("\(path).to", "\(forward.to) is no host inside; name one")
    }
    if forward.isHairpin, problems.isClean("\(path).hairpin"),
      insideAddress(family, on: home) == nil
    {
      problems.add(
        "\(path).hairpin",
        "\(home.interface) has no virtual \(family) address that neighbours could answer to; "
          + "add one")
    }
  }
}

/// Where forwards can be in each other's way.
private struct PortForwardPlace: Hashable {
  let address: IPAddress
  let transport: TransportProtocol
}
