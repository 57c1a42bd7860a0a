/// How sick a node is, short of not being able to forward at all: the weights of what is down, summed.
///
/// It lowers the priority in the adverts, so that plain RFC 9568 routers see it, and stands in the
/// heartbeat, so that the peer compares health with health and not with priority.
public enum Demotion {
  /// Weight of a link for which none is configured, and of each in the heartbeat of an older peer.
  public static let linkWeight: UInt8 = 20

  /// The weights of the links that are down and of the checks that fail.
  ///
  /// - Parameter weights: by port; a link without one has ``linkWeight``.
  public static func sum(
    links: [LinkState], weights: [String: UInt8], checks: [CheckState]
  ) -> UInt16 {
    let lost = links.filter { !$0.isUp }.map { weights[$0.port] ?? linkWeight }
    let failed = checks.filter { !$0.isUp }.map(\.weight)
    return UInt16(clamping: (lost + failed).reduce(0) { $0 + Int($1) })
  }

  /// The priority to advertise: at least 1, as 0 would mean leaving (RFC 9568 5.2.4). The owner of
  /// the address has 255 in any case.
  public static func priority(_ configured: UInt8, demotion: UInt16) -> UInt8 {
    configured == 255 ? 255 : UInt8(clamping: max(1, Int(configured) - Int(demotion)))
  }
}
