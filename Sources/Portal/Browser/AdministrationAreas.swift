import HTTP
import PortalPages
import Wire

/// Administration › Users.
struct UsersArea {
  let visit: Visit

  private var service: PortalService { visit.service }

  func answer(_ way: ArraySlice<String>) throws(PortalError) -> HTTPResponse {
    try visit.user.require(.manageUsers)
    guard let first = way.first else { return visit.isPost ? try create() : .html(try page()) }
    let id = try Visit.number(first)
    guard way.count == 2,
      let user = try service.listUsers(by: visit.user).first(where: { $0.id == id })
    else { throw Visit.noPage }
    switch way.last {
    case "role": return try role(user)
    case "invite": return try invite(user)
    case "logout": return try logOut(user)
    case "disable": return try shut(user, true)
    case "enable": return try shut(user, false)
    case "delete": return try delete(user)
    default: throw Visit.noPage
    }
  }

  private func page(_ form: FormState = FormState([HTTPField("role", Role.viewer.rawValue)]))
    throws(PortalError) -> String
  {
    let use = try service.accounts.openSessions()
    let rows = try service.listUsers(by: visit.user).map { user in
      var row = UsersPage.Row(
        id: "\(user.id)", name: user.name, role: user.role.title,
        lastSeen: use[user.id]?.lastSeen, sessions: use[user.id]?.count ?? 0,
        isSelf: user.id == visit.user.id)
      row.hasPassword = user.hasPassword
      row.isDisabled = user.isDisabled
      return row
    }
    var page = UsersPage(frame: visit.frame(), rows: rows, roles: Role.pages)
    page.form = form
    if case .invitation(let user, let url, let end)? = visit.takeSecret() {
      page.invitation = (user, url, end)
    }
    return page.html
  }

  private func create() throws(PortalError) -> HTTPResponse {
    do throws(PortalError) {
      let made = try service.createUser(
        name: visit.form["name"], role: visit.form["role"], by: visit.user)
      return hand(made.link, to: made.user)
    } catch {
      return try visit.again(error) { form throws(PortalError) in try page(form) }
    }
  }

  /// Shows a one-time link on the page that follows.
  private func hand(_ link: String, to user: User) -> HTTPResponse {
    let end = service.now() + PortalService.SessionLimits.invitationSeconds
    visit.parcels.leave(
      .invitation(user: user.name, url: link, expiresAt: end), for: visit.session.digest)
    return .redirect(to: Paths.users, status: 303)
  }

  private func role(_ user: User) throws(PortalError) -> HTTPResponse {
    let page = { (form: FormState) in
      UserRolePage(
        frame: visit.frame(), id: "\(user.id)", name: user.name, roles: Role.pages, form: form
      ).html
    }
    guard visit.isPost else {
      return .html(page(FormState([HTTPField("role", user.role.rawValue)])))
    }
    do throws(PortalError) {
      let changed = try service.updateUser(
        user.id, role: visit.form["role"], isDisabled: user.isDisabled, by: visit.user)
      return visit.done(Paths.users, "\(user.name) is a \(changed.role.title) now.")
    } catch {
      return try visit.again(error) { form in page(form) }
    }
  }

