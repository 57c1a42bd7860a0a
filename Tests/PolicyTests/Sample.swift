import Policy
import Wire

/// A small policy on a small node.
enum Sample {
  static func prefix(_ text: String) -> IPv4Prefix {
    guard let prefix = IPv4Prefix(text) else { preconditionFailure("\(text) is no prefix") }
    return prefix
  }

  static let policy = PolicyDocument(
    version: 42,
    zones: [Zone(name: "lan", ports: ["ge2"]), Zone(name: "wan", ports: ["ge3"])],
    groups: [Group(name: "cameras", id: 12, zone: "lan", nets: [.v4(prefix("10.1.0.64/28"))])],
    services: [
      Service(
        name: "web",
        entries: [
          .init(.tcp, ports: [80...80, 443...443, 8000...8010]), .init(.udp, ports: [443...443]),
        ]),
      Service(name: "ping", entries: [.init(.icmp)]),
      Service(name: "telnet", entries: [.init(.tcp, ports: [23...23])]),
    ],
    rules: [
      Rule(id: "lan-web", tier: .allow, from: ["lan"], to: ["wan"], service: "web"),
      Rule(id: "lan-ping", tier: .allow, from: ["lan"], to: ["wan"], service: "ping"),
      Rule(id: "cameras-all", tier: .allow, from: ["cameras"], to: ["wan"], service: "any"),
      Rule(id: "no-telnet", tier: .deny, from: ["any"], to: ["any"], service: "telnet"),
    ])

  static let context = PolicyContext(
    interfaces: [
      .init(name: "ge3", virtualDevices: ["vr4-ge3-77"], networks: [prefix("203.0.113.0/24")]),
      .init(
        name: "ge2", virtualDevices: ["vr4-ge2-77"],
        networks: [prefix("10.1.0.0/24"), prefix("10.9.0.0/16")]),
    ],
    addresses: [
      .v4(IPv4Address(203, 0, 113, 2)), .v4(IPv4Address(10, 1, 0, 2)),
      .v4(IPv4Address(10, 1, 0, 1)), .v4(IPv4Address(203, 0, 113, 1)),
    ],
    managementPort: "ge1", link: .init(port: "ge4", peers: [IPv4Address(169, 254, 77, 2)]),
    translations: [
      .init(
        from: .v4(prefix("10.1.0.0/24")), interfaces: ["ge3"],
        to: .v4(IPv4Address(203, 0, 113, 1)),
        randomPorts: true)
    ],
    helpers: [.ftp], hash: Array(0...31))
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
