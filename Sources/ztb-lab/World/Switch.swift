import Linux

/// The switches (LAN, WAN, HA) and the two management cables: bridges in one host, so that one
/// nftables transaction cuts every cable of a node at the same instant.
final class Switch {
  let host: Host
  /// Listens from the first question on.
  private var adverts: AdvertWatch?

  /// Turns a fresh host into the switches.
  init(_ host: Host) throws {
    self.host = host
    try host.sysctl(Plan.strictTracking)
    var lines: [String] = []
    for bridge in Port.bridges {
      lines.append("link add \(bridge) type bridge stp_state 0 forward_delay 0 mcast_snooping 0")
      lines.append("link set \(bridge) up")
    }
    try host.ip(lines)
    try host.nft(
      """
      table bridge power {
        set dead { type ifname; }
        chain arriving { type filter hook prerouting priority -300; policy accept;
          iifname @dead drop
        }
        chain leaving { type filter hook postrouting priority 300; policy accept;
          oifname @dead drop
        }
      }
      """)
  }

  /// Cuts all cables of a node at once; they stay plugged in.
  func cutPower(_ node: Node) throws {
    try host.nft("add element bridge power dead { \(ports(node)) }\n")
  }

  /// Undoes ``cutPower(_:)``.
  func restorePower(_ node: Node) throws {
    try host.nft("delete element bridge power dead { \(ports(node)) }\n")
  }

  /// Lets frames of some ports through no longer (or again), with carrier: a partition, not an
  /// unplugged cable.
  func block(_ ports: [String], _ blocked: Bool) throws {
    let names = ports.map { "\"\($0)\"" }.joined(separator: ", ")
    try host.nft("\(blocked ? "add" : "delete") element bridge power dead { \(names) }\n")
  }

  /// Drops the frames of an nftables expression on their way through the switches.
  func lose(_ expression: String) throws {
    do {
      try host.nft(
        """
        table bridge losses {
          chain forward { type filter hook forward priority -200; policy accept;
            \(expression) drop
          }
        }

        """)
    } catch LabError.command {
      throw LabError.missing("this kernel cannot drop \(expression)")
    }
  }

  /// Ends ``lose(_:)``.
  func loseNothing() throws { try host.nft("delete table bridge losses\n") }

  /// Makes a network pass LLDP on, which no bridge does by itself (IEEE 802.1AB 7.1): to its two
  /// machines it is then one cable.
  func passLinkLayerDiscovery(_ port: Port) throws {
    try host.ip(["link set \(port.bridge(.a)) type bridge group_fwd_mask 0x4000"])
  }

  /// Makes a network's switch send groups only to who reports them (RFC 4541). It asks for reports
  /// itself, every two seconds, and forgets after six who does not answer.
  func followGroups(_ port: Port) throws {
    let bridge = port.bridge(.a)
    // Questions of MLD come from a link-local address (RFC 2710 3).
    try host.sysctl(["net/ipv6/conf/\(bridge)/disable_ipv6": "0"])
    // Hundredths of a second, known before the first question.
    try host.ip([
      "link set \(bridge) type bridge mcast_startup_query_interval 100 mcast_query_interval 200"
        + " mcast_query_response_interval 100 mcast_membership_interval 600",
      "link set \(bridge) type bridge mcast_snooping 1 mcast_querier 1",
    ])
  }

  /// Pulls a cable out or plugs it in: the other end sees its carrier go or come.
  func plug(_ port: String, in plugged: Bool) throws {
    try host.ip(["link set \(port) \(plugged ? "up" : "down")"])
  }

  /// Turns a whole switch off or on: every port loses carrier.
  func power(_ port: Port, on: Bool, nodes: [Node] = Node.allCases) throws {
    try host.ip(nodes.map { "link set \(port.switchPort($0)) \(on ? "up" : "down")" })
  }

  /// Lets nothing but the proxy (and the laptop's own way out) reach the portal any more, or lifts
  /// that again: a branch whose firewall knows one way to the web.
  func allowOnlyProxyToPortal(_ only: Bool) throws {
    try host.nft(
      only
        ? """
        table bridge egress {
          chain forward { type filter hook forward priority 0; policy accept;
            ip daddr \(Plan.portal) tcp dport { \(Plan.portalPort), \(Plan.agentPort) } \
        ip saddr != { \(Plan.proxy), \(Plan.laptopWireless) } counter drop
          }
        }

        """ : "delete table bridge egress\n")
  }

  /// Moves the laptop's cable to another switch, such as the management port of a node.
  func moveLaptop(to bridge: String) throws {
    let cable = "\(Port.management.network)-laptop"
    try host.ip([
      "link set \(cable) down", "link set \(cable) master \(bridge)", "link set \(cable) up",
    ])
  }

  /// Which nodes have sent VRRP advertisements to the LAN lately; nobody at the first question.
  func advertisers() throws -> [Node] {
    let watch = try adverts ?? AdvertWatch(host)
    adverts = watch
    return try watch.senders()
  }

  /// Octets that passed a port so far, both directions.
  func octets(_ port: String) throws -> Int {
    var sum = 0
    for counter in ["rx_bytes", "tx_bytes"] {
      let text = try host.read("/sys/class/net/\(port)/statistics/\(counter)")
      sum += Int(text.filter(\.isNumber)) ?? 0
    }
    return sum
  }

  private func ports(_ node: Node) -> String {
    Port.allCases.map { "\"\($0.switchPort(node))\"" }.joined(separator: ", ")
  }
}
