/// Where a gateway is, in the portal's words.
public enum GatewayState: String, Hashable, Sendable, CaseIterable {
  /// Not activated, or silent.
  case disconnected = "Disconnected"
  /// The code was accepted; the configuration is on its way.
  case initializing = "Initializing"
  /// The configuration is checked; services are starting.
  case postUpdate = "Post-update"
  /// Starting again, after a reboot or an update.
  case restarting = "Restarting"
  /// Alone, and working.
  case standalone = "Standalone"
  /// The one of a pair that forwards.
  case active = "Active"
  /// The one of a pair that stands ready.
  case standby = "Standby"
  /// Not healthy.
  case fault = "Fault"
  /// Left the pair for maintenance.
  case suspended = "Suspended"

  /// The state that a status document names in lower case (`post-update`, `active` …).
  public init?(reported word: String) {
    guard let state = Self.allCases.first(where: { $0.rawValue.lowercased() == word }) else {
      return nil
    }
    self = state
  }

  /// Whether a gateway in this state does what it was bought for.
  public var isServing: Bool {
    switch self {
    case .standalone, .active, .standby: true
    case .disconnected, .initializing, .postUpdate, .restarting, .fault, .suspended: false
    }
  }
}
