import Testing

/// A policy, and what it says about single packets.
struct SemanticsTable: CustomTestStringConvertible {
  /// One packet: who opens a connection, to whom, with what.
  struct Case {
    let name: String
    let from: String
    let to: String
    /// As for `ztb policy explain --service`.
    let service: String
    let outcome: Outcome

    init(
      _ name: String, _ from: String, _ to: String, _ service: String, _ outcome: Outcome
    ) {
      self.name = name
      self.from = from
      self.to = to
      self.service = service
      self.outcome = outcome
    }
  }

  /// What becomes of a packet, and the rule that decides.
  enum Outcome: Equatable {
    case allowed(String)
    case denied(String)
    case deniedByDefault
    /// One end is in quarantine.
    case quarantined
    /// The kill switch is pulled.
    case closed
    /// Let through because the policy only monitors; nil: nothing is about it.
    case monitored(String?)
  }

  let name: String
  var testDescription: String { name }
  /// The members of `policy` beside schema, version and defaults.
  let policy: String
  let cases: [Case]
  /// When the packets come, as RFC 3339 has it; empty: outside of every schedule.
  var time = ""
  /// `nat.forwards`, without its brackets.
  var forwards = ""

  static let all =
    [nothing, office, edges, precedence, complements, portForwards] + containment + schedules

  /// A gateway with a WAN (`ge3`), a LAN (`ge2`) with a router to 10.9.0.0/16, a plant (`ge2.20`)
  /// and guests (`ge2.30`, in no zone).
  var document: String {
    """
    {"schema": 1, "gateway": {"name": "a", "profile": "zt400", "deployment": "standalone"},
     "wan": {"port": "ge3", "mode": "static", "address": "203.0.113.2/24",
             "gateway": "203.0.113.254", "address6": "2001:db8:3::2/64",
             "gateway6": "2001:db8:3::fe"},
     "lan": [{"port": "ge2", "address": "10.1.0.2/24", "address6": "fd00:1::2/64"},
             {"port": "ge2", "vlan": 20, "address": "10.2.0.2/24", "address6": "fd00:2::2/64"},
             {"port": "ge2", "vlan": 30, "address": "10.3.0.2/24", "address6": "fd00:3::2/64"}],
     "routes": [{"to": "10.9.0.0/16", "via": "10.1.0.250"}],
     "nat": {"forwards": [\(forwards)]},
     "policy": {"schema": 1, "version": 42, "defaults": {"action": "deny"},
                "zones": {"lan": {"ports": ["ge2"]}, "plant": {"ports": ["ge2.20"]},
                          "wan": {"ports": ["ge3"]}},
                \(policy)}}
    """
  }
}

extension SemanticsTable {
  /// Without a rule.
  static let nothing = SemanticsTable(
    name: "nothing",
    policy: """
      "rules": []
      """,
    cases: [
      Case("outwards", "10.1.0.10", "192.0.2.80", "tcp/443", .deniedByDefault),
      Case("outwards, IPv6", "fd00:1::10", "2001:db8:a::80", "tcp/443", .deniedByDefault),
      Case("inwards", "192.0.2.80", "10.1.0.10", "tcp/443", .deniedByDefault),
      Case("between zones", "10.1.0.10", "10.2.0.10", "icmp", .deniedByDefault),
      Case("between zones, IPv6", "fd00:1::10", "fd00:2::10", "icmpv6", .deniedByDefault),
      Case("a protocol without a name", "10.1.0.10", "192.0.2.80", "99", .deniedByDefault),
    ])

