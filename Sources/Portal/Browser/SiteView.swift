import Activation
import Configuration
import JSON
import PortalPages
import Wire

/// One site as its page shows it.
struct SiteView {
  let visit: Visit
  let detail: SiteDetail

  private var service: PortalService { visit.service }
  private var isPair: Bool { detail.gateways.count > 1 }

  static func heading(_ detail: SiteDetail) -> SiteHeading {
    var heading = SiteHeading(
      id: "\(detail.site.id)", name: detail.site.name, template: detail.template.name,
      deployment: detail.template.deployment.rawValue)
    let states = detail.gateways.map(\.life.state)
    heading.canSwitch = states.contains(.active) && states.contains(.standby)
    return heading
  }

  func page() throws(PortalError) -> SitePage {
    var cards: [GatewayCard] = []
    var reports: [JSONValue?] = []
    for gateway in detail.gateways {
      let status = try service.status(of: gateway.id, by: visit.user)
      cards.append(try card(gateway, status))
      reports.append(status)
    }
    var page = SitePage(
      frame: visit.frame(), heading: Self.heading(detail), gateways: cards)
    page.summary = summary
    page.pair = pairFacts(reports)
    page.facts = settings
    page.software = try UpdateArea(visit: visit, detail: detail).card()
    return page
  }

  // MARK: The whole

  /// What a person should know first; nil when all is well.
  private var summary: Frame.Notice? {
    let gateways = detail.gateways
    let activated = gateways.filter(\.isActivated)
    guard !activated.isEmpty else {
      return isPair
        ? Frame.Notice(
          .info, "Both gateways wait for activation. The one activated first becomes primary.")
        : Frame.Notice(.info, "The gateway waits for activation.")
    }
    let serving = gateways.filter { $0.life.state.isServing }
    let broken = activated.filter {
      [.fault, .disconnected].contains($0.life.state)
    }
    let words = broken.map { "\($0.name) is \($0.life.state.rawValue): \($0.life.cause)." }
      .joined(separator: " ")
    if let one = serving.first, !broken.isEmpty {
      return Frame.Notice(.warn, "\(words) \(one.name) serves the branch alone.")
    }
    return words.isEmpty ? nil : Frame.Notice(.bad, words)
  }

  private var settings: [(name: String, value: String)] {
    let site = detail.site
    var facts: [(name: String, value: String)] = []
    if isPair {
      facts.append(("LAN virtual IP", site.lanVirtualIP?.description ?? ""))
      facts.append(("WAN virtual IP", site.wanVirtualIP?.description ?? ""))
    }
    let dns = [detail.template.primaryDNS, detail.template.secondaryDNS].compactMap { $0 }
    facts.append(("DNS", dns.map(\.description).joined(separator: ", ")))
    facts.append(("Time zone", site.timeZone))
    if detail.template.dhcpService == .server,
      let range = LeaseRange(detail.site, detail.gateways)
    {
      facts.append(("Lent to hosts", range.description))
    }
    facts.append(("Web proxy", site.proxy.map { "\($0.host):\($0.port)" } ?? ""))
    return facts
  }

  /// What the active gateway says about the pair.
  private func pairFacts(_ reports: [JSONValue?]) -> [SitePage.PairFact] {
    guard isPair else { return [] }
    let active = detail.gateways.firstIndex { $0.life.state == .active }
    guard let status = active.flatMap({ reports[$0] }) else { return [] }
    var facts: [SitePage.PairFact] = []
    let ha = status["ha"]
    if let isUp = ha?["link"]?["carrier"]?.bool {
      facts.append(.init("HA link", isUp ? "Up" : "Down", isUp ? .good : .bad))
    }
    if let peer = ha?["peer"]?["state"]?.string {
      let isThere = peer != "unreachable"
      facts.append(
        .init(
          "Other gateway", isThere ? "Answers (\(peer))" : "Does not answer",
          isThere ? .good : .bad))
    }
    if let sync = status["sync"], let isReady = sync["ready"]?.bool {
      let reason = sync["reason"]?.string ?? ""
      facts.append(
        .init(
          "Session sync", isReady ? "Ready" : reason.isEmpty ? "Not ready" : reason,
          isReady ? .good : .warn))
      if let sessions = sync["sessions"]?.integer {
        facts.append(.init("Sessions", "\(sessions)"))
      }
    }
    if let agrees = ha?["peer"]?["configurationAgrees"]?.bool {
      facts.append(
        .init("Configuration", agrees ? "The same" : "Differs", agrees ? .good : .warn))
    }
    return facts
  }

