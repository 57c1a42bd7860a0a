import Configuration
import Wire

/// The VRRP panel as it was typed, nothing checked. Nil: as it is.
struct VRRPInput: Hashable {
  var virtualRouterID: Int64?
  /// Seconds, such as `0.02`.
  var advertInterval: String?
  var priority: Int64?
  /// The LAN virtual address.
  var virtualIP: String?
  var password: String?
  /// LAN port by name of a gateway.
  var interfaces: [String: String] = [:]
  /// Tracked interfaces by name of a gateway.
  var track: [String: [String]] = [:]
  var version: Int64?
  var preempt: Bool?
  /// Seconds.
  var preemptDelay: Int64?
  /// What the loss of an interface costs, by its name.
  var weights: [String: Int64] = [:]
  var acceptMode: Bool?
  /// `enforce` or `permissive`.
  var authMode: String?
  /// `auto`, `rfc9568` or `rfc5798`.
  var checksum: String?
  /// All checks of the panel; nil: as they are.
  var checks: [CheckInput]?

  /// The panel of a site after this change; throws every problem at once.
  ///
  /// - Parameter others: group identifiers of other sites, with their LANs.
  func checked(
    _ site: Site, _ gateways: [Gateway], others: [(group: UInt8, lan: IPv4Prefix)]
  ) throws(PortalError) -> VRRPPanel {
    guard var panel = site.vrrp else {
      throw .conflict("\(site.name) has one gateway; only a pair has a VRRP panel.")
    }
    var check = Checker()
    setNumbers(&panel, &check)
    if let group = virtualRouterID.flatMap({ UInt8(exactly: $0) }), let lan = site.lanVirtualIP,
      others.contains(where: { $0.group == group && $0.lan.overlaps(lan.network) })
    {
      check.add("virtual_router_id", "\(group) is used by another pair on the same LAN")
    }
    setPassword(&panel, &check)
    setInterface(&panel, gateways, &check)
    setTrack(&panel, gateways, &check)
    setWeights(&panel, &check)
    if let checks { panel.checks = CheckInput.checked(checks, &check) }
    try check.finish()
    return panel
  }

  private func setNumbers(_ panel: inout VRRPPanel, _ check: inout Checker) {
    if let version {
      if version == 2 || version == 3 {
        panel.version = UInt8(version)
      } else {
        check.add("version", "\(version) is not 2 or 3")
      }
    }
    if let virtualRouterID {
      if (1...255).contains(virtualRouterID) {
        panel.groupID = UInt8(virtualRouterID)
      } else {
        check.add("virtual_router_id", "\(virtualRouterID) is not in 1…255")
      }
    }
    if let priority {
      if (2...254).contains(priority) {
        panel.priority = UInt8(priority)
      } else {
        check.add("priority", "\(priority) is not in 2…254")
      }
    }
    setInterval(&panel, &check)
    if let preempt { panel.preempt = preempt }
    if let preemptDelay {
      if (0...3_600).contains(preemptDelay) {
        panel.preemptDelaySeconds = Int(preemptDelay)
      } else {
        check.add("preempt_delay", "\(preemptDelay) is not in 0…3600 seconds")
      }
    }
    if let acceptMode { panel.acceptMode = acceptMode }
    if let checksum {
      if let form = VRRPSettings.Checksum(rawValue: checksum) {
        panel.checksum = form
      } else {
        check.add("checksum", "'\(checksum)' is not auto, rfc9568 or rfc5798")
      }
    }
    if panel.version == 2 && panel.checksum != .auto {
      check.add("checksum", "version 2 has one form only; choose auto")
    }
  }

  /// RFC 9568 5.2.7 (centiseconds, 12 bits); RFC 3768 5.3.7 (seconds, 8 bits).
  private func setInterval(_ panel: inout VRRPPanel, _ check: inout Checker) {
    guard let advertInterval else {
      if panel.version == 2 && panel.advertIntervalMs % 1_000 != 0 {
        check.add("advert_int", "version 2 needs whole seconds; choose 1 to 255")
      }
      return
    }
    if panel.version == 2 {
      if let seconds = Self.seconds(advertInterval) {
        panel.advertIntervalMs = seconds * 1_000
      } else {
        check.add("advert_int", "'\(advertInterval)' is not in 1…255 whole seconds, for version 2")
      }
    } else if let centiseconds = Self.centiseconds(advertInterval) {
      panel.advertIntervalMs = centiseconds * 10
    } else {
      check.add("advert_int", "'\(advertInterval)' is not in 0.01…40.95 seconds")
    }
  }

