import Messages

/// The status in lines for people, at most 80 columns wide where words allow it.
enum StatusText {
  /// What `ztb status` prints.
  static func overview(_ status: StatusDocument) -> String {
    let name = status.gateway.isEmpty ? "(no configuration)" : status.gateway
    var lines = [
      row("gateway", name), row("state", "\(status.state) since \(short(status.since))"),
    ]
    if status.activation != "activated" { lines.append(row("activated", activation(status))) }
    if let appliance = status.appliance { lines.append(row("appliance", words(appliance))) }
    if let wan = status.wan { lines += self.wan(wan) }
    if let controller = status.controller { lines.append(row("portal", words(controller))) }
    if let ha = status.ha {
      lines += [row("because", ha.reason), row("peer", peer(ha.peer)), row("link", link(ha.link))]
    }
    if let sync = status.sync { lines.append(row("sync", brief(sync))) }
    if let leases = status.leases { lines.append(row("leases", words(leases))) }
    lines += (status.isolation ?? []).map { row("isolation", words($0)) }
    if let policy = status.policy { lines.append(row("policy", enforced(policy))) }
    lines += alarms(status.alarms)
    lines.append("")
    let width = max(10, 2 + (status.roles.map(\.name.count).max() ?? 0))
    lines.append(padded("role", width) + padded("state", 14) + padded("pid", 9) + "restarts")
    lines += status.roles.map { role in
      padded(role.name, width) + padded(role.state, 14)
        + padded(role.pid.map { String($0) } ?? "-", 9) + String(role.restarts)
    }
    return lines.joined(separator: "\n")
  }

  /// `12 here, 12 at the peer`.
  private static func words(_ leases: LeaseStatus) -> String {
    "\(leases.inUse) here" + (leases.peer.map { ", \($0) at the peer" } ?? "")
  }

  /// `ge2 airgap, cooperative, 12 hosts bound to their addresses`.
  private static func words(_ isolation: IsolationStatus) -> String {
    let holder = isolation.enforced ? "enforced by the switch" : "cooperative"
    let hosts = isolation.hosts == 1 ? "1 host" : "\(isolation.hosts) hosts"
    return "\(isolation.interface) \(isolation.mode), \(holder), \(hosts) bound"
  }

  /// What `ztb leases` prints.
  static func leases(_ leases: [LeaseRecord]) -> String {
    let head = padded("address", 17) + padded("mac", 19) + padded("until", 26) + "name"
    let lines = leases.map { lease in
      padded(lease.address, 17) + padded(lease.mac, 19) + padded(lease.until, 26) + lease.name
    }
    return ([head] + lines).joined(separator: "\n")
  }

  /// What `ztb sync status` prints.
  static func synchronisation(_ sync: SynchronisationStatus) -> String {
    let compared = sync.comparedMsAgo.map { "\(decimal($0)) ms ago" } ?? "never"
    let agreement =
      sync.comparedMsAgo == nil ? "" : sync.digestsAgree ? ": the tables agree" : ": they DIFFER"
    var lines = [
      row("ready", sync.ready ? "yes" : "no: \(sync.reason)"),
      row("direction", sync.direction),
      row("sessions", "\(sync.sessions) here, \(sync.peerSessions) at the peer"),
      row("digest", "\(sync.digest) here, \(sync.peerDigest) at the peer"),
      row("compared", compared + agreement),
      row("lag", "\(decimal(sync.lagMs)) ms, \(sync.queued) changes queued"),
      row("bulk", sync.bulk), row("refused", String(sync.refused)), "",
    ]
    lines.append(padded("kind", 14) + padded("here", 10) + "at the peer")
    lines += sync.matrix.map { kind in
      let peer = kind.peer.map { String($0) } ?? "-"
      let note = kind.note.isEmpty ? "" : padded("", max(1, 12 - peer.count)) + kind.note
      return padded(kind.kind, 14) + padded(String(kind.here), 10) + peer + note
    }
    if !sync.matrix.contains(where: { $0.kind == "leases" }) {
      lines.append(padded("leases", 14) + "none: no LAN has dhcp")
    }
    lines += [""] + sync.notSynchronised.map { "not: \($0)" }
    let counters = sync.counters.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    if !counters.isEmpty { lines.append("") }
    lines += counters.map { padded($0.key, 30) + String($0.value) }
    return lines.joined(separator: "\n")
  }

