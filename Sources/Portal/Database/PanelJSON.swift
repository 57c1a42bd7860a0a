import Configuration
import JSON

/// The VRRP panel of a site as it is kept. A member that an earlier version did not write has its
/// usual value.
extension SiteJSON {
  static func text(_ panel: VRRPPanel?) -> String {
    guard let panel else { return "" }
    return object([
      "group": .integer(panel.groupID), "interval": .integer(panel.advertIntervalMs),
      "priority": .integer(panel.priority), "password": .string(panel.password),
      "interface": .string(panel.interface), "track": .texts(panel.track),
      "preempt": .bool(panel.preempt), "version": .integer(panel.version),
      "preemptDelay": .integer(panel.preemptDelaySeconds), "weights": weights(panel),
      "permissive": .bool(panel.isPermissive), "accept": .bool(panel.acceptMode),
      "checksum": .string(panel.checksum.rawValue), "checks": checks(panel),
    ])
  }

  static func panel(_ text: String) -> VRRPPanel? {
    guard let value = parse(text), let group = value["group"]?.integer,
      let interval = value["interval"]?.integer, let priority = value["priority"]?.integer
    else { return nil }
    var panel = VRRPPanel(
      groupID: UInt8(clamping: group), advertIntervalMs: Int(interval),
      priority: UInt8(clamping: priority), password: value["password"]?.string ?? "",
      interface: value["interface"]?.string ?? "",
      track: value["track"]?.array?.compactMap(\.string) ?? [],
      preempt: value["preempt"]?.bool ?? false)
    if let version = value["version"]?.integer { panel.version = UInt8(clamping: version) }
    if let delay = value["preemptDelay"]?.integer { panel.preemptDelaySeconds = Int(delay) }
    for member in value["weights"]?.members ?? [] {
      panel.weights[member.key] = member.value.integer.map { UInt8(clamping: $0) }
    }
    panel.isPermissive = value["permissive"]?.bool ?? false
    panel.acceptMode = value["accept"]?.bool ?? true
    panel.checksum = value["checksum"]?.string.flatMap { .init(rawValue: $0) } ?? .auto
    panel.checks = (value["checks"]?.array ?? []).compactMap(check)
    return panel
  }

  /// By name of the interface; for the database, backups and REST.
  static func weights(_ panel: VRRPPanel) -> JSONValue {
    .object(
      panel.weights.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) })
  }

  /// Every check with every value; the same.
  static func checks(_ panel: VRRPPanel) -> JSONValue {
    .array(
      panel.checks.map { check in
        .of([
          "name": .string(check.name), "kind": .string(check.kind.rawValue),
          "target": .string(check.target), "intervalMs": .integer(check.intervalMs),
          "timeoutMs": .integer(check.timeoutMs), "fall": .integer(check.fall),
          "rise": .integer(check.rise), "weight": .integer(check.weight),
        ])
      })
  }

  private static func check(_ value: JSONValue) -> PanelCheck? {
    guard let name = value["name"]?.string, let target = value["target"]?.string,
      let kind = value["kind"]?.string.flatMap({ PathCheckSettings.Kind(rawValue: $0) })
    else { return nil }
    var check = PanelCheck(name: name, kind: kind, target: target)
    if let number = value["intervalMs"]?.integer { check.intervalMs = Int(number) }
    if let number = value["timeoutMs"]?.integer { check.timeoutMs = Int(number) }
    if let number = value["fall"]?.integer { check.fall = Int(number) }
    if let number = value["rise"]?.integer { check.rise = Int(number) }
    if let number = value["weight"]?.integer { check.weight = UInt8(clamping: number) }
    return check
  }
}
