import HTTP
import PortalPages

/// Send Activation Link: shows the codes and links of a site again, or mails them.
struct LinksArea {
  let visit: Visit
  let detail: SiteDetail

  private var service: PortalService { visit.service }

  func answer() throws(PortalError) -> HTTPResponse {
    guard visit.isPost else {
      let open = detail.gateways.filter { !$0.isActivated }.map(\.id)
      let chosen = visit.request.parameter("gateway").map { [$0] } ?? open
      return .html(try page(FormState(chosen.map { HTTPField("gateway", $0) })))
    }
    do throws(PortalError) { return try send() } catch {
      return try visit.again(error) { form throws(PortalError) in try page(form) }
    }
  }

  private func send() throws(PortalError) -> HTTPResponse {
    let to = visit.form["to"]
    let chosen = detail.gateways.filter { visit.form.has("gateway", $0.id) }
    guard !chosen.isEmpty else {
      throw .invalid("gateway", "choose at least one gateway")
    }
    for gateway in chosen {
      _ = try service.sendActivationLink(gateway.id, to: to, by: visit.user)
    }
    let names = chosen.map(\.name).joined(separator: " and ")
    return visit.done(
      Paths.site("\(detail.site.id)"),
      "The activation link of \(names) is on its way to \(to). Events tell whether it was taken.")
  }

  private func page(_ form: FormState) throws(PortalError) -> String {
    var items: [LinksPage.Item] = []
    for gateway in detail.gateways {
      let mayShow = !gateway.isActivated && visit.user.role.allows(.activate)
      items.append(
        LinksPage.Item(
          id: gateway.id, name: gateway.name,
          activation: mayShow ? try SiteView.panel(gateway, detail, visit) : nil,
          isActivated: gateway.isActivated))
    }
    var page = LinksPage(
      frame: visit.frame(), heading: SiteView.heading(detail), gateways: items,
      canMail: service.mailer != nil)
    page.form = form
    return page.html
  }
}
