import Wire

/// What an accepted advert says that an operator should know; it is counted and told at a limited
/// rate.
public enum AdvertisementRemark: Hashable, Sendable {
  /// Its addresses are not ours, or in another order (RFC 9568 7.1).
  case addresses
  /// Its interval is not ours; a Backup learns it (RFC 9568 6.4.2).
  case interval
  /// It claims to own the addresses and does not send from one of them.
  case ownerClaim
  /// We own the addresses, and another router says the same (erratum 8298).
  case secondOwner

  /// The word under which the remark is counted.
  public var name: String {
    switch self {
    case .addresses: "other-addresses"
    case .interval: "other-interval"
    case .ownerClaim: "owner-claim"
    case .secondOwner: "second-owner"
    }
  }
}

extension VirtualRouter {
  /// The checks of RFC 9568 7.1 and RFC 3768 7.1 that need the configuration; what passes may touch
  /// timers. The trailer is not looked at here, as that takes a key and a memory.
  public func admit(_ packet: AdvertisementPacket) throws(AdvertisementDrop) {
    let advertisement = packet.advertisement
    guard packet.source.family == configuration.family else { throw .family(packet.source.family) }
    guard advertisement.virtualRouter == configuration.virtualRouter else {
      throw .virtualRouter(advertisement.virtualRouter)
    }
    guard advertisement.version == configuration.version else {
      throw .version(advertisement.version.rawValue)
    }
    try admit(source: packet.source, priority: advertisement.priority)
    guard isListening(at: packet.destination) else { throw .destination(packet.destination) }
    guard configuration.version == .two else { return }
    // RFC 3768 7.1: the interval and the authentication are those of the router.
    guard advertisement.interval == configuration.interval else {
      throw .interval(advertisement.intervalCentiseconds)
    }
    guard advertisement.authentication == configuration.authentication else {
      throw .authentication
    }
  }

  /// What an operator should know of an admitted advert.
  public func remarks(on packet: AdvertisementPacket) -> [AdvertisementRemark] {
    let advertisement = packet.advertisement
    var remarks: [AdvertisementRemark] = []
    if advertisement.addresses != configuration.addresses { remarks.append(.addresses) }
    if advertisement.interval != configuration.interval { remarks.append(.interval) }
    if advertisement.priority == 255 {
      if isOwner {
        remarks.append(.secondOwner)
      } else if !configuration.addresses.contains(packet.source) {
        remarks.append(.ownerClaim)
      }
    }
    return remarks
  }

  private func admit(source: IPAddress, priority: UInt8) throws(AdvertisementDrop) {
    guard source != nodeAddress else { throw .ownAddress }
    // Only an owner has a virtual address as its own; it leaves with 0 and stays with 255.
    if configuration.addresses.contains(source) {
      guard !isOwner, priority == 255 || priority == 0 else { throw .source(source) }
    }
    let allowed = configuration.allowedSources
    guard allowed.isEmpty || allowed.contains(source) else { throw .notAllowed(source) }
    if !configuration.unicastPeers.isEmpty {
      guard configuration.unicastPeers.contains(source) else { throw .notAllowed(source) }
    } else if configuration.family == .ipv6 {
      // RFC 9568 5.1.2.1: the source is the link-local address of the sending interface.
      guard source.isLinkLocal else { throw .offNetwork(source) }
    } else if let network = configuration.network {
      guard network.contains(source) else { throw .offNetwork(source) }
    }
  }

  /// Unicast routers hear what is sent to them alone, the others what is sent to the group.
  private func isListening(at destination: IPAddress) -> Bool {
    configuration.unicastPeers.isEmpty
      ? destination == Advertisement.group(configuration.family) : destination == nodeAddress
  }
}
