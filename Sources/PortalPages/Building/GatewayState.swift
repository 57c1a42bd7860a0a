/// The states of a gateway, as the portal names them.
public enum GatewayState: String, CaseIterable, Sendable {
  /// No contact: not activated, or silent.
  case disconnected = "Disconnected"
  /// The code was accepted; the configuration is being verified.
  case initializing = "Initializing"
  /// The configuration was verified and is being applied.
  case postUpdate = "Post-update"
  /// Reboot or update.
  case restarting = "Restarting"
  /// Works alone.
  case standalone = "Standalone"
  /// The one of a pair that forwards.
  case active = "Active"
  /// The one of a pair that waits.
  case standby = "Standby"
  /// Cannot do its work.
  case fault = "Fault"
  /// Taken out of service by a person.
  case suspended = "Suspended"

  /// Colour and shape differ, so that neither alone has to be seen.
  private var look: (tone: String, shape: String) {
    switch self {
    case .active, .standalone: ("good", "M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10")
    case .standby: ("info ring", "M8 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8")
    case .initializing, .postUpdate, .restarting: ("busy ring", "M8 4a4 4 0 1 0 4 4")
    case .fault: ("bad", "M8 3l5.5 10h-11z")
    case .suspended: ("warn", "M4.5 4h2.5v8h-2.5zM9 4h2.5v8h-2.5z")
    case .disconnected: ("idle ring", "M4 8h8")
    }
  }

  /// The state with its mark.
  var badge: Markup {
    """
    <span class="state \(look.tone)"><svg viewBox="0 0 16 16" width="14" height="14" \
    aria-hidden="true" focusable="false"><path d="\(look.shape)"/></svg>\(rawValue)</span>
    """
  }
}
