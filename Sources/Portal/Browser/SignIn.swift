import Activation
import Crypto
import HTTP
import PortalPages

/// Signing in and out, and one-time links: what is possible without a session.
///
/// A form of these pages carries a token that a cookie repeats, because there is no session that
/// could hold it. Another site can read neither, and the cookie's name keeps it from being set by
/// another host (RFC 6265bis 4.1.3.2).
struct SignIn {
  static let cookie = "__Host-ztb-form"

  let browser: Browser
  let request: HTTPRequest

  private var service: PortalService { browser.service }
  private var form: FormState {
    FormState(request.form.filter { !["csrf", "password", "again"].contains($0.name) })
  }

  /// Answers what is its own; false: another part does.
  func answer(
    _ session: Session?, _ finish: @escaping Browser.Completion
  ) throws(PortalError) -> Bool {
    switch (request.path, request.method) {
    case (Paths.login, "GET"): finish(try showLogIn(session))
    case (Paths.login, _):
      try requireToken()
      logIn(finish)
    case (Paths.setup, "GET"): finish(try showSetUp(form))
    case (Paths.setup, _):
      try requireToken()
      try setUp(finish)
    case (Paths.logout, "POST"): finish(try logOut(session))
    case (Paths.logout, _): finish(.redirect(to: Paths.sites))
    default: return false
    }
    return true
  }

  // MARK: The token of the form

  private func requireToken() throws(PortalError) {
    guard let cookie = request.cookie(Self.cookie), cookie.utf8.count >= 32,
      isEqualInConstantTime(Array(cookie.utf8), Array((request.form["csrf"] ?? "").utf8))
    else { throw Browser.foreign }
  }

  /// A page with its token; the cookie is set with the first one.
  private func page(
    _ status: Int = 200, _ html: (String) -> String
  ) throws(PortalError) -> HTTPResponse {
    if let cookie = request.cookie(Self.cookie), cookie.utf8.count >= 32, cookie.utf8.count <= 64 {
      return .html(html(cookie), status: status)
    }
    let token = Base64URL.encode(try service.random(32))
    return HTTPResponse.html(html(token), status: status).with(
      "Set-Cookie", "\(Self.cookie)=\(token); Path=/; Secure; HttpOnly; SameSite=Strict")
  }

  /// Answers with a page, or with the reason why there is none.
  private func finishPage(
    _ status: Int, _ finish: Browser.Completion, _ html: (String) -> String
  ) {
    do throws(PortalError) { finish(try page(status, html)) } catch {
      finish(.html(error.page(signedIn: false).html(nil), status: error.status))
    }
  }

  // MARK: Signing in

  private func showLogIn(_ session: Session?) throws(PortalError) -> HTTPResponse {
    if session != nil { return .redirect(to: Self.place(request.parameter("next"))) }
    if try service.needsSetUp() { return .redirect(to: Paths.setup) }
    return try page { token in
      var page = LoginPage(csrf: token, next: request.parameter("next") ?? "")
      if request.cookie(RESTServer.cookie) != nil {
        page.notice = Frame.Notice(.info, "Your session has ended. Sign in again.")
      }
      if request.parameter("done") == "password" {
        page.notice = Frame.Notice(.good, "The password is changed. Sign in with the new one.")
      }
      return page.html
    }
  }

  private func logIn(_ finish: @escaping Browser.Completion) {
    let fields = request.form
    let next = fields["next"] ?? ""
    service.logIn(
      name: fields["name"] ?? "", password: fields["password"] ?? "", from: request.client
    ) { result in
      switch result {
      case .success(let made): finish(begin(made, Self.place(next)))
      case .failure(let error):
        finishPage(error.status, finish) { token in
          var form = self.form
          form.problems = error.formProblems
          return LoginPage(csrf: token, form: form, next: next).html
        }
      }
    }
  }

  private func begin(_ made: NewSession, _ place: String) -> HTTPResponse {
    HTTPResponse.redirect(to: place, status: 303)
      .with("Set-Cookie", RESTServer.setCookie(made.token))
  }

  private func logOut(_ session: Session?) throws(PortalError) -> HTTPResponse {
    if let session {
      guard session.accepts(formToken: request.form["csrf"]) else { throw Browser.foreign }
      try service.logOut(session)
    }
    return HTTPResponse.redirect(to: Paths.login, status: 303)
      .with("Set-Cookie", RESTServer.setCookie(""))
  }

  /// A place of this portal to go on with; anything else becomes the sites.
  static func place(_ next: String?) -> String {
    guard let next, next.hasPrefix("/"), !next.hasPrefix("//"),
      next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
    else { return Paths.sites }
    return next
  }

  // MARK: One-time links

  private func showSetUp(_ form: FormState) throws(PortalError) -> HTTPResponse {
    let isFirst = try service.needsSetUp()
    return try page { SetupPage(csrf: $0, isFirst: isFirst, form: form).html }
  }

  private func setUp(_ finish: @escaping Browser.Completion) throws(PortalError) {
    let fields = request.form
    let isFirst = try service.needsSetUp()
    let password = fields["password"] ?? ""
    let again = { (error: PortalError) in
      finishPage(error.status, finish) { token in
        var form = self.form
        form.problems = error.formProblems
        return SetupPage(csrf: token, isFirst: isFirst, form: form).html
      }
    }
    guard password == fields["again"] ?? "" else {
      return again(.invalid("again", "differs from the first; type both again"))
    }
    service.setUp(
      token: (fields["token"] ?? "").filter { $0 != " " }, name: fields["name"] ?? "",
      password: password, from: request.client
    ) { result in
      switch result {
      case .failure(let error): again(error)
      case .success(let user):
        service.logIn(name: user.name, password: password, from: request.client) { result in
          switch result {
          case .success(let made): finish(begin(made, Paths.sites))
          case .failure: finish(.redirect(to: Paths.login, status: 303))
          }
        }
      }
    }
  }
}
