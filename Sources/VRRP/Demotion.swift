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
    UInt16(
      clamping: lost(links, weights).reduce(0) { $0 + Int($1.weight) }
        + checks.filter { !$0.isUp }.reduce(0) { $0 + Int($1.weight) })
  }

  /// What is down, with its weight, in words: `ge2 has no link (20)`.
  public static func causes(
    links: [LinkState], weights: [String: UInt8], checks: [CheckState]
  ) -> [String] {
    lost(links, weights).map { "\($0.port) has no link (\($0.weight))" }
      + checks.filter { !$0.isUp }.map { "check \($0.name) fails (\($0.weight))" }
  }

  private static func lost(
    _ links: [LinkState], _ weights: [String: UInt8]
  ) -> [(port: String, weight: UInt8)] {
    links.filter { !$0.isUp }.map { ($0.port, weights[$0.port] ?? linkWeight) }
  }

  /// The priority to advertise: at least 1, as 0 would mean leaving (RFC 9568 5.2.4). The owner of
  /// the address has 255 in any case.
  public static func priority(_ configured: UInt8, demotion: UInt16) -> UInt8 {
    configured == 255 ? 255 : UInt8(clamping: max(1, Int(configured) - Int(demotion)))
  }
}
