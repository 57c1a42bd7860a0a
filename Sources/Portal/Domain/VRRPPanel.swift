import Configuration
import Wire

/// The VRRP panel of a site: what both gateways of a pair share.
struct VRRPPanel: Hashable {
  /// 1…255, unique on the LAN.
  var groupID: UInt8
  /// In milliseconds: version 3 a multiple of 10, version 2 of 1000.
  var advertIntervalMs: Int
  /// Of the primary; the secondary's is half of it.
  var priority: UInt8
  /// Empty: none.
  var password: String
  /// The LAN port of both gateways.
  var interface: String
  /// Interfaces whose carrier counts.
  var track: [String]
  /// Whether the higher priority takes over from a working active.
  var preempt: Bool
  /// Version of the protocol, 2 or 3.
  var version: UInt8 = 3
  /// How long the primary must have been ready before it takes the role back, in seconds.
  var preemptDelaySeconds = 30
  /// What the loss of a tracked interface costs, where it is not ``defaultWeight``.
  var weights: [String: UInt8] = [:]
  /// Whether adverts without the HMAC trailer are accepted too, with a password and version 3.
  var isPermissive = false
  /// Whether the active gateway answers at the virtual addresses.
  var acceptMode = true
  /// The form of the IPv4 checksum of version 3.
  var checksum = VRRPSettings.Checksum.auto
  /// Paths whose loss counts.
  var checks: [PanelCheck] = []

  /// What the loss of an interface costs when nobody says otherwise.
  static let defaultWeight: UInt8 = 20

  /// The priority of the secondary: lower by itself.
  var secondaryPriority: UInt8 { max(1, priority / 2) }

  /// `enforce` or `permissive`.
  var authMode: String {
    (isPermissive ? VRRPSettings.AuthenticationMode.permissive : .enforce).rawValue
  }

  /// What the loss of a tracked interface costs.
  func weight(of interface: String) -> UInt8 { weights[interface] ?? Self.defaultWeight }
}

/// A path check of the panel.
struct PanelCheck: Hashable {
  /// Unique in the panel.
  var name: String
  var kind: PathCheckSettings.Kind
  /// An address, or a URL for `http`.
  var target: String
  var intervalMs = 1_000
  var timeoutMs = 500
  /// Failures in a row that make it down.
  var fall = 3
  /// Successes in a row that make it up again.
  var rise = 2
  /// What its loss takes from the priority.
  var weight: UInt8 = 20

  /// Most checks of a panel.
  static let limit = 16
}

extension VRRPPanel {
  /// Seconds as people write them, such as `0.02`.
  var advertInterval: String {
    let hundredths = advertIntervalMs / 10
    let fraction = hundredths % 100
    let digits = (fraction < 10 ? "0" : "") + "\(fraction)"
    return "\(hundredths / 100).\(digits)"
  }

  /// What people should know of the password as it is set, one sentence each.
  var notes: [String] {
    guard !password.isEmpty else { return [] }
    if version == 2 {
      return [
        "Version 2 sends the password as plain text: it keeps a misconfigured neighbour out and "
          + "protects from nobody who listens."
      ]
    }
    let mode = isPermissive ? "accepted while the other router is being changed" : "refused"
    return [
      "Every advert of version 3 carries an HMAC trailer keyed by the password; adverts without "
        + "one are \(mode)."
    ]
  }

  /// The panel of a new pair: a group that no other pair on the same LAN has.
  static func preset(
    platform: String, number: Int64, lan: IPv4Prefix?,
    others: [(group: UInt8, lan: IPv4Prefix)]
  ) -> VRRPPanel {
    let profile = Profile(named: platform)
    let taken = Set(
      others.filter { entry in lan.map { entry.lan.overlaps($0.network) } ?? false }
        .map(\.group))
    let first = UInt8((number - 1) % 255 + 1)
    let candidates = Array(first...255) + Array(1..<first)
    let ports = profile.map { DocumentGenerator.Ports($0, .standardModeHA, nil, nil) }
    return VRRPPanel(
      groupID: candidates.first { !taken.contains($0) } ?? first,
      advertIntervalMs: profile?.defaultAdvertIntervalMs ?? 20, priority: 200, password: "",
      interface: ports?.lan ?? "", track: ports.map { [$0.lan, $0.wan] } ?? [], preempt: false)
  }
}
