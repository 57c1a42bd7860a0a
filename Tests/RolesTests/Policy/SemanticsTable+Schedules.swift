extension SemanticsTable {
  /// One policy at different times, around both changes of clocks: the zone is one hour ahead of UTC in
  /// winter and two in summer.
  static let schedules = [
    scheduled("a Tuesday at ten", "2026-11-24T10:00:00+01:00", isOffice: true, isNight: false),
    scheduled(
      "a second before it opens", "2026-11-24T06:59:59+01:00", isOffice: false, isNight: false),
    scheduled("when it opens", "2026-11-24T07:00:00+01:00", isOffice: true, isNight: false),
    scheduled("when it ends", "2026-11-24T19:00:00+01:00", isOffice: false, isNight: false),
    scheduled("a Saturday", "2026-11-28T10:00:00+01:00", isOffice: false, isNight: false),
    scheduled("Saturday night", "2026-11-28T23:00:00+01:00", isOffice: false, isNight: true),
    scheduled(
      "Sunday, before the clocks go forward", "2026-03-29T01:59:59+01:00", isOffice: false,
      isNight: true),
    scheduled(
      "Sunday, when they have", "2026-03-29T03:00:00+02:00", isOffice: false, isNight: false),
    scheduled("Monday in summer", "2026-03-30T07:00:00+02:00", isOffice: true, isNight: false),
    scheduled(
      "Sunday, the first half past two", "2026-10-25T02:29:59+02:00", isOffice: false,
      isNight: true),
    scheduled(
      "Sunday, half past two is over", "2026-10-25T02:45:00+02:00", isOffice: false,
      isNight: false),
    scheduled(
      "Sunday, two o'clock again", "2026-10-25T02:15:00+01:00", isOffice: false,
      isNight: true),
    scheduled("Monday in winter", "2026-10-26T06:59:59+01:00", isOffice: false, isNight: false),
  ]

  private static func scheduled(
    _ name: String, _ time: String, isOffice: Bool, isNight: Bool
  ) -> SemanticsTable {
    SemanticsTable(
      name: "schedules, \(name)",
      policy: """
        "services": {"web": [{"proto": "tcp", "ports": ["443"]}],
                     "copy": [{"proto": "tcp", "ports": ["873"]}],
                     "mail": [{"proto": "tcp", "ports": ["25"]}]},
        "schedules": {"office": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "07:00",
                                 "to": "19:00", "timeZone": "Europe/Paris"},
                      "night":  {"days": ["sat"], "from": "22:00", "to": "02:30",
                                 "timeZone": "Europe/Paris"}},
        "rules": [
          {"id": "web", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "web",
           "schedule": "office"},
          {"id": "copy", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "copy",
           "schedule": "night"},
          {"id": "mail", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "mail"},
          {"id": "no-mail", "tier": "deny", "from": ["lan"], "to": ["wan"], "service": "mail",
           "schedule": "night"}]
        """,
      cases: [
        Case(
          "web", "10.1.0.10", "192.0.2.80", "tcp/443", isOffice ? .allowed("web") : .deniedByDefault
        ),
        Case(
          "web, IPv6", "fd00:1::10", "2001:db8:a::80", "tcp/443",
          isOffice ? .allowed("web") : .deniedByDefault),
        Case(
          "copy", "10.1.0.10", "192.0.2.80", "tcp/873",
          isNight ? .allowed("copy") : .deniedByDefault),
        Case(
          "mail, IPv6", "fd00:1::10", "2001:db8:a::80", "tcp/25",
          isNight ? .denied("no-mail") : .allowed("mail")),
      ], time: time)
  }
}
