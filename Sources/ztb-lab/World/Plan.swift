import Wire

/// One of the two gateways of the pair.
enum Node: String, CaseIterable {
  case a, b

  /// The other one.
  var peer: Node { self == .a ? .b : .a }
  /// Name of its host, for people.
  var name: String { self == .a ? "gwA" : "gwB" }
  /// Last octet of its addresses on LAN and WAN.
  var octet: UInt8 { self == .a ? 2 : 3 }
  var lanAddress: IPv4Address { IPv4Address(10, 1, 0, octet) }
  var wanAddress: IPv4Address { IPv4Address(203, 0, 113, octet) }
  var haAddress: IPv4Address { IPv4Address(169, 254, 77, self == .a ? 1 : 2) }
  /// VRRP priority.
  var priority: Int { self == .a ? 200 : 100 }
}

/// A port of a gateway and the switch it is cabled to.
enum Port: Int, CaseIterable {
  case management = 1
  case lan, wan, ha

  /// The name inside the gateway.
  var name: String { "ge\(rawValue)" }
  /// The network's name.
  var network: String {
    switch self {
    case .management: "mgmt"
    case .lan: "lan"
    case .wan: "wan"
    case .ha: "ha"
    }
  }
  /// The bridge that plays the switch. A management port is cabled to a laptop, not to the other
  /// node: both have the same address there.
  func bridge(_ node: Node) -> String {
    self == .management ? "br-\(network)-\(node.rawValue)" : "br-\(network)"
  }
  /// Every switch.
  static var bridges: [String] {
    allCases.flatMap { port in Set(Node.allCases.map { port.bridge($0) }).sorted() }
  }
  /// The switch's end of the cable to a gateway.
  func switchPort(_ node: Node) -> String { "\(network)-\(node.rawValue)" }
  /// A fixed address, so that traces can be read.
  func mac(_ node: Node) -> MACAddress {
    MACAddress(0x0200_0000_0000 | UInt64(rawValue) << 8 | UInt64(node.octet))
  }
}

/// Addresses of the world: the example of the configuration document.
enum Plan {
  static let lan = IPv4Prefix(IPv4Address(10, 1, 0, 0), length: 24)
  static let wan = IPv4Prefix(IPv4Address(203, 0, 113, 0), length: 24)
  static let lanVirtual = IPv4Address(10, 1, 0, 1)
  static let wanVirtual = IPv4Address(203, 0, 113, 1)
  static let client = IPv4Address(10, 1, 0, 100)
  static let server = IPv4Address(203, 0, 113, 254)
  static let laptop = IPv4Address(192, 168, 0, 50)
  /// The provider: DHCP, DNS and the router.
  static let isp = IPv4Address(203, 0, 113, 250)
  static let portal = IPv4Address(203, 0, 113, 10)
  static let proxy = IPv4Address(203, 0, 113, 11)
  /// The laptop's own way out, beside the cable to a management port.
  static let laptopWireless = IPv4Address(203, 0, 113, 60)
  /// A gateway's port of the management network, whichever gateway it is.
  static let management = IPv4Address(192, 168, 0, 1)
  static let portalName = "portal.example"
  static let proxyName = "proxy.example"
  /// The proxy of the customer's document.
  static let documentProxyName = "hub3.goairgap.com"
  /// For browsers, REST and activation.
  static let portalPort = 8443
  /// For gateways, with mutual TLS.
  static let agentPort = 8444
  /// Name servers of the customer's document; the provider plays them.
  static let publicResolvers = [IPv4Address(1, 1, 1, 1), IPv4Address(8, 8, 8, 8)]
  /// The tagged network of the VLAN scenario, on the LAN and beside the WAN.
  static let vlan: UInt16 = 30
  /// A node's address in that VLAN on the WAN.
  static func subinterface(_ node: Node) -> IPv4Address { IPv4Address(198, 51, 100, node.octet) }
  /// The other end of it.
  static let taggedServer = IPv4Address(198, 51, 100, 254)
  /// VRRP group.
  static let group = 77
  /// The virtual router's link-local address: the one that its MAC gives.
  static let virtualLinkLocal = "fe80::200:5eff:fe00:24d"
  static let lanVirtual6 = "fd00:1::1"
  static let lan6 = "fd00:1::/64"
  /// The client's address of IPv6, where a scenario gives it one.
  static let client6 = "fd00:1::10"
  /// The server's.
  static let server6 = "fd00:2::fe"
  /// The server's address of a family.
  static func server(_ family: AddressFamily) -> IPAddress {
    switch family {
    case .ipv4: .v4(server)
    case .ipv6: .v6(IPv6Address(high: 0xfd00_0002 << 32, low: 0xfe))
    }
  }
  static let wanVirtual6 = "fd00:2::1"
  /// A gateway's own address of IPv6.
  static func address6(_ node: Node, _ port: Port) -> String {
    "fd00:\(port == .lan ? 1 : 2)::\(node.octet)"
  }
  /// Asks the questions of the lab itself.
  static func asker(_ port: Port) -> IPv4Address {
    port == .lan ? IPv4Address(10, 1, 0, 249) : IPv4Address(203, 0, 113, 249)
  }

  /// What a gateway's machine runs with where the pair speaks IPv6; addresses count at once.
  static let speakingIPv6 = Dictionary(
    uniqueKeysWithValues: ["all", "default", "ge2", "ge3"].flatMap { name in
      [("net/ipv6/conf/\(name)/disable_ipv6", "0"), ("net/ipv6/conf/\(name)/accept_dad", "0")]
    })

  /// What every namespace runs with, so that a session that was not synchronised really dies and
  /// every entry of conntrack reports its changes.
  static let strictTracking = [
    "net/netfilter/nf_conntrack_tcp_be_liberal": "0",
    "net/netfilter/nf_conntrack_tcp_loose": "0",
    "net/netfilter/nf_conntrack_events": "1",
    "net/ipv6/conf/all/disable_ipv6": "1",
    "net/ipv6/conf/default/disable_ipv6": "1",
  ]
}

/// Ports that the loads use on the server.
enum Service {
  static let sessions: UInt16 = 7001
  static let bulkUp: UInt16 = 7002
  static let bulkDown: UInt16 = 7003
  static let datagrams: UInt16 = 7004
  static let probe: UInt16 = 7005
  static let push: UInt16 = 7006
}