  /// Groups within zones, services, and denials across all of it.
  static let office = SemanticsTable(
    name: "office",
    policy: """
      "groups": {"cameras":  {"id": 12, "zone": "lan", "nets": ["10.1.0.64/28", "fd00:1::40/122"]},
                 "printers": {"id": 13, "zone": "lan", "nets": ["10.1.0.20", "fd00:1::20"]},
                 "far":      {"id": 15, "zone": "lan", "nets": ["10.9.4.0/24"]},
                 "recorder": {"id": 14, "zone": "plant", "nets": ["10.2.0.9", "fd00:2::9"]},
                 "partner":  {"id": 900, "zone": "wan", "nets": ["198.51.100.0/28",
                                                                 "2001:db8:9::/64"]}},
      "services": {"web":    [{"proto": "tcp", "ports": ["80", "443"]},
                              {"proto": "udp", "ports": ["443"]}],
                   "ping":   [{"proto": "icmp"}, {"proto": "icmpv6"}],
                   "video":  [{"proto": "tcp", "ports": ["554", "8554-8560"]},
                              {"proto": "udp", "ports": ["5000-6000"]}],
                   "telnet": [{"proto": "tcp", "ports": ["23"]}],
                   "mail":   [{"proto": "tcp", "ports": ["25"]}],
                   "tunnel": [{"proto": "gre"}, {"proto": "esp"}],
                   "signal": [{"proto": "sctp", "ports": ["2905"]}]},
      "rules": [
        {"id": "lan-web", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "web"},
        {"id": "lan-ping", "tier": "allow", "from": ["lan"], "to": ["any"], "service": "ping"},
        {"id": "video", "tier": "allow", "from": ["recorder"], "to": ["cameras"],
         "service": "video"},
        {"id": "cameras-stay", "tier": "deny", "from": ["cameras"], "to": ["wan"],
         "service": "any"},
        {"id": "no-telnet", "tier": "deny", "from": ["any"], "to": ["any"], "service": "telnet"},
        {"id": "upkeep", "tier": "allow", "from": ["plant"], "to": ["partner"], "service": "any"},
        {"id": "visit", "tier": "allow", "from": ["partner"], "to": ["recorder", "printers"],
         "service": "tunnel"},
        {"id": "mail", "tier": "allow", "from": ["printers", "far"], "to": ["wan"],
         "service": "mail"},
        {"id": "signal", "tier": "allow", "from": ["plant"], "to": ["wan"], "service": "signal"}]
      """,
    cases: officeCases + officeCases6)

  private static let officeCases = [
    Case("a page", "10.1.0.10", "192.0.2.80", "tcp/443", .allowed("lan-web")),
    Case("a page without TLS", "10.1.0.10", "192.0.2.80", "tcp/80", .allowed("lan-web")),
    Case("a page by QUIC", "10.1.0.10", "192.0.2.80", "udp/443", .allowed("lan-web")),
    Case("the port of another protocol", "10.1.0.10", "192.0.2.80", "udp/80", .deniedByDefault),
    Case("a port between", "10.1.0.10", "192.0.2.80", "tcp/81", .deniedByDefault),
    Case("the web from outside", "192.0.2.80", "10.1.0.10", "tcp/443", .deniedByDefault),
    Case("a group has its zone's rules", "10.1.0.20", "192.0.2.80", "tcp/443", .allowed("lan-web")),
    Case("to a group of the zone", "10.1.0.10", "198.51.100.9", "tcp/443", .allowed("lan-web")),
    Case("behind a router of the LAN", "10.9.5.5", "192.0.2.80", "tcp/80", .allowed("lan-web")),
    Case("a group behind a router", "10.9.4.5", "192.0.2.80", "tcp/25", .allowed("mail")),
    Case("beside that group", "10.9.5.5", "192.0.2.80", "tcp/25", .deniedByDefault),
    Case("ping to any zone", "10.1.0.10", "10.2.0.10", "icmp", .allowed("lan-ping")),
    Case("ping back", "10.2.0.10", "10.1.0.10", "icmp", .deniedByDefault),
    Case("any zone is not every interface", "10.1.0.10", "10.3.0.5", "icmp", .deniedByDefault),
    Case("from an interface in no zone", "10.3.0.5", "192.0.2.80", "tcp/443", .deniedByDefault),
    Case("the first member", "10.2.0.9", "10.1.0.64", "tcp/554", .allowed("video")),
    Case("the last member", "10.2.0.9", "10.1.0.79", "tcp/554", .allowed("video")),
    Case("one before the group", "10.2.0.9", "10.1.0.63", "tcp/554", .deniedByDefault),
    Case("one after the group", "10.2.0.9", "10.1.0.80", "tcp/554", .deniedByDefault),
    Case("beside the recorder", "10.2.0.10", "10.1.0.64", "tcp/554", .deniedByDefault),
    Case("a denied group", "10.1.0.70", "192.0.2.80", "tcp/443", .denied("cameras-stay")),
    Case("denied with any protocol", "10.1.0.70", "192.0.2.80", "99", .denied("cameras-stay")),
    Case("denied, and its ping too", "10.1.0.70", "192.0.2.80", "icmp", .denied("cameras-stay")),
    Case("denied there alone", "10.1.0.70", "10.2.0.10", "icmp", .allowed("lan-ping")),
    Case("denied to everybody", "10.1.0.10", "192.0.2.80", "tcp/23", .denied("no-telnet")),
    Case("denied where all is allowed", "10.2.0.5", "198.51.100.9", "tcp/23", .denied("no-telnet")),
    Case("denied of a zone to itself", "10.9.4.4", "10.9.5.5", "tcp/23", .denied("no-telnet")),
    Case("all to a group", "10.2.0.5", "198.51.100.9", "tcp/9999", .allowed("upkeep")),
    Case("a nameless protocol to it", "10.2.0.5", "198.51.100.15", "99", .allowed("upkeep")),
    Case("one after that group", "10.2.0.5", "198.51.100.16", "tcp/9999", .deniedByDefault),
    Case("GRE inwards", "198.51.100.1", "10.2.0.9", "gre", .allowed("visit")),
    Case("ESP inwards", "198.51.100.1", "10.1.0.20", "esp", .allowed("visit")),
    Case("TCP instead of a tunnel", "198.51.100.1", "10.2.0.9", "tcp/443", .deniedByDefault),
    Case("SCTP", "10.2.0.10", "192.0.2.80", "sctp/2905", .allowed("signal")),
    Case("SCTP, another port", "10.2.0.10", "192.0.2.80", "sctp/2906", .deniedByDefault),
  ]

