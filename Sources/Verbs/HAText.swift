import Messages

/// The pair in lines for people.
enum HAText {
  /// What `ztb ha status` prints.
  static func pair(_ ha: HAStatus) -> String {
    var lines = [
      row("role", ha.role), row("because", ha.reason), row("term", String(ha.term)),
    ]
    if let rank = ha.rank { lines += words(rank) }
    lines += [
      row("peer", StatusText.peer(ha.peer)), row("link", StatusText.link(ha.link)),
      row(
        "heartbeat",
        "\(ha.link.heartbeatsSent) sent, \(ha.link.heartbeatsReceived) received"
          + refused(ha.link.heartbeatsDropped ?? [:])),
    ]
    lines += (ha.checks ?? []).enumerated().map { index, check in
      row(
        index == 0 ? "checks" : "",
        "\(check.name) \(check.isUp ? "up" : "DOWN") (\(check.target), weight \(check.weight)): "
          + check.text)
    }
    lines += [""] + routers(ha.vrrp)
    let advice = ha.advice ?? []
    if !advice.isEmpty { lines.append("") }
    for entry in advice { lines += [row("WRONG", entry.problem), row("remedy", entry.remedy)] }
    return lines.joined(separator: "\n")
  }

  /// What `ztb ha drill` prints.
  static func drill(_ report: DrillReport) -> String {
    ([report.verdict]
      + report.steps.map { step in
        step.figures.isEmpty ? step.text : "\(step.text): \(step.figures) (\(step.by))"
      }).joined(separator: "\n")
  }

  // MARK: Parts

  private static func words(_ rank: HARank) -> [String] {
    let demotion = rank.demotion == 0 ? "" : " = \(rank.priority) less \(rank.demotion)"
    var lines = [row("priority", "\(rank.effective)\(demotion)")]
    lines += rank.causes.map { row("", "demoted by \($0)") }
    if let held = rank.heldMs {
      lines.append(row("", "held back by the flap limiter for \(Int(held / 1_000) + 1) s"))
    }
    return lines
  }

  private static func routers(_ routers: [VirtualRouterStatus]) -> [String] {
    let head =
      padded("port", 10) + padded("vrid", 6) + padded("family", 8) + padded("state", 12)
      + padded("interval", 10) + padded("link", 6) + padded("sent", 10) + padded("received", 10)
      + "refused"
    return [head] + routers.flatMap(words)
  }

  private static func words(_ router: VirtualRouterStatus) -> [String] {
    var lines = [
      padded(router.port, 10) + padded(String(router.groupId), 6)
        + padded(router.family ?? "IPv4", 8) + padded(router.state, 12)
        + padded("\(router.advertIntervalMs) ms", 10) + padded(router.carrier ? "up" : "DOWN", 6)
        + padded(String(router.advertsSent), 10) + padded(String(router.advertsReceived), 10)
        + String(router.advertsDropped.values.reduce(0, +))
    ]
    if let addresses = router.addresses, !addresses.isEmpty {
      lines.append("  " + addresses.joined(separator: ", "))
    }
    lines += counts(router.advertsDropped).map { "  refused \($0)" }
    return lines
  }

  private static func refused(_ counters: [String: UInt64]) -> String {
    let words = counts(counters)
    return words.isEmpty ? "" : ", refused \(words.joined(separator: ", "))"
  }

  /// `3 bad-checksum`, the largest first.
  private static func counts(_ counters: [String: UInt64]) -> [String] {
    counters.filter { $0.value > 0 }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.value) \($0.key)" }
  }

  private static func row(_ name: String, _ value: String) -> String {
    StatusText.row(name, value)
  }
}
