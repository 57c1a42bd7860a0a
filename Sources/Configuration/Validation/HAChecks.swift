import Wire

extension ConfigurationDocument {
  /// The rules about the pair.
  func checkHA(_ ha: HASettings, _ problems: ProblemList) {
    checkPeers(ha, problems)
    checkProtocol(ha.vrrp, problems)
    checkPaths(ha.vrrp, problems)
    // A wrong port makes every mention of the right one look wrong.
    guard forwardingNetworks.allSatisfy({ problems.isClean($0.path + ".port") }) else { return }
    checkTrack(ha.vrrp, problems)
    for (index, virtual) in ha.vrrp.virtualAddresses.enumerated() {
      checkVirtual(virtual, index, ha.vrrp, problems)
    }
    checkRouters(ha.vrrp, problems)
    checkUnicast(ha.vrrp, problems)
    checkSources(ha.vrrp, problems)
  }

  private func checkPeers(_ ha: HASettings, _ problems: ProblemList) {
    if ha.peers.count > 1 && problems.isClean("ha.peers") {
      problems.add("ha.peers", "\(ha.peers.count) peers; a pair has one")
    }
    guard problems.isClean("ha.address") else { return }
    for (index, peer) in ha.peers.enumerated() where problems.isClean("ha.peers[\(index)]") {
      checkNeighbour(
        .v4(peer), "ha.peers[\(index)]", on: .v4(ha.address), problems)
    }
  }
}
