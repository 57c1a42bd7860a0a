extension SemanticsTable {
  /// Quarantine, the levels of the kill switch, and a policy that only monitors: the same rules in
  /// each.
  static let containment = [
    contained("quarantine", members: "\"10.1.0.7\", \"fd00:1::7\"", quarantineCases),
    contained("yellow", level: "yellow", yellowCases),
    contained("orange", level: "orange", orangeCases),
    contained("red", level: "red", redCases),
    contained("monitor", mode: "monitor", monitorCases),
    contained(
      "monitor and quarantine", mode: "monitor", members: "\"10.1.0.7\"",
      [
        Case("monitoring frees nobody", "10.1.0.7", "192.0.2.80", "tcp/443", .quarantined)
      ]),
  ]

  private static func contained(
    _ name: String, mode: String = "enforce", members: String = "", level: String = "green",
    _ cases: [Case]
  ) -> SemanticsTable {
    let list = members.split(separator: ",").map { "{\"address\": \($0), \"reason\": \"test\"}" }
    return SemanticsTable(
      name: name,
      policy: """
        "mode": "\(mode)",
        "groups": {"cameras": {"id": 12, "zone": "lan", "nets": ["10.1.0.64/28", "fd00:1::40/122"]}},
        "services": {"web": [{"proto": "tcp", "ports": ["80", "443"]}],
                     "smb": [{"proto": "tcp", "ports": ["445"]}],
                     "dns": [{"proto": "udp", "ports": ["53"]}]},
        "rules": [
          {"id": "names", "tier": "guard", "from": ["lan"], "to": ["wan"], "service": "dns"},
          {"id": "no-dns", "tier": "deny", "from": ["any"], "to": ["any"], "service": "dns"},
          {"id": "no-web", "tier": "deny", "from": ["cameras"], "to": ["any"], "service": "web"},
          {"id": "lan-out", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "any"}],
        "quarantine": {"members": [\(list.joined(separator: ", "))], "allow": ["dns"]},
        "killSwitch": {"level": "\(level)",
          "levels": {"yellow": [{"from": ["lan"], "to": ["any"], "service": "smb"}],
                     "orange": [{"from": ["cameras"], "to": ["any"], "service": "any"}]}}
        """,
      cases: cases)
  }

  private static let quarantineCases = [
    Case("from a member", "10.1.0.7", "192.0.2.80", "tcp/443", .quarantined),
    Case("from a member, IPv6", "fd00:1::7", "2001:db8:a::80", "tcp/443", .quarantined),
    Case("to a member", "192.0.2.80", "10.1.0.7", "tcp/22", .quarantined),
    Case("to a member, IPv6", "2001:db8:a::80", "fd00:1::7", "tcp/22", .quarantined),
    Case("a ping of a member", "10.1.0.7", "192.0.2.80", "icmp", .quarantined),
    Case("excepted and allowed", "10.1.0.7", "192.0.2.53", "udp/53", .allowed("names")),
    Case("excepted, IPv6", "fd00:1::7", "2001:db8:a::53", "udp/53", .allowed("names")),
    Case("excepted is not allowed", "192.0.2.53", "10.1.0.7", "udp/53", .denied("no-dns")),
    Case("beside the member", "10.1.0.8", "192.0.2.80", "tcp/443", .allowed("lan-out")),
    Case("beside the member, IPv6", "fd00:1::8", "2001:db8:a::80", "tcp/443", .allowed("lan-out")),
  ]

  private static let yellowCases = [
    Case("closed", "10.1.0.10", "192.0.2.80", "tcp/445", .closed),
    Case("closed, IPv6", "fd00:1::10", "2001:db8:a::80", "tcp/445", .closed),
    Case("closed for a group of the zone", "10.1.0.70", "10.2.0.9", "tcp/445", .closed),
    Case("not closed", "10.1.0.10", "192.0.2.80", "tcp/443", .allowed("lan-out")),
    Case("orange is not pulled", "10.1.0.70", "192.0.2.80", "tcp/8080", .allowed("lan-out")),
    Case("inwards", "192.0.2.80", "10.1.0.10", "tcp/445", .deniedByDefault),
  ]

  private static let orangeCases = [
    Case("closed", "10.1.0.70", "192.0.2.80", "tcp/8080", .closed),
    Case("closed, IPv6", "fd00:1::41", "2001:db8:a::80", "tcp/8080", .closed),
    Case("before a deny", "10.1.0.70", "192.0.2.80", "tcp/443", .closed),
    Case("yellow too", "10.1.0.10", "192.0.2.80", "tcp/445", .closed),
    Case("guarded", "10.1.0.70", "192.0.2.53", "udp/53", .allowed("names")),
    Case("not closed", "10.1.0.10", "192.0.2.80", "tcp/443", .allowed("lan-out")),
  ]

  private static let redCases = [
    Case("everything", "10.1.0.10", "192.0.2.80", "tcp/443", .closed),
    Case("everything, IPv6", "fd00:1::10", "2001:db8:a::80", "tcp/443", .closed),
    Case("what was denied", "10.1.0.70", "192.0.2.80", "tcp/443", .closed),
    Case("what nothing is about", "192.0.2.80", "10.1.0.10", "99", .closed),
    Case("but what is guarded", "10.1.0.10", "192.0.2.53", "udp/53", .allowed("names")),
    Case("guarded, IPv6", "fd00:1::10", "2001:db8:a::53", "udp/53", .allowed("names")),
  ]

  private static let monitorCases = [
    Case("allowed", "10.1.0.10", "192.0.2.80", "tcp/443", .allowed("lan-out")),
    Case("guarded", "10.1.0.10", "192.0.2.53", "udp/53", .allowed("names")),
    Case("would be denied", "10.1.0.70", "192.0.2.80", "tcp/443", .monitored("no-web")),
    Case("would be denied, IPv6", "fd00:1::41", "2001:db8:a::80", "tcp/80", .monitored("no-web")),
    Case("by default", "192.0.2.80", "10.1.0.10", "tcp/22", .monitored(nil)),
    Case("by default, IPv6", "2001:db8:a::80", "fd00:1::10", "tcp/22", .monitored(nil)),
  ]
}
