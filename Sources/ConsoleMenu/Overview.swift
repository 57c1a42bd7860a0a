import Messages

/// What the supervisor last said of the gateway.
struct Overview {
  /// What the appliance is.
  var appliance: ApplianceStatus?
  /// How far its activation is.
  var activation: ActivationStatus?
  /// The WAN.
  var wan: WANStatus?
  /// The portal.
  var controller: ControllerStatus?
  /// Everything else.
  var status: StatusDocument?

  /// Nothing is known.
  init() {}

  /// Takes the parts of an answer to `overview`.
  init(_ answer: ControlAnswer) {
    appliance = answer.appliance
    activation = answer.activation
    wan = answer.wan
    controller = answer.controller
    status = answer.status
  }

  /// Whether the gateway is activated.
  var isActivated: Bool { activation?.state == .activated }
  /// Whether an activation is under way and has not failed. One that failed may be tried again by
  /// itself; whoever has another code need not wait for it.
  var isActivating: Bool { activation?.state == .inProgress && activation?.failure.isEmpty == true }
  /// Whether a change of the network waits for its confirmation.
  var hasUnconfirmedChange: Bool { appliance?.unconfirmedSecondsLeft != nil }
  /// The name of the WAN port.
  var port: String { wan?.port ?? "WAN" }

  /// The name that the portal gave; empty before.
  var name: String {
    if let name = activation?.gateway, !name.isEmpty { return name }
    return isActivated ? status?.gateway ?? "" : ""
  }

  /// `-`, `Active`, `Standby` and so on.
  var role: String {
    guard let status, status.ha != nil else { return "-" }
    return status.state.prefix(1).uppercased() + status.state.dropFirst()
  }
}

extension ActivationStatus {
  /// Whether it came to a halt.
  var hasFailed: Bool { !failure.isEmpty && !steps.contains { $0.state == .running } }
  /// Steps that need no more work.
  var stepsPassed: Int { steps.filter { $0.state == .done || $0.state == .skipped }.count }
}
