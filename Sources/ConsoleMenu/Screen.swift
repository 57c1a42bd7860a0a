import Messages

/// The main screen: who the gateway is and how it is, above the menu.
enum Screen {
  /// The lines above the main menu.
  static func header(_ overview: Overview) -> [String] {
    let appliance = overview.appliance
    let name = overview.name.isEmpty ? "unnamed" : overview.name
    var lines = [
      "ZT Branch \(appliance?.version ?? Product.version)   \(name)"
        + "   serial \(appliance?.serial ?? "-")",
      "Activation: \(activation(overview))      HA: \(overview.role)",
    ]
    if let wan = overview.wan { lines.append("WAN \(wan.port): \(address(wan))") }
    if let next = nextStep(overview) { lines.append(next) }
    if let count = overview.status?.alarms.count, count > 0 {
      lines.append("\(count) \(count == 1 ? "alarm" : "alarms"): see 5, Status")
    }
    if let seconds = appliance?.unconfirmedSecondsLeft {
      lines.append("A change of the network reverts in \(seconds) s unless confirmed: c")
    }
    return lines
  }

  /// The items of a menu, numbers aligned.
  static func items(_ menu: Menu, _ overview: Overview) -> [String] {
    let items = menu.items(overview)
    let width = items.map(\.key.utf8.count).max() ?? 1
    return items.map { item in
      String(repeating: " ", count: width - item.key.utf8.count) + "\(item.key) \(item.label)"
    }
  }

  /// `Not activated`, `In progress 4/9`, `Failed at 5/9`, `Activated`.
  static func activation(_ overview: Overview) -> String {
    guard let activation = overview.activation else { return "unknown" }
    let total = max(activation.steps.count, 1)
    switch activation.state {
    case .activated: return "Activated"
    case .unactivated: return "Not activated"
    case .inProgress:
      let failed = activation.steps.first { $0.state == .failed }
      return activation.hasFailed
        ? "Failed at \(failed?.number ?? activation.stepsPassed)/\(total)"
        : "In progress \(activation.stepsPassed)/\(total)"
    }
  }

  /// The WAN in a few words.
  static func address(_ wan: WANStatus) -> String {
    let mode = wan.settings.mode == "static" ? "static" : "DHCP"
    let tag = wan.settings.vlan.map { ", VLAN \($0)" } ?? ""
    if wan.isConfigured == false { return "not configured" }
    if !wan.carrier { return "\(mode)\(tag), no link: check the cable" }
    return "\(mode)\(tag), \(wan.address ?? "no address yet")"
  }

  private static func nextStep(_ overview: Overview) -> String? {
    guard overview.activation?.state == .unactivated else { return nil }
    if overview.wan?.isConfigured == false { return "Next: configure the network: 2, then 1" }
    return "Next: enter the activation code: 1, then 1"
  }
}

/// `Status`: everything that matters, one line each.
enum StatusScreen {
  /// What the person at the console reads.
  static func lines(_ overview: Overview) -> [String] {
    appliance(overview) + outside(overview) + pair(overview) + inside(overview)
  }

  private static func row(_ name: String, _ value: String) -> String {
    ConsoleText.padded(name, 12) + value
  }

  private static func appliance(_ overview: Overview) -> [String] {
    let name = overview.name.isEmpty ? "unnamed" : overview.name
    var lines: [String] = []
    if let appliance = overview.appliance {
      lines.append(
        row(
          "Gateway",
          "\(name), \(appliance.profile), serial \(appliance.serial), version \(appliance.version)"
        ))
    }
    lines.append(row("Activation", Screen.activation(overview)))
    if let status = overview.status {
      lines.append(row("State", "\(status.state) since \(short(status.since))"))
    }
    return lines
  }

