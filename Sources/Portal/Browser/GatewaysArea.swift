import HTTP
import PortalPages

/// What is done to one gateway. Everything is asked once more.
struct GatewaysArea {
  let visit: Visit

  private var service: PortalService { visit.service }

  func answer(_ way: ArraySlice<String>) throws(PortalError) -> HTTPResponse {
    guard way.count == 2, let id = way.first, let verb = way.last else { throw Visit.noPage }
    try visit.user.require(.view)
    let gateway = try service.gateways.find(id)
    let site = Paths.site("\(gateway.siteID)")
    switch verb {
    case "rotate": return try rotate(gateway, site)
    case "replace": return try replace(gateway, site)
    case "factory-reset": return try factoryReset(gateway, site)
    case "restart": return try restart(gateway, site)
    case "suspend": return try suspend(gateway, site)
    case "resume": return try resume(gateway, site)
    default: throw Visit.noPage
    }
  }

  private func rotate(_ gateway: Gateway, _ site: String) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Rotate the activation code of \(gateway.name)?",
      effects: [
        "The code and link that were shown or sent stop working at once.",
        "A new code and link appear, valid for 14 days.",
      ], typed: nil, button: "Rotate code", back: site)
    return try visit.ask(question, .activate) { () throws(PortalError) in
      _ = try service.rotateActivationCode(gateway.id, by: visit.user)
      return visit.done(site, "\(gateway.name) has a new code and link.")
    }
  }

  private func replace(_ gateway: Gateway, _ site: String) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Replace \(gateway.name)?",
      effects: [
        "The appliance \(gateway.serial) loses its certificate and may not contact the portal.",
        "A new code and link appear, with which another appliance takes its place.",
        "The other gateway of a pair goes on working.",
      ], typed: gateway.name, button: "Replace gateway", back: site)
    return try visit.ask(question, .activate) { () throws(PortalError) in
      _ = try service.replaceGateway(gateway.id, by: visit.user)
      return visit.done(site, "\(gateway.name) waits for another appliance; its code is below.")
    }
  }

  private func factoryReset(
    _ gateway: Gateway, _ site: String
  ) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Reset \(gateway.name) to factory settings?",
      effects: [
        "The appliance forgets its configuration, certificate and passwords, and restarts.",
        "It then has to be activated again, with a new code.",
        "One that is silent is not reset itself: only its certificate ends.",
      ], typed: gateway.name, button: "Factory reset", back: site)
    return try visit.ask(question, .activate) { () throws(PortalError) in
      try service.factoryReset(gateway.id, by: visit.user)
      return visit.done(site, "The reset of \(gateway.name) is ordered.", .info)
    }
  }

  private func restart(_ gateway: Gateway, _ site: String) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Restart \(gateway.name)?",
      effects: [
        "It is away for about a minute. In a pair the other gateway becomes active meanwhile.",
        "A gateway that is alone interrupts the branch.",
      ], typed: gateway.name, button: "Restart gateway", back: site)
    return try visit.ask(question, .failOver) { () throws(PortalError) in
      _ = try service.restart(gateway.id, by: visit.user)
      return visit.done(site, "The restart of \(gateway.name) is ordered.", .info)
    }
  }

  private func suspend(_ gateway: Gateway, _ site: String) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Suspend \(gateway.name)?",
      effects: [
        "If it is active, it hands its role to the other gateway first; sessions go on.",
        "The branch then has one gateway until you resume this one.",
      ], typed: gateway.name, button: "Suspend gateway", back: site)
    return try visit.ask(question, .failOver) { () throws(PortalError) in
      _ = try service.suspend(gateway.siteID, gateway: gateway.id, by: visit.user)
      return visit.done(site, "\(gateway.name) is told to leave the pair.", .info)
    }
  }

  private func resume(_ gateway: Gateway, _ site: String) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Resume \(gateway.name)?",
      effects: ["It takes all sessions over and stands ready as Standby."],
      typed: nil, button: "Resume gateway", back: site)
    return try visit.ask(question, .failOver) { () throws(PortalError) in
      _ = try service.resume(gateway.siteID, gateway: gateway.id, by: visit.user)
      return visit.done(site, "\(gateway.name) is told to come back.", .info)
    }
  }
}
