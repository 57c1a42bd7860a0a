import Wire

/// The addresses that the gateways of a site lend to hosts of the LAN.
struct LeaseRange: Hashable {
  private enum Limits {
    /// More than a branch has hosts.
    static let addresses: UInt64 = 1_024
  }

  /// Why there is none, and what to do about it.
  static let absence =
    "the upper half of the LAN has no address left to lend to hosts; use a larger network, or a "
    + "template with DHCP Service none"

  let from: IPv4Address
  let to: IPv4Address

  /// The longest run of the upper half of a network in which no gateway has its address; the lower half
  /// is for addresses by hand. Nil where nothing is left.
  init?(_ network: IPv4Prefix, without taken: Set<IPv4Address>) {
    let base = UInt64(network.network.address.value)
    let size = UInt64(1) << UInt64(32 - network.length)
    // Neither the network's own address nor its broadcast.
    let (first, end) = (base + max(size / 2, 1), base + size - 1)
    guard first < end else { return nil }
    var runs: [Range<UInt64>] = []
    var start = first
    for address in taken.map({ UInt64($0.value) }).sorted() + [end]
    where address >= start && address <= end {
      runs.append(start..<address)
      start = address + 1
    }
    // The first among equals.
    guard let longest = runs.max(by: { $0.count < $1.count }), !longest.isEmpty
    else { return nil }
    let last = min(longest.upperBound - 1, longest.lowerBound + Limits.addresses - 1)
    from = IPv4Address(UInt32(longest.lowerBound))
    to = IPv4Address(UInt32(last))
  }

  /// That of a site with these gateways.
  init?(_ site: Site, _ gateways: [Gateway]) {
    guard let network = gateways.first?.lanAddress else { return nil }
    let own = gateways.map(\.lanAddress.address) + (site.lanVirtualIP.map { [$0.address] } ?? [])
    self.init(network, without: Set(own))
  }
}

extension LeaseRange: CustomStringConvertible {
  /// `10.1.0.128 – 10.1.0.254`.
  var description: String { "\(from) – \(to)" }
}
