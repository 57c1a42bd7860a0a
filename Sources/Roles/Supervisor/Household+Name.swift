extension Household {
  /// Who can be in it.
  enum Name: Hashable {
    /// The way to the portal.
    case agent
    /// The activation page on the management port.
    case web
    /// The menu on a terminal.
    case console
    /// The same on a second one.
    case secondConsole
    /// The same on a third one.
    case thirdConsole
    /// Who is at the other end of the HA link.
    case lldp
    /// Whether the targets of path checks answer.
    case checks
    /// Who answers for a virtual address, during a drill.
    case probe
    /// dnsmasq on the management port.
    case managementDHCP
    /// The DHCP client on the WAN.
    case wanDHCP
    /// chronyd, which keeps the clock of the appliance right.
    case clock
    /// dnsmasq for the hosts of a LAN, by its interface.
    case lanDHCP(String)
    /// dnsmasq for all LANs whose questions are passed on.
    case lanRelay

    /// The terminals, in the order of `--console` options.
    static let consoles: [Name] = [.console, .secondConsole, .thirdConsole]

    /// Its name in the status, the log and the record of processes.
    var rawValue: String {
      switch self {
      case .agent: "agent"
      case .web: "web"
      case .console: "console"
      case .secondConsole: "console-2"
      case .thirdConsole: "console-3"
      case .lldp: "lldp"
      case .checks: "checks"
      case .probe: "probe"
      case .managementDHCP: "management-dhcp"
      case .wanDHCP: "wan-dhcp"
      case .clock: "clock"
      case .lanDHCP(let interface): "lan-dhcp-\(interface)"
      case .lanRelay: "lan-relay"
      }
    }

    /// Whether it works for the hosts of LANs.
    var isOfLAN: Bool {
      switch self {
      case .lanDHCP, .lanRelay: true
      case .agent, .web, .console, .secondConsole, .thirdConsole, .lldp, .checks, .probe,
        .managementDHCP, .wanDHCP, .clock:
        false
      }
    }
  }
}

extension Household.Name: Comparable {
  /// The order in which they are shown.
  private var place: Int {
    switch self {
    case .agent: 0
    case .web: 1
    case .console: 2
    case .secondConsole: 3
    case .thirdConsole: 4
    case .lldp: 5
    case .checks: 6
    case .probe: 7
    case .managementDHCP: 8
    case .wanDHCP: 9
    case .clock: 10
    case .lanDHCP: 11
    case .lanRelay: 12
    }
  }

  static func < (a: Self, b: Self) -> Bool {
    a.place == b.place ? a.rawValue < b.rawValue : a.place < b.place
  }
}