  private static let officeCases6 = [
    Case("IPv6: a page", "fd00:1::10", "2001:db8:a::80", "tcp/443", .allowed("lan-web")),
    Case("IPv6: by QUIC", "fd00:1::10", "2001:db8:a::80", "udp/443", .allowed("lan-web")),
    Case("IPv6: inwards", "2001:db8:a::80", "fd00:1::10", "tcp/443", .deniedByDefault),
    Case("IPv6: ping", "fd00:1::10", "fd00:2::10", "icmpv6", .allowed("lan-ping")),
    Case("IPv6: no zone", "fd00:3::5", "2001:db8:a::80", "tcp/443", .deniedByDefault),
    Case("IPv6: first member", "fd00:2::9", "fd00:1::40", "udp/5000", .allowed("video")),
    Case("IPv6: last member", "fd00:2::9", "fd00:1::7f", "udp/6000", .allowed("video")),
    Case("IPv6: before the group", "fd00:2::9", "fd00:1::3f", "udp/5000", .deniedByDefault),
    Case("IPv6: after the group", "fd00:2::9", "fd00:1::80", "udp/5000", .deniedByDefault),
    Case(
      "IPv6: denied group", "fd00:1::47", "2001:db8:a::80", "tcp/443", .denied("cameras-stay")),
    Case("IPv6: denied to all", "fd00:2::5", "2001:db8:9::1", "tcp/23", .denied("no-telnet")),
    Case("IPv6: all to a group", "fd00:2::5", "2001:db8:9::1", "99", .allowed("upkeep")),
    Case("IPv6: beside that group", "fd00:2::5", "2001:db8:8::1", "99", .deniedByDefault),
    Case("IPv6: ESP", "2001:db8:9::1", "fd00:2::9", "esp", .allowed("visit")),
    Case("IPv6: GRE", "2001:db8:9::1", "fd00:1::20", "gre", .allowed("visit")),
    Case("IPv6: SCTP", "fd00:2::10", "2001:db8:a::80", "sctp/2905", .allowed("signal")),
    Case("IPv6: of one address", "fd00:1::20", "2001:db8:a::80", "tcp/25", .allowed("mail")),
    Case("IPv6: beside it", "fd00:1::21", "2001:db8:a::80", "tcp/25", .deniedByDefault),
  ]