  // MARK: Parts

  private static func activation(_ status: StatusDocument) -> String {
    guard let progress = status.progress else { return status.activation }
    let step = progress.steps.first { $0.state == .running || $0.state == .failed }
    let place = step.map { " at \($0.number)/\(progress.steps.count) \($0.name)" } ?? ""
    return progress.failure.isEmpty
      ? "in progress\(place)" : "failed\(place): \(progress.failure.joined(separator: "; "))"
  }

  private static func words(_ appliance: ApplianceStatus) -> String {
    let left = appliance.unconfirmedSecondsLeft.map { ", a change reverts in \($0) s" } ?? ""
    return "\(appliance.profile), serial \(appliance.serial), version \(appliance.version)\(left)"
  }

  private static func wan(_ wan: WANStatus) -> [String] {
    let address = wan.carrier ? wan.address ?? "no address yet" : "no link"
    let router = wan.gateway.map { ", router \($0)" } ?? ""
    let lease = wan.leaseSecondsLeft.map { ", lease ends in \($0) s" } ?? ""
    var lines = [row("wan", "\(wan.port) \(wan.settings.mode) \(address)\(router)\(lease)")]
    if let second = wan.subinterface {
      lines.append(row("", "subinterface VLAN \(second.vlan), \(second.address)"))
    }
    if !wan.dns.isEmpty { lines.append(row("dns", wan.dns.joined(separator: " "))) }
    if let proxy = wan.proxy { lines.append(row("proxy", "\(proxy.host):\(proxy.port)")) }
    return lines
  }

  private static func words(_ controller: ControllerStatus) -> String {
    if controller.connected { return "\(controller.url), connected" }
    let seen = controller.lastSeen.isEmpty ? "never" : short(controller.lastSeen)
    return "\(controller.url), NOT CONNECTED, last \(seen): \(controller.reason)"
  }

  static func row(_ name: String, _ value: String) -> String {
    padded(name, 10) + value
  }

  static func peer(_ peer: HAPeer?) -> String {
    guard let peer else { return "never heard of" }
    let seen = peer.seenMsAgo.map { ", heard \(decimal($0)) ms ago" } ?? ""
    let faults = peer.faults.isEmpty ? "" : ", faults: \(peer.faults.joined(separator: "; "))"
    let differs = peer.configurationAgrees ? "" : ", its configuration DIFFERS"
    return "\(peer.state)\(seen), priority \(peer.priority), term \(peer.term)\(differs)\(faults)"
  }

  static func link(_ link: HALinkState) -> String {
    let way = link.direct ? ", direct cable" : link.neighbour.map { ", by \($0)" } ?? ""
    return "carrier \(link.carrier ? "up" : "down"), "
      + "stream \(link.encrypted ? "encrypted" : "down")\(way)"
  }

  private static func brief(_ sync: SynchronisationStatus) -> String {
    let head = sync.ready ? "ready" : "not ready: \(sync.reason)"
    return "\(head), \(sync.sessions) sessions, lag \(decimal(sync.lagMs)) ms"
  }

  private static func enforced(_ policy: EnforcedPolicy) -> String {
    policy.loaded
      ? "version \(policy.version) since \(short(policy.appliedAt))" : "NOT LOADED \(policy.error)"
  }

  private static func alarms(_ alarms: [String]) -> [String] { alarms.map { row("ALARM", $0) } }

  /// A time without its milliseconds.
  private static func short(_ time: String) -> String {
    time.split(separator: ".").first.map { $0.hasSuffix("Z") ? time : "\($0)Z" } ?? time
  }

  /// One digit behind the point.
  static func decimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }
}
