import Wire

/// How the routers of one world speak VRRP: version, family of addresses, interval.
struct Dialect: Sendable {
  /// The family of the adverts and of the virtual addresses.
  enum Family: Sendable { case ipv4, ipv6 }

  let name: String
  let version: Int
  let family: Family
  let intervalMs: Int

  static let version3 = Dialect(name: "v3", version: 3, family: .ipv4, intervalMs: 100)
  /// Version 2 knows whole seconds only (RFC 3768 5.3.7).
  static let version2 = Dialect(name: "v2", version: 2, family: .ipv4, intervalMs: 1000)
  /// FRR's own in the benchmark.
  static let frr = [100, 1000].map { interval in
    Dialect(name: "frr-\(interval)ms", version: 3, family: .ipv4, intervalMs: interval)
  }
  static let ipv6 = Dialect(name: "ipv6", version: 3, family: .ipv6, intervalMs: 100)

  var interval: Interval { .milliseconds(intervalMs) }

  /// Active_Down_Interval of the node that waits (RFC 9568 6.1), version 2 counts the skew in
  /// parts of a second (RFC 3768 6.1), which is the interval here.
  func activeDown(_ node: Node) -> Interval {
    interval * 3 + interval * (256 - node.priority) / 256
  }

  /// RFC 9568 7.3.
  var virtualMAC: MACAddress {
    let ipv4 = MACAddress.virtualRouterIPv4(UInt8(Plan.group))
    return family == .ipv4 ? ipv4 : MACAddress(ipv4.value + 0x100)
  }

  /// The addresses of the virtual router on a port, the first one link-local in IPv6.
  func virtualAddresses(_ port: Port) -> [String] {
    switch family {
    case .ipv4: ["\(port == .lan ? Plan.lanVirtual : Plan.wanVirtual)"]
    case .ipv6: [Plan.virtualLinkLocal, port == .lan ? Plan.lanVirtual6 : Plan.wanVirtual6]
    }
  }

  /// The prefix length of the networks.
  var networkLength: Int { family == .ipv4 ? 24 : 64 }

  /// The prefix length of one address.
  var hostLength: Int { family == .ipv4 ? 32 : 128 }
}
