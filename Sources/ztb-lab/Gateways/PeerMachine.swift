import Linux

/// What the product does by itself and a peer's machine needs first: addresses, routes, and a rule set
/// with the same meaning as the product's.
enum PeerMachine {
  /// Names of the interfaces with virtual MACs, whoever makes them.
  static func device(_ port: Port) -> String { "vrrp.\(port.network)" }

  /// Turns a fresh host into a router without VRRP.
  static func furnish(_ host: Host, _ node: Node) throws {
    try host.sysctl([
      "net/ipv4/ip_forward": "1", "net/ipv4/ip_nonlocal_bind": "1",
      "net/ipv4/conf/all/rp_filter": "0", "net/ipv4/conf/default/rp_filter": "0",
      "net/ipv4/conf/all/send_redirects": "0", "net/ipv4/conf/all/arp_ignore": "1",
      "net/ipv4/conf/all/arp_announce": "2",
    ])
    var lines: [String] = []
    for port in Port.allCases { lines.append("link set \(port.name) up") }
    lines.append("addr add \(node.lanAddress)/24 dev ge2")
    lines.append("addr add \(node.wanAddress)/24 dev ge3")
    lines.append("addr add \(node.haAddress)/30 dev ge4")
    lines.append("route add default via \(Plan.server) src \(node.wanAddress)")
    try host.ip(lines)
    try host.nft(ruleSet)
  }

  /// Default deny, invalid dropped, source NAT that does not preserve ports, the FTP helper.
  private static let ruleSet = """
    table inet gateway {
      ct helper ftp { type "ftp" protocol tcp; }
      chain untracked_in { type filter hook prerouting priority raw; policy accept;
        iifname { "ge1", "ge4" } notrack
        meta l4proto { igmp, vrrp } notrack
      }
      chain untracked_out { type filter hook output priority raw; policy accept;
        oifname { "ge1", "ge4" } notrack
        meta l4proto { igmp, vrrp } notrack
      }
      chain helpers { type filter hook prerouting priority filter; policy accept;
        tcp dport 21 ct helper set "ftp"
      }
      chain forward { type filter hook forward priority filter; policy drop;
        ct state invalid drop
        ct state established,related accept
        iifname { "ge2", "vrrp.lan" } oifname "ge3" ct state new accept
      }
      chain input { type filter hook input priority filter; policy drop;
        iifname { "lo", "ge4" } accept
        meta l4proto { igmp, vrrp, icmp, ipv6-icmp } accept
        ct state established accept
      }
      chain translate { type nat hook postrouting priority srcnat; policy accept;
        ip saddr \(Plan.lan) oifname "ge3" snat ip to \(Plan.wanVirtual) fully-random
      }
    }

    """
}