  private func invite(_ user: User) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "New one-time link for \(user.name)?",
      effects: [
        "The password of \(user.name) stops working; open sessions and API tokens end.",
        "A link appears, with which \(user.name) sets another password.",
      ], typed: nil, button: "Make link", back: Paths.users)
    return try visit.ask(question, .manageUsers) { () throws(PortalError) in
      hand(try service.resetUser(user.id, by: visit.user), to: user)
    }
  }

  private func logOut(_ user: User) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Sign \(user.name) out?",
      effects: ["Open sessions and API tokens of \(user.name) end at once."],
      typed: nil, button: "Sign out", back: Paths.users)
    return try visit.ask(question, .manageUsers) { () throws(PortalError) in
      _ = try service.updateUser(
        user.id, role: user.role.rawValue, isDisabled: user.isDisabled, by: visit.user)
      return visit.done(Paths.users, "\(user.name) is signed out.")
    }
  }

  private func shut(_ user: User, _ isDisabled: Bool) throws(PortalError) -> HTTPResponse {
    let verb = isDisabled ? "Disable" : "Enable"
    let question = Question(
      title: "\(verb) \(user.name)?",
      effects: [
        isDisabled
          ? "\(user.name) cannot sign in any more; open sessions and API tokens end."
          : "\(user.name) can sign in again."
      ], typed: nil, button: "\(verb) user", back: Paths.users)
    return try visit.ask(question, .manageUsers) { () throws(PortalError) in
      _ = try service.updateUser(
        user.id, role: user.role.rawValue, isDisabled: isDisabled, by: visit.user)
      return visit.done(Paths.users, "\(user.name) is \(verb.lowercased())d.")
    }
  }

  private func delete(_ user: User) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Delete \(user.name)?",
      effects: ["Open sessions and API tokens end. The audit log keeps the name."],
      typed: user.name, button: "Delete user", back: Paths.users)
    return try visit.ask(question, .manageUsers) { () throws(PortalError) in
      try service.deleteUser(user.id, by: visit.user)
      return visit.done(Paths.users, "\(user.name) is deleted.")
    }
  }
}

extension Role {
  /// Every role, with what it may do.
  static let pages: [UsersPage.Role] = Role.allCases.map { role in
    let rights =
      switch role {
      case .superAdmin: "Everything: users, the audit log, failover too."
      case .networkAdmin: "Templates, sites, activation, VRRP."
      case .securityAdmin: "Sees everything but codes; reads the audit log."
      case .viewer: "Sees templates, sites and events; no codes."
      }
    return UsersPage.Role(role.rawValue, role.title, rights)
  }
}

extension Visit {
  /// The secret that waits for this session; not for pages that refresh themselves.
  func takeSecret() -> Parcels.Secret? {
    request.header("X-Live") == nil ? parcels.takeSecret(session.digest) : nil
  }
}

/// Administration › Audit log.
struct AuditArea {
  /// Bounds of a search.
  enum Limits {
    /// Records a page.
    static let page = 100
    /// Records that one request looks through; the next page goes on from there.
    static let scanned = 10_000
  }

  let visit: Visit

  func answer() throws(PortalError) -> HTTPResponse {
    let search = String((visit.request.parameter("search") ?? "").prefix(100))
    var before = visit.request.parameter("before").flatMap { Int64($0) }
    var rows: [AuditPage.Row] = []
    var scanned = 0
    var isEnd = false
    while rows.count < Limits.page, scanned < Limits.scanned, !isEnd {
      let some = try visit.service.listAudit(
        before: before, limit: Int64(Limits.page), by: visit.user)
      isEnd = some.count < Limits.page
      for record in some {
        // The page is full: the next one begins behind the last record shown.
        if rows.count == Limits.page { break }
        before = record.number
        scanned += 1
        let row = EventWords.row(record)
        if Self.matches(row, search) { rows.append(row) }
      }
    }
    var page = AuditPage(frame: visit.frame(), rows: rows, search: search)
    if !isEnd, let before { page.older = Self.link(search, before) }
    if visit.request.parameter("before") != nil { page.newer = Self.link(search, nil) }
    return .html(page.html)
  }

  private static func matches(_ row: AuditPage.Row, _ search: String) -> Bool {
    let word = search.lowercased()
    return word.isEmpty
      || [row.user, row.action, row.object, row.detail, row.address].contains {
        $0.lowercased().contains(word)
      }
  }

  private static func link(_ search: String, _ before: Int64?) -> String {
    var pairs = search.isEmpty ? [] : ["search=" + URLCoding.encode(search)]
    if let before { pairs.append("before=\(before)") }
    return Paths.audit + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }
}