  // MARK: One gateway

  private func card(
    _ gateway: Gateway, _ status: JSONValue?
  ) throws(PortalError) -> GatewayCard {
    var card = GatewayCard(
      id: gateway.id, number: gateway.slot, name: gateway.name, platform: gateway.platform)
    let state = gateway.life.state
    card.state = state
    card.lastState = gateway.life.last
    card.isActivated = gateway.isActivated
    card.reason = reason(gateway)
    if isPair, let primary = detail.site.primary, gateway.isActivated {
      card.role = primary == gateway.id ? "primary" : "secondary"
    }
    card.progress = progress(gateway, status)
    if !gateway.isActivated, visit.user.role.allows(.activate) {
      card.activation = try Self.panel(gateway, detail, visit)
    }
    card.serial = gateway.serial.isEmpty ? nil : gateway.serial
    card.version = gateway.softwareVersion.isEmpty ? nil : gateway.softwareVersion
    card.wan = status?["wan"]?["address"]?.string ?? wan(gateway)
    card.lan = gateway.lanAddress.description
    card.configuration = configuration(gateway)
    card.contact = gateway.isActivated ? gateway.life.heardAt : nil
    card.activatedAt = gateway.isActivated ? gateway.enrolledAt : nil
    card.canSuspend = isPair && [.active, .standby].contains(state)
    card.canResume = isPair && state == .suspended
    return card
  }

  private func wan(_ gateway: Gateway) -> String {
    let port = PortNames(gateway.platform, detail.template.deployment).wan
    let place = gateway.wanVLAN.map { "\(port), VLAN \($0)" } ?? port
    return gateway.wanAddress.map { "\($0) (\(place))" } ?? "DHCP (\(place))"
  }

  private func configuration(_ gateway: Gateway) -> String? {
    guard gateway.documentVersion > 0, gateway.isActivated else { return nil }
    let wanted = "version \(gateway.documentVersion)"
    guard gateway.appliedVersion > 0 else { return "\(wanted), on its way" }
    return gateway.appliedVersion == gateway.documentVersion
      ? "\(wanted), \(gateway.appliedOutcome)"
      : "\(wanted), on its way; runs version \(gateway.appliedVersion)"
  }

  private func reason(_ gateway: Gateway) -> String? {
    let text = gateway.isActivated ? gateway.detail : ""
    return text.isEmpty ? nil : text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  /// How far an activation is. The portal sees steps 5 to 9 itself; what the box reports of them
  /// is more exact.
  private func progress(_ gateway: Gateway, _ status: JSONValue?) -> ActivationProgress? {
    let total = ActivationStep.allCases.count
    let step: ActivationStep
    switch gateway.life.state {
    case .initializing: step = .configurationApplied
    case .postUpdate: step = .servicesRunning
    case .disconnected where gateway.life.last == .initializing: step = .configurationApplied
    default: return nil
    }
    var progress = ActivationProgress(
      done: step.rawValue - 1, total: total, step: step.name)
    if let steps = status?["progress"]?["steps"]?.array, !steps.isEmpty {
      progress.done = steps.filter { $0["state"]?.string == "done" }.count
    }
    if gateway.life.state == .disconnected {
      progress.failure = (
        "It stopped: \(gateway.life.cause).",
        "Look at the appliance's console or page, and retry there."
      )
    }
    return progress
  }

  /// Code, link and QR code of a gateway that is not activated.
  static func panel(
    _ gateway: Gateway, _ detail: SiteDetail, _ visit: Visit
  ) throws(PortalError) -> ActivationPanel {
    let offer = try visit.service.activation(of: gateway.id, by: visit.user)
    var panel = ActivationPanel(
      code: offer.code.code.grouped, url: offer.url, qr: QRCode(offer.url)?.modules ?? [],
      expiresAt: offer.code.expiresAt)
    panel.managementPort = PortNames(gateway.platform, detail.template.deployment).management
    return panel
  }
}