  private static func outside(_ overview: Overview) -> [String] {
    var lines: [String] = []
    if let wan = overview.wan {
      let router = wan.gateway.map { ", router \($0)" } ?? ""
      let lease = wan.leaseSecondsLeft.map { ", lease ends in \($0) s" } ?? ""
      lines.append(row("WAN", "\(wan.port) \(Screen.address(wan))\(router)\(lease)"))
      if let second = wan.subinterface {
        lines.append(row("", "subinterface VLAN \(second.vlan), \(second.address)"))
      }
      lines.append(row("DNS", wan.dns.isEmpty ? "none" : wan.dns.joined(separator: " ")))
      if let proxy = wan.proxy {
        let user = proxy.user.map { ", user \($0)" } ?? ""
        lines.append(row("Proxy", "\(proxy.host):\(proxy.port)\(user)"))
      }
    }
    if let controller = overview.controller {
      let seen = controller.lastSeen.isEmpty ? "never" : short(controller.lastSeen)
      lines.append(
        row(
          "Portal",
          controller.connected
            ? "\(controller.url) connected"
            : "\(controller.url) NOT CONNECTED, last \(seen): \(controller.reason)"))
    }
    return lines
  }

  private static func pair(_ overview: Overview) -> [String] {
    guard let status = overview.status, let ha = status.ha else { return [] }
    var lines = [row("HA", "\(ha.role): \(ha.reason)")]
    if let peer = ha.peer {
      let differs = peer.configurationAgrees ? "" : ", its configuration DIFFERS"
      let faults = peer.faults.isEmpty ? "" : ", faults: \(peer.faults.joined(separator: "; "))"
      lines.append(row("Peer", "\(peer.state), priority \(peer.priority)\(differs)\(faults)"))
    } else {
      lines.append(row("Peer", "never heard of"))
    }
    let stream = ha.link.encrypted ? "encrypted" : "down"
    let way = ha.link.direct ? ", direct cable" : ha.link.neighbour.map { ", by \($0)" } ?? ""
    lines.append(
      row("HA link", "carrier \(ha.link.carrier ? "up" : "DOWN"), stream \(stream)\(way)"))
    lines += rank(ha) + checks(ha)
    if let sync = status.sync {
      lines.append(
        row(
          "Sync",
          (sync.ready ? "ready" : "NOT READY: \(sync.reason)") + ", \(sync.sessions) sessions"))
    }
    return lines
  }

  private static func rank(_ ha: HAStatus) -> [String] {
    guard let rank = ha.rank else { return [] }
    let causes = rank.causes.isEmpty ? "" : ": \(rank.causes.joined(separator: "; "))"
    let demotion = rank.demotion == 0 ? "" : ", demoted by \(rank.demotion)\(causes)"
    let held = rank.heldMs.map { ", HELD BACK for \(Int($0 / 1_000) + 1) s" } ?? ""
    return [row("Priority", "\(rank.effective)\(demotion)\(held)")]
  }

  private static func checks(_ ha: HAStatus) -> [String] {
    (ha.checks ?? []).enumerated().map { index, check in
      row(
        index == 0 ? "Checks" : "",
        "\(check.name) \(check.isUp ? "up" : "DOWN"), \(check.target): \(check.text)")
    }
  }

  private static func inside(_ overview: Overview) -> [String] {
    guard let status = overview.status else { return [] }
    var lines: [String] = []
    if let policy = status.policy {
      lines.append(
        row("Policy", policy.loaded ? "version \(policy.version)" : "NOT LOADED: \(policy.error)"))
    }
    let roles = status.roles.map { role in
      role.state == "running" && role.restarts == 0
        ? role.name : "\(role.name) (\(role.state), restarts \(role.restarts))"
    }
    lines.append(row("Roles", roles.isEmpty ? "none" : roles.joined(separator: ", ")))
    let alarms = status.alarms.isEmpty ? ["none"] : status.alarms
    return lines + alarms.enumerated().map { row($0.offset == 0 ? "Alarms" : "", $0.element) }
  }

  /// A time without its milliseconds.
  private static func short(_ time: String) -> String {
    time.split(separator: ".").first.map { $0.hasSuffix("Z") ? String($0) : "\($0)Z" } ?? time
  }
}