  private func setPassword(_ panel: inout VRRPPanel, _ check: inout Checker) {
    if let password {
      let isFit =
        password.utf8.count <= 8 && password.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
      if !isFit {
        check.add("authentication_password", "must be at most 8 printable ASCII characters")
      }
      panel.password = password
    }
    guard let authMode else { return }
    if let mode = VRRPSettings.AuthenticationMode(rawValue: authMode) {
      panel.isPermissive = mode == .permissive
    } else {
      check.add("auth_mode", "'\(authMode)' is not enforce or permissive")
    }
  }

  private func setWeights(_ panel: inout VRRPPanel, _ check: inout Checker) {
    for (name, weight) in weights.sorted(by: { $0.key < $1.key }) {
      let path = "track_weight.\(name)"
      if !panel.track.contains(name) {
        // Of an interface that is not tracked any more.
        panel.weights[name] = nil
      } else if let fit = UInt8(exactly: weight), (1...254).contains(fit) {
        panel.weights[name] = fit == VRRPPanel.defaultWeight ? nil : fit
      } else {
        check.add(path, "\(weight) is not in 1…254")
      }
    }
  }

  private func setInterface(
    _ panel: inout VRRPPanel, _ gateways: [Gateway], _ check: inout Checker
  ) {
    for (name, port) in interfaces.sorted(by: { $0.key < $1.key }) {
      let path = "vrrp_interface.\(name)"
      guard let gateway = gateways.first(where: { $0.name == name }) else {
        check.add(path, "'\(name)' is no gateway of this site")
        continue
      }
      let ports = Profile(named: gateway.platform)?.ports(.lan, in: .standardModeHA) ?? []
      guard ports.contains(port) else {
        check.add(path, "'\(port)' is not a LAN port of \(name) (\(ports.joined(separator: ", ")))")
        continue
      }
      panel.interface = port
    }
    if Set(interfaces.values).count > 1 {
      check.add("vrrp_interface", "both nodes use the same port")
    }
  }

  private func setTrack(
    _ panel: inout VRRPPanel, _ gateways: [Gateway], _ check: inout Checker
  ) {
    var sets: Set<Set<String>> = []
    for (name, ports) in track.sorted(by: { $0.key < $1.key }) {
      let path = "track_interface.\(name)"
      guard let gateway = gateways.first(where: { $0.name == name }),
        let profile = Profile(named: gateway.platform)
      else {
        check.add(path, "'\(name)' is no gateway of this site")
        continue
      }
      let names = DocumentGenerator.Ports(profile, .standardModeHA, panel, gateway.wanVLAN)
      let allowed = [names.lan, names.wan]
      for port in ports where !allowed.contains(port) {
        let roles = profile.port(port)?.roles
        let reason =
          roles?.contains(.management) == true
          ? "the management port is never tracked"
          : roles?.contains(.ha) == true
            ? "the HA port is never tracked"
            : "is not in use here (\(allowed.joined(separator: ", ")))"
        check.add(path, "'\(port)': \(reason)")
      }
      sets.insert(Set(ports))
      panel.track = allowed.filter { ports.contains($0) }
    }
    if sets.count > 1 {
      check.add("track_interface", "both nodes track the same interfaces")
    }
  }

  /// Whole seconds, 1…255 (RFC 3768 5.3.7), also as `1.00`; nil for anything else.
  static func seconds(_ text: String) -> Int? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let isWhole = parts.count == 1 || !parts[1].isEmpty && parts[1].allSatisfy { $0 == "0" }
    guard isWhole, let number = Int(parts[0]), (1...255).contains(number),
      parts[0].utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return number
  }

  /// Hundredths of a second, 1…4095 (RFC 9568 5.2.7); nil for anything else.
  static func centiseconds(_ text: String) -> Int? {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard text.utf8.allSatisfy({ digits.contains($0) || $0 == UInt8(ascii: ".") }) else {
      return nil
    }
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = Int(parts[0]), whole < 100 else { return nil }
    var fraction = 0
    if parts.count == 2 {
      let digits = parts[1].utf8.count < 2 ? parts[1] + "0" : parts[1]
      guard digits.utf8.count == 2, let value = Int(digits) else { return nil }
      fraction = value
    }
    let result = whole * 100 + fraction
    return (1...4095).contains(result) ? result : nil
  }
}
