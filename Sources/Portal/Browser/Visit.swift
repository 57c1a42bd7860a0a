import HTTP
import PortalPages

/// One request of somebody who is signed in.
struct Visit {
  let service: PortalService
  let request: HTTPRequest
  let session: Session
  let parcels: Parcels

  var user: User { session.user }
  var isPost: Bool { request.method == "POST" }
  /// The form that was posted, with every value as it was typed.
  var form: FormState { FormState(request.form.filter { $0.name != "csrf" }) }

  /// The frame of a page. What was left for the user is taken; pages that refresh themselves leave
  /// it for the page that the user sees next.
  func frame() -> Frame {
    var frame = Visit.frame(session, at: service.now())
    if request.header("X-Live") == nil { frame.notice = parcels.takeNotice(session.digest) }
    return frame
  }

  static func frame(_ session: Session, at now: Int64) -> Frame {
    Frame(
      user: session.user.name, role: session.user.role.title, rights: session.user.role.rights,
      csrf: session.formToken, now: now)
  }

  /// After something was done: the page to see next, with a sentence.
  func done(_ path: String, _ text: String, _ kind: Frame.Notice.Kind = .good) -> HTTPResponse {
    parcels.leave(Frame.Notice(kind, text), for: session.digest)
    return .redirect(to: path, status: 303)
  }

  /// A form once more, with what is to be corrected; rethrows what no form can help.
  func again(
    _ error: PortalError, _ page: (FormState) throws(PortalError) -> String
  ) throws(PortalError) -> HTTPResponse {
    guard error.status == 409 || !error.problems.isEmpty else { throw error }
    var form = self.form
    form.problems = error.formProblems
    return .html(try page(form), status: error.status)
  }

  static let noPage = PortalError(
    status: 404, word: "not-found", message: "There is no such page.")

  /// The number in a path.
  static func number(_ text: String) throws(PortalError) -> Int64 {
    guard let number = Int64(text) else { throw noPage }
    return number
  }
}

extension Role {
  /// What pages offer; the service has the last word.
  var rights: Frame.Rights {
    var rights: Frame.Rights = []
    if allows(.manageSites) { rights.formUnion([.changeSites, .changeVRRP]) }
    if allows(.failOver) { rights.insert(.switchRoles) }
    if allows(.activate) { rights.insert(.seeCodes) }
    if allows(.manageUsers) { rights.formUnion([.manageUsers, .manageSettings]) }
    if allows(.manageSoftware) { rights.insert(.manageSoftware) }
    if allows(.viewAudit) { rights.insert(.seeAudit) }
    return rights
  }
}

extension PortalError {
  /// The problems of a form; what is about no field stands at its top.
  var formProblems: [FormProblem] {
    guard !problems.isEmpty else { return [FormProblem("", message)] }
    return problems.map { problem in
      guard let field = FieldNames.field(problem.path) else {
        return FormProblem("", problem.message, subject: problem.path)
      }
      return FormProblem(field.name, problem.message, subject: field.subject)
    }
  }

  /// The page that explains it.
  func page(signedIn: Bool) -> ErrorPage {
    let (why, remedy): (String, String) =
      switch word {
      case "not-found":
        (
          "It was deleted meanwhile, or the address was mistyped.",
          "Look for it in the list."
        )
      case "forbidden": ("Roles decide what each user may do.", "Sign in as another user, or ask.")
      case "csrf":
        (
          "It was opened in a session that has ended, or comes from another site.",
          "Go back, load the page again and repeat what you did."
        )
      case "too-many-tries":
        ("Guessing passwords and codes must not pay.", "Wait, then try again.")
      case "conflict", "invalid", "exists": ("Nothing was changed.", "Go back and try again.")
      case "internal":
        (
          "The cause stands in the portal's log.",
          "Try again; if it stays, ask who runs the portal."
        )
      default: ("The request is not one that pages of the portal send.", "Start again from Sites.")
      }
    return ErrorPage(
      status: status, what: message.hasSuffix(".") ? String(message.dropLast()) : message,
      why: why, remedy: remedy,
      next: signedIn ? (Paths.sites, "Go to Sites") : (Paths.login, "Go to sign-in"))
  }
}
