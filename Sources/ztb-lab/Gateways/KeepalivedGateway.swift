import Glibc
import Linux

/// The peers we measure against: keepalived with virtual MACs and conntrackd in FTFW mode, behind a
/// rule set with the same meaning as the product's.
final class KeepalivedGateway: Gateway {
  let node: Node
  let host: Host
  private let variant: KeepalivedVariant
  private var keepalived: ChildProcess?

  init(_ node: Node, _ host: Host, _ workspace: Workspace, _ variant: KeepalivedVariant) throws {
    self.node = node
    self.host = host
    self.variant = variant
  }

  func start() throws {
    if keepalived == nil { try configure() }
    keepalived = try host.start(
      [
        "keepalived", "--dont-fork", "--log-console", "--vrrp", "--use-file=/run/keepalived.conf",
        "--pid=/run/keepalived.pid", "--vrrp_pid=/run/vrrp.pid",
      ], log: "keepalived-\(node.name)")
  }

  /// What the product does by itself: addresses, routes, rules; and conntrackd.
  private func configure() throws {
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
    try host.nft(KeepalivedGateway.ruleSet)
    if variant.synchronisation != .none {
      try host.write("/run/conntrackd.conf", variant.conntrackdConfiguration(node))
      try host.write("/run/notify", variant.notifyScript, mode: 0o755)
      try host.start(
        ["conntrackd", "-C", "/run/conntrackd.conf"], log: "conntrackd-\(node.name)")
      try waitForControlSocket()
    }
    try host.write("/run/keepalived.conf", variant.keepalivedConfiguration(node))
  }

  func tend() throws {}

  func stop() throws {
    keepalived?.signal(SIGTERM)
    guard keepalived?.wait(milliseconds: 10_000) != nil else {
      throw LabError.timeout("keepalived to stop")
    }
  }

  func isReadyToTakeOver() throws -> Bool {
    try variant.synchronisation == .none || synchronisingProcess() != nil
  }

  func synchronisingProcess() throws -> Int? {
    let (status, output) = try host.attempt(["pgrep", "-o", "-x", "conntrackd"])
    return status == .exited(0) ? Int(output) : nil
  }

  /// What conntrackd says about itself, such as the sizes of its caches.
  func conntrackd(_ arguments: [String]) throws -> String {
    try host.run(["conntrackd", "-C", "/run/conntrackd.conf"] + arguments)
  }

  /// In conntrackd's external cache, or in the kernel without one.
  func heldSessions() throws -> Int {
    guard variant.synchronisation == .externalCache else { return try trackedSessions() }
    let lines = try conntrackd(["-s"]).split(separator: "\n")
    guard let start = lines.firstIndex(where: { $0.hasPrefix("cache external") }),
      let line = lines[start...].first(where: { $0.contains("current active connections") })
    else { return 0 }
    return Int(line.filter(\.isNumber)) ?? 0
  }

  private func waitForControlSocket() throws {
    for _ in 0..<200 {
      if try host.attempt(["test", "-S", "/run/conntrackd.ctl"]).0 == .exited(0) { return }
      _ = poll(nil, 0, 10)
    }
    throw LabError.timeout("conntrackd to open its control socket")
  }

  /// Default deny, invalid dropped, source NAT that does not preserve ports, the FTP helper.
  private static let ruleSet = """
    table inet gateway {
      ct helper ftp { type "ftp" protocol tcp; }
      chain untracked_in { type filter hook prerouting priority raw; policy accept;
        iifname { "ge1", "ge4" } notrack
        ip protocol { igmp, vrrp } notrack
      }
      chain untracked_out { type filter hook output priority raw; policy accept;
        oifname { "ge1", "ge4" } notrack
        ip protocol { igmp, vrrp } notrack
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
        ip protocol { igmp, vrrp, icmp } accept
        ct state established accept
      }
      chain translate { type nat hook postrouting priority srcnat; policy accept;
        ip saddr \(Plan.lan) oifname "ge3" snat ip to \(Plan.wanVirtual) fully-random
      }
    }

    """
}
