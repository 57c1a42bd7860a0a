import HTTP
import PortalPages

/// Administration › Settings: the own account, and what the portal is.
struct SettingsArea {
  let visit: Visit

  private var service: PortalService { visit.service }

  func answer(_ way: ArraySlice<String>) throws(PortalError) -> HTTPResponse {
    switch (way.first, way.count, visit.isPost) {
    case (nil, _, false): return .html(try page())
    case ("tokens", 1, true): return try createToken()
    case ("tokens", 3, _) where way.last == "revoke":
      return try revoke(try Visit.number(way[way.startIndex + 1]))
    default: throw Visit.noPage
    }
  }

  private func page(
    token: FormState = FormState([HTTPField("days", "90")]), password: FormState = FormState()
  ) throws(PortalError) -> String {
    var page = SettingsPage(frame: visit.frame())
    page.tokens = try service.listTokens(by: visit.user).map {
      SettingsPage.Token(
        id: "\($0.id)", name: $0.name, created: $0.created, expires: $0.expires)
    }
    if case .token(let name, let text)? = visit.takeSecret() { page.newToken = (name, text) }
    page.tokenForm = token
    page.passwordForm = password
    page.limits = [
      ("Mail", service.mailer == nil ? "Not set up: start the portal with --smtp" : "Set up"),
      ("Idle limit", "\(PortalService.SessionLimits.idleSeconds / 60) min"),
      ("Longest session", "\(PortalService.SessionLimits.lifeSeconds / 3_600) h"),
    ]
    if visit.user.role.allows(.manageUsers) {
      page.about = [
        ("Address", service.places.url), ("For gateways", service.places.agentURL),
        ("Names", service.places.names.joined(separator: ", ")),
      ]
    }
    return page.html
  }

  // MARK: API tokens

  private func createToken() throws(PortalError) -> HTTPResponse {
    do throws(PortalError) {
      guard let days = Int64(visit.form["days"]) else {
        throw .invalid("days", "'\(visit.form["days"])' is not a whole number")
      }
      let made = try service.createToken(name: visit.form["name"], days: days, by: visit.user)
      visit.parcels.leave(
        .token(name: made.token.name, text: made.secret), for: visit.session.digest)
      return .redirect(to: Paths.settings, status: 303)
    } catch {
      return try visit.again(error) { form throws(PortalError) in try page(token: form) }
    }
  }

  private func revoke(_ id: Int64) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Revoke this API token?", effects: ["Programs that use it are refused at once."],
      typed: nil, button: "Revoke", back: Paths.settings)
    return try visit.ask(question, .view) { () throws(PortalError) in
      try service.deleteToken(id, by: visit.user)
      return visit.done(Paths.settings, "The token is revoked.")
    }
  }

  // MARK: The own password

  /// Changes the password when that is what was asked; false: something else was. Hashing takes
  /// its time in another thread, so the answer comes later.
  func changePassword(
    _ way: ArraySlice<String>, _ finish: @escaping Browser.Completion
  ) -> Bool {
    guard visit.isPost, way.first == "password", way.count == 1 else { return false }
    let form = visit.form
    guard form["password"] == form["again"] else {
      failed(.invalid("again", "differs from the first; type both again"), finish)
      return true
    }
    service.changePassword(old: form["old"], new: form["password"], by: visit.user) { result in
      switch result {
      case .success:
        finish(.redirect(to: Paths.login + "?done=password", status: 303))
      case .failure(let error): failed(error, finish)
      }
    }
    return true
  }

  private func failed(_ error: PortalError, _ finish: Browser.Completion) {
    do throws(PortalError) {
      let form = FormState(problems: error.formProblems)
      finish(.html(try page(password: form), status: error.status))
    } catch { finish(.html(error.page(signedIn: true).html(nil), status: error.status)) }
  }
}
