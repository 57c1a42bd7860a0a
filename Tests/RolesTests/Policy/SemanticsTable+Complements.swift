extension SemanticsTable {
  /// Everything in a zone but some groups, on either side of a rule, over either family.
  static let complements = SemanticsTable(
    name: "complements",
    policy: """
      "groups": {"cameras": {"id": 12, "zone": "lan", "nets": ["10.1.0.64/28", "fd00:1::40/122"]},
                 "printers": {"id": 13, "zone": "lan", "nets": ["10.1.0.20"]},
                 "people": {"zone": "lan", "not": ["cameras", "printers"]},
                 "movers": {"zone": "lan", "not": ["printers"]},
                 "private": {"id": 900, "zone": "wan", "nets": ["198.51.100.0/24",
                                                                "2001:db8:9::/64"]},
                 "internet": {"zone": "wan", "not": ["private"]}},
      "services": {"web": [{"proto": "tcp", "ports": ["443"]}],
                   "mail": [{"proto": "tcp", "ports": ["25"]}]},
      "rules": [
        {"id": "web", "tier": "allow", "from": ["people"], "to": ["internet"], "service": "web"},
        {"id": "mail", "tier": "allow", "from": ["lan"], "to": ["any"], "service": "mail"},
        {"id": "stay", "tier": "deny", "from": ["movers"], "to": ["private"], "service": "mail"}]
      """,
    cases: [
      Case("who is left", "10.1.0.10", "192.0.2.80", "tcp/443", .allowed("web")),
      Case("who is left, IPv6", "fd00:1::10", "2001:db8:a::80", "tcp/443", .allowed("web")),
      Case("behind a router", "10.9.4.4", "192.0.2.80", "tcp/443", .allowed("web")),
      Case("who is not", "10.1.0.70", "192.0.2.80", "tcp/443", .deniedByDefault),
      Case("who is not, IPv6", "fd00:1::41", "2001:db8:a::80", "tcp/443", .deniedByDefault),
      Case("the other one that is not", "10.1.0.20", "192.0.2.80", "tcp/443", .deniedByDefault),
      Case(
        "a printer of no IPv6 group", "fd00:1::20", "2001:db8:a::80", "tcp/443", .allowed("web")),
      Case("to what is not", "10.1.0.10", "198.51.100.9", "tcp/443", .deniedByDefault),
      Case("to what is not, IPv6", "fd00:1::10", "2001:db8:9::9", "tcp/443", .deniedByDefault),
      Case("of another zone", "10.2.0.10", "192.0.2.80", "tcp/443", .deniedByDefault),
      Case("a group that is left in", "10.1.0.70", "198.51.100.9", "tcp/25", .denied("stay")),
      Case("left in, IPv6", "fd00:1::41", "2001:db8:9::9", "tcp/25", .denied("stay")),
      Case("the rest of the zone", "fd00:1::10", "2001:db8:9::9", "tcp/25", .denied("stay")),
      Case("left out of the denial", "10.1.0.20", "198.51.100.9", "tcp/25", .allowed("mail")),
    ])
}