  /// Where ranges begin and end, meet, and lie within others.
  static let edges = SemanticsTable(
    name: "edges",
    policy: """
      "services": {"low":    [{"proto": "tcp", "ports": ["1-1023"]}],
                   "joined": [{"proto": "udp", "ports": ["1000-1999", "2000-2999", "1500"]}],
                   "hole":   [{"proto": "tcp", "ports": ["100-199"]}],
                   "last":   [{"proto": "tcp", "ports": ["65535"]}],
                   "udp":    [{"proto": "udp"}],
                   "part":   [{"proto": "udp", "ports": ["53", "5353"]}]},
      "rules": [
        {"id": "low", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "low"},
        {"id": "hole", "tier": "deny", "from": ["lan"], "to": ["wan"], "service": "hole"},
        {"id": "last", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "last"},
        {"id": "joined", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "joined"},
        {"id": "whole", "tier": "allow", "from": ["plant"], "to": ["wan"], "service": "udp"},
        {"id": "part", "tier": "deny", "from": ["plant"], "to": ["wan"], "service": "part"}]
      """,
    cases: [
      Case("the first port", "10.1.0.10", "192.0.2.80", "tcp/1", .allowed("low")),
      Case("the last of a range", "10.1.0.10", "192.0.2.80", "tcp/1023", .allowed("low")),
      Case("one after it", "10.1.0.10", "192.0.2.80", "tcp/1024", .deniedByDefault),
      Case("before the hole", "10.1.0.10", "192.0.2.80", "tcp/99", .allowed("low")),
      Case("the hole begins", "10.1.0.10", "192.0.2.80", "tcp/100", .denied("hole")),
      Case("the hole ends", "fd00:1::10", "2001:db8:a::80", "tcp/199", .denied("hole")),
      Case("after the hole", "fd00:1::10", "2001:db8:a::80", "tcp/200", .allowed("low")),
      Case("the last port", "10.1.0.10", "192.0.2.80", "tcp/65535", .allowed("last")),
      Case("one before it", "10.1.0.10", "192.0.2.80", "tcp/65534", .deniedByDefault),
      Case("where ranges meet", "10.1.0.10", "192.0.2.80", "udp/2000", .allowed("joined")),
      Case("within both", "10.1.0.10", "192.0.2.80", "udp/1500", .allowed("joined")),
      Case("after the joined", "fd00:1::10", "2001:db8:a::80", "udp/3000", .deniedByDefault),
      Case("a whole protocol", "10.2.0.10", "192.0.2.80", "udp/54", .allowed("whole")),
      Case("a port denied of it", "10.2.0.10", "192.0.2.80", "udp/53", .denied("part")),
      Case("its last port", "fd00:2::10", "2001:db8:a::80", "udp/65535", .allowed("whole")),
      Case("another protocol", "10.2.0.10", "192.0.2.80", "tcp/54", .deniedByDefault),
    ])

  /// Deny before allow; among equals the identifier decides which is named.
  static let precedence = SemanticsTable(
    name: "precedence",
    policy: """
      "groups": {"host": {"id": 7, "zone": "lan", "nets": ["10.1.0.10", "fd00:1::10"]}},
      "services": {"dns": [{"proto": "udp", "ports": ["53"]}],
                   "wide": [{"proto": "udp", "ports": ["1-1000"]}]},
      "rules": [
        {"id": "z-first", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "dns"},
        {"id": "m-wide", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "wide"},
        {"id": "a-host", "tier": "allow", "from": ["host"], "to": ["wan"], "service": "any"},
        {"id": "shut", "tier": "deny", "from": ["wan"], "to": ["any"], "service": "any"},
        {"id": "open", "tier": "allow", "from": ["wan"], "to": ["host"], "service": "any"},
        {"id": "all", "tier": "allow", "from": ["plant"], "to": ["any"], "service": "any"},
        {"id": "but-host", "tier": "deny", "from": ["plant"], "to": ["host"], "service": "dns"}]
      """,
    cases: [
      Case("the lesser identifier", "10.1.0.11", "192.0.2.80", "udp/53", .allowed("m-wide")),
      Case("of a zone and a group", "10.1.0.10", "192.0.2.80", "udp/53", .allowed("a-host")),
      Case("what one alone allows", "fd00:1::11", "2001:db8:a::80", "udp/54", .allowed("m-wide")),
      Case("of the group alone", "fd00:1::10", "2001:db8:a::80", "tcp/1", .allowed("a-host")),
      Case("deny before allow", "192.0.2.80", "10.1.0.10", "tcp/443", .denied("shut")),
      Case("all but one service", "10.2.0.10", "10.1.0.10", "udp/53", .denied("but-host")),
      Case("the rest of it", "fd00:2::10", "fd00:1::10", "udp/54", .allowed("all")),
      Case("beside the group", "10.2.0.10", "10.1.0.11", "udp/53", .allowed("all")),
      Case("to no zone, from all", "10.2.0.10", "10.3.0.5", "udp/53", .deniedByDefault),
    ])
}
