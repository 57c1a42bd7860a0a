import HTTP
import PortalPages
import Update

/// One site, update of its software.
struct UpdateArea {
  let visit: Visit
  let detail: SiteDetail

  private var service: PortalService { visit.service }
  private var site: String { "\(detail.site.id)" }

  /// The form, or the beginning of an update.
  func start() throws(PortalError) -> HTTPResponse {
    try visit.user.require(.manageSoftware)
    guard visit.isPost else { return .html(try page(FormState())) }
    do throws(PortalError) {
      let begun = try service.startUpdate(
        detail.site.id, version: visit.form["version"], time: visit.form["at"], by: visit.user)
      let version = begun.update?.version.description ?? ""
      let at = begun.update?.start.map { " at \(UpdateSchedule(secondsSince1970: $0)) UTC" }
      return visit.done(
        Paths.site(site), "The update to \(version) is ordered\(at ?? ""); see Software below.",
        .info)
    } catch {
      return try visit.again(error) { form throws(PortalError) in try page(form) }
    }
  }

  /// Asks, and stops the update.
  func cancel() throws(PortalError) -> HTTPResponse {
    let back = Paths.site(site)
    let question = Question(
      title: "Cancel the update of \(detail.site.name)?",
      effects: [
        "What a gateway was told already it still does.",
        "Nothing more is begun; the gateways may then run different versions.",
      ], typed: nil, button: "Cancel update", back: back)
    return try visit.ask(question, .manageSoftware) { () throws(PortalError) in
      _ = try service.cancelUpdate(detail.site.id, by: visit.user)
      return visit.done(back, "The update is cancelled.")
    }
  }

  private func page(_ form: FormState) throws(PortalError) -> String {
    let bundles = try service.listSoftware(by: visit.user)
    let versions = bundles.map { bundle in
      (
        version: bundle.version.description,
        label: bundle.version.description + (bundle.isDefault ? " (default)" : "")
          + (bundle.isVerified ? "" : ", signature not verified")
      )
    }
    var form = form
    if form["version"].isEmpty, let preset = bundles.first(where: \.isDefault) {
      form.values.append(HTTPField("version", preset.version.description))
    }
    let effects =
      detail.gateways.count > 1
      ? [
        "The standby gateway is updated first and has to prove itself.",
        "Then the active role moves to it, with all sessions, and the other one follows.",
        "If the first one fails, it goes back to its version and the second is not touched.",
      ]
      : [
        "The gateway fetches the version and restarts into it.",
        "The branch is interrupted while it restarts, about a minute.",
        "If the version does not prove itself, the gateway goes back to the one before.",
      ]
    return UpdatePage(
      frame: visit.frame(), site: site, name: detail.site.name, effects: effects,
      versions: versions, form: form
    ).html
  }

  // MARK: On the page of the site

  /// The card of the site's page.
  func card() throws(PortalError) -> SoftwareCard {
    var card = SoftwareCard()
    guard detail.gateways.contains(where: \.isActivated) else { return card }
    let found = try service.update(of: detail.site.id, by: visit.user)
    card.nodes = zip(found.detail.gateways, found.views).map { gateway, view in
      var node = SoftwareCard.Node(name: gateway.name)
      node.version = view.version
      node.slot = view.slot
      node.isTrial = view.isTrial
      node.update = view.update.map { update in
        .init(
          version: update.version, state: update.state,
          percent: update.isInstalling ? update.percent : nil, reason: update.reason)
      }
      return node
    }
    card.warnings = found.warnings
    card.summary = found.update.map(summary)
    card.open = found.update.flatMap { $0.phase.isOpen ? $0.version.description : nil }
    let hasSoftware = try !service.listSoftware(by: visit.user).isEmpty
    card.canUpdate = hasSoftware && detail.gateways.allSatisfy(\.isActivated)
    return card
  }

  private func summary(_ update: SiteUpdate) -> Frame.Notice {
    let version = "Update to \(update.version)"
    switch update.phase {
    case .scheduled:
      let time = update.start.map { "\(UpdateSchedule(secondsSince1970: $0)) UTC" } ?? "once"
      return Frame.Notice(.info, "\(version) begins at \(time).")
    case .running:
      let step = update.steps.first.map { "\(update.name($0.gateway)) is \($0.words)" } ?? ""
      return Frame.Notice(.info, "\(version) is under way: \(step).")
    case .done: return Frame.Notice(.good, "\(version) is done.")
    case .failed: return Frame.Notice(.bad, "\(version) failed: \(update.reason)")
    case .cancelled: return Frame.Notice(.warn, "\(version) was cancelled \(update.reason).")
    }
  }
}
