import Activation

extension GatewayState {
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
