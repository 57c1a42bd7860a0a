import Messages

/// Whoever asked for something and waits for the answer.
enum ControlClient: Hashable {
  /// A client of the control socket.
  case socket(ControlServer.ClientNumber)
  /// The hook of the DHCP client, by the control socket.
  case leaseHook(ControlServer.ClientNumber)
  /// A role of the household, by its own number for the request.
  case panel(Household.Name, UInt32)
  /// The portal, with a version of the configuration document.
  case portalDocument(UInt64)
  /// The portal, with a command.
  case portalCommand(String)
  /// The other node, with the number of a policy for both.
  case peer(UInt64)
  /// The activation by a link, with the network settings of the link.
  case activation
  /// An appliance that is about to restart into other software.
  case departure
  /// The supervisor; the answer goes to the log.
  case itself

  /// Whether it came by the control socket and is user 0.
  var isSocket: Bool { if case .socket = self { true } else { false } }

  /// Whether it is the hook of the DHCP client.
  var isLeaseHook: Bool { if case .leaseHook = self { true } else { false } }

  /// What a client may ask for. The activation page is open to whoever holds a cable; the console
  /// asks for a password by itself, but has no business with documents and leases.
  func may(_ verb: ControlRequest.Verb) -> Bool {
    switch self {
    case .socket, .peer, .portalDocument, .portalCommand, .activation, .departure, .itself:
      return true
    case .leaseHook: return verb == .lease
    case .panel(.web, _):
      let allowed: Set<ControlRequest.Verb> = [
        .overview, .activate, .activateRetry, .networkConfigure, .proxyConfigure,
      ]
      return allowed.contains(verb)
    case .panel:
      return ![.lease, .configApply, .policyApply, .policyTrace, .configShow].contains(verb)
    }
  }
}
