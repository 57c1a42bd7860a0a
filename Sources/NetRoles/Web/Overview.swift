import Messages

/// The picture of the appliance that every page is made from.
struct Overview {
  /// What the appliance is.
  let appliance: ApplianceStatus
  /// How far its activation is.
  let activation: ActivationStatus
  /// The WAN; nil before it is known.
  let wan: WANStatus?
  /// The gateway.
  let status: StatusDocument?
  /// The portal.
  let controller: ControllerStatus?

  /// Reads an answer to `overview`; nil when it lacks what every page needs.
  init?(_ answer: ControlAnswer) {
    guard answer.done, let appliance = answer.appliance, let activation = answer.activation else {
      return nil
    }
    self.appliance = appliance
    self.activation = activation
    wan = answer.wan
    status = answer.status
    controller = answer.controller
  }

  /// Whether an activation is on its way, so that another cannot begin.
  var isRunning: Bool { activation.state == .inProgress && activation.failure.isEmpty }

  /// Whether there is an activation to look at.
  var hasSteps: Bool { !activation.steps.isEmpty }
}
