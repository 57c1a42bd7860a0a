import HTTP
import JSON

/// Logging in and out, and API tokens.
enum SessionRoutes {
  static let all: [RESTRoute] = [
    RESTRoute(later: "POST", "login", "Begins a session: name, password", access: .open, logIn),
    RESTRoute("POST", "logout", "Ends the session") { call throws(PortalError) in
      guard let session = call.session else { throw .unauthenticated }
      try call.service.logOut(session)
      return HTTPResponse.noContent.with("Set-Cookie", RESTServer.setCookie(""))
    },
    RESTRoute("GET", "session", "Who is logged in") { call throws(PortalError) in
      .value(form(try call.user(), call.session))
    },
    RESTRoute(
      later: "POST", "setup", "Sets the first password by a one-time link: token, name, password",
      access: .open, setUp),
    RESTRoute(
      later: "POST", "password", "Changes the own password: old, password", changePassword),
    RESTRoute("GET", "tokens", "The own API tokens") { call throws(PortalError) in
      let list = try call.service.listTokens(by: try call.user())
      return .value(.of(["tokens": .array(list.map(RESTForm.token))]))
    },
    RESTRoute("POST", "tokens", "Makes an API token: name, days") { call throws(PortalError) in
      // A token that makes tokens would outlive its own end.
      guard let session = call.session, !session.formToken.isEmpty else {
        throw PortalError(
          status: 403, word: "forbidden", message: "Log in with name and password to make tokens.")
      }
      let fields = try call.fields()
      let name = fields.text("name")
      let days = fields.integer("days") ?? 30
      try fields.finish("name", "days")
      let made = try call.service.createToken(name: name, days: days, by: session.user)
      return .value(
        .of(["token": RESTForm.token(made.token), "secret": .string(made.secret)]), status: 201)
    },
    RESTRoute("DELETE", "tokens/{id}", "Ends an API token") { call throws(PortalError) in
      try call.service.deleteToken(try call.number("id"), by: try call.user())
      return .noContent
    },
  ]

  private static func form(_ user: User, _ session: Session?) -> JSONValue {
    .of([
      "user": RESTForm.user(user), "csrfToken": .string(session?.formToken ?? ""),
      "permissions": .texts(
        Permission.allCases.filter { user.role.allows($0) }.map { "\($0)" }),
    ])
  }

  private static func logIn(_ call: RESTCall, _ completion: @escaping RESTCompletion) {
    do throws(PortalError) {
      // Before the body is read: whoever has to wait costs nothing.
      try call.service.limiters.address.check(call.request.client, at: call.service.now())
      let fields = try call.fields()
      let name = fields.text("name")
      let password = fields.text("password")
      try fields.finish("name", "password")
      call.service.logIn(name: name, password: password, from: call.request.client) { result in
        completion(
          result.map { made in
            HTTPResponse.value(form(made.session.user, made.session))
              .with("Set-Cookie", RESTServer.setCookie(made.token))
          })
      }
    } catch { completion(.failure(error)) }
  }

  private static func setUp(_ call: RESTCall, _ completion: @escaping RESTCompletion) {
    do throws(PortalError) {
      try call.service.limiters.invitations.check(call.request.client, at: call.service.now())
      let fields = try call.fields()
      let token = fields.text("token")
      let name = fields.text("name")
      let password = fields.text("password")
      try fields.finish("token", "name", "password")
      call.service.setUp(
        token: token, name: name, password: password, from: call.request.client
      ) { result in
        completion(result.map { _ in .noContent })
      }
    } catch { completion(.failure(error)) }
  }

  private static func changePassword(_ call: RESTCall, _ completion: @escaping RESTCompletion) {
    do throws(PortalError) {
      let fields = try call.fields()
      let old = fields.text("old")
      let new = fields.text("password")
      try fields.finish("old", "password")
      call.service.changePassword(old: old, new: new, by: try call.user()) { result in
        completion(result.map { .noContent })
      }
    } catch { completion(.failure(error)) }
  }
}
