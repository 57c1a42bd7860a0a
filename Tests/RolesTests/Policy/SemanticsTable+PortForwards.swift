extension SemanticsTable {
  /// Port forwards: nothing is opened by them, and the rule names the host inside.
  static let portForwards = SemanticsTable(
    name: "port forwards",
    policy: """
      "groups": {"servers": {"id": 5, "zone": "lan", "nets": ["10.1.0.9", "fd00:1::9"]},
                 "blocked": {"id": 6, "zone": "wan", "nets": ["198.51.100.0/24",
                                                              "2001:db8:9::/64"]}},
      "services": {"web": [{"proto": "tcp", "ports": ["443"]}],
                   "games": [{"proto": "udp", "ports": ["27000-27009"]}],
                   "outer": [{"proto": "tcp", "ports": ["8443"]}]},
      "rules": [
        {"id": "in-web", "tier": "allow", "from": ["wan", "plant"], "to": ["servers"],
         "service": "web"},
        {"id": "in-games", "tier": "allow", "from": ["wan"], "to": ["servers"],
         "service": "games"},
        {"id": "outer-port", "tier": "deny", "from": ["wan"], "to": ["servers"],
         "service": "outer"},
        {"id": "neighbours", "tier": "allow", "from": ["lan"], "to": ["servers"],
         "service": "web"},
        {"id": "no-strangers", "tier": "deny", "from": ["blocked"], "to": ["any"],
         "service": "any"}]
      """,
    cases: portForwardCases,
    forwards: """
      {"id": "web", "address": "203.0.113.2", "proto": "tcp", "port": "8443", "to": "10.1.0.9",
       "toPort": 443, "hairpin": true},
      {"id": "web6", "address": "2001:db8:3::2", "proto": "tcp", "port": "8443", "to": "fd00:1::9",
       "toPort": 443, "hairpin": true},
      {"id": "games", "address": "203.0.113.2", "proto": "udp", "port": "3000-3010",
       "to": "10.1.0.9", "toPort": 27000},
      {"id": "games6", "address": "2001:db8:3::2", "proto": "udp", "port": "3000-3010",
       "to": "fd00:1::9", "toPort": 27000},
      {"id": "signal", "address": "203.0.113.2", "proto": "sctp", "port": "2905",
       "to": "10.9.4.4"},
      {"id": "shut", "address": "203.0.113.2", "proto": "tcp", "port": "22", "to": "10.1.0.8"}
      """)

  private static let portForwardCases = [
    Case("another port inside", "192.0.2.80", "203.0.113.2", "tcp/8443", .allowed("in-web")),
    Case("the same of IPv6", "2001:db8:a::80", "2001:db8:3::2", "tcp/8443", .allowed("in-web")),
    Case(
      "a rule denies who asks", "198.51.100.7", "203.0.113.2", "tcp/8443", .denied("no-strangers")),
    Case(
      "a rule denies, IPv6", "2001:db8:9::7", "2001:db8:3::2", "tcp/8443", .denied("no-strangers")),
    Case(
      "a rule about the outer port is about something else", "192.0.2.80", "10.1.0.9",
      "tcp/8443", .denied("outer-port")),
    Case("the first of a range", "192.0.2.80", "203.0.113.2", "udp/3000", .allowed("in-games")),
    Case(
      "its last that is allowed", "2001:db8:a::80", "2001:db8:3::2", "udp/3009",
      .allowed("in-games")),
    Case("forwarded is not allowed", "192.0.2.80", "203.0.113.2", "udp/3010", .deniedByDefault),
    Case("not allowed, IPv6", "2001:db8:a::80", "2001:db8:3::2", "udp/3010", .deniedByDefault),
    Case("no rule about the host", "192.0.2.80", "203.0.113.2", "tcp/22", .deniedByDefault),
    Case(
      "SCTP to a host behind a router", "192.0.2.80", "203.0.113.2", "sctp/2905",
      .deniedByDefault),
    Case(
      "a neighbour by the outer address", "10.1.0.10", "203.0.113.2", "tcp/8443",
      .allowed("neighbours")),
    Case("a neighbour, IPv6", "fd00:1::10", "2001:db8:3::2", "tcp/8443", .allowed("neighbours")),
    Case(
      "from behind the router of that network", "10.9.1.1", "203.0.113.2", "tcp/8443",
      .allowed("neighbours")),
    Case("from another LAN", "10.2.0.10", "203.0.113.2", "tcp/8443", .allowed("in-web")),
    Case("from another LAN, IPv6", "fd00:2::10", "2001:db8:3::2", "tcp/8443", .allowed("in-web")),
    Case("from no zone", "10.3.0.5", "203.0.113.2", "tcp/8443", .deniedByDefault),
    Case("straight to the host", "192.0.2.80", "10.1.0.9", "tcp/443", .allowed("in-web")),
  ]
}
