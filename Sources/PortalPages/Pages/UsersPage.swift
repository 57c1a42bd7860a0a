/// Administration › Users.
public struct UsersPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// The users.
  public var rows: [Row]
  /// Every role: value and label, with what it may do.
  public var roles: [Role]
  /// The form for a new user: `name`, `role`.
  public var form = FormState()
  /// A link that was just made, with which a user sets a password; it is shown this once.
  public var invitation: (user: String, url: String, expiresAt: Int64)?

  /// One user.
  public struct Row: Sendable {
    /// Identifier.
    public var id: String
    /// Name.
    public var name: String
    /// Role in words.
    public var role: String
    /// Seconds since 1970 of the last request of an open session; nil: not signed in.
    public var lastSeen: Int64?
    /// Number of open sessions.
    public var sessions: Int
    /// Whether this is the signed-in user.
    public var isSelf: Bool
    /// Whether a password is set.
    public var hasPassword = true
    /// Whether sign-in is refused.
    public var isDisabled = false

    /// Joins the parts.
    public init(
      id: String, name: String, role: String, lastSeen: Int64?, sessions: Int, isSelf: Bool
    ) {
      self.id = id
      self.name = name
      self.role = role
      self.lastSeen = lastSeen
      self.sessions = sessions
      self.isSelf = isSelf
    }
  }

  /// One role.
  public struct Role: Sendable {
    /// Value in forms.
    public var value: String
    /// Its name.
    public var label: String
    /// What it may do.
    public var rights: String

    /// Joins the parts.
    public init(_ value: String, _ label: String, _ rights: String) {
      self.value = value
      self.label = label
      self.rights = rights
    }
  }

  /// Joins the parts.
  public init(frame: Frame, rows: [Row], roles: [Role]) {
    self.frame = frame
    self.rows = rows
    self.roles = roles
  }

  /// The document.
  public var html: String {
    let columns = ["Name", "Role", "Last seen"].map(Column.init)
    var sessions = Column("Sessions")
    sessions.isNumber = true
    let table = Table(
      caption: "Users", columns: columns + [sessions, .actions], rows: rows.map(cells))
    return Shell(frame: frame, area: .users, title: "Users").document(
      """
      \(invitationBox)\(table.list)\
      <section class="card narrow" id="new"><h2>Add user</h2>\(newUser)</section>
      """)
  }

  private var newUser: Markup {
    let choices = roles.map { Choice($0.value, $0.label, hint: $0.rights) }
    let fields: Markup = """
      \(form.summary)\(form.input(Field("name", "User name").wide))\
      \(form.radios(Field("role", "Role").wide, choices))\
      <p class="hint">A link appears, with which the user sets a password. It works once.</p>\
      <div class="buttons"><button class="primary" type="submit">Add user</button></div>
      """
    return PostForm(action: Paths.users, csrf: frame.csrf).markup(fields)
  }

  private var invitationBox: Markup? {
    invitation.map { invitation -> Markup in
      let end = Moment(seconds: invitation.expiresAt).relative(to: frame.now)
      return """
        <div class="banner good" role="status">\(Icon.check.markup)<div>\
        <p class="strong">Link for \(invitation.user)</p>\
        <p>Hand it over now; it is not shown again. It works once, and expires \(end).</p>\
        \(CopyField(id: "invitation").markup(invitation.url, what: "link"))</div></div>
        """
    }
  }

  private func cells(_ row: Row) -> [Markup] {
    var marks: [Markup] = []
    if row.isSelf { marks.append(" <span class=\"tag\">you</span>") }
    if row.isDisabled { marks.append(" <span class=\"tag bad\">disabled</span>") }
    if !row.hasPassword { marks.append(" <span class=\"tag\">invited</span>") }
    let last = row.lastSeen.map { Moment(seconds: $0).markup(now: frame.now) }
    return [
      "<span class=\"strong\">\(row.name)</span>\(marks)", "\(row.role)",
      last ?? "<span class=\"quiet\">not signed in</span>", "\(row.sessions)",
      row.isSelf ? .none : buttons(row),
    ]
  }

  private func buttons(_ row: Row) -> Markup {
    let verbs = [
      ("role", "Role", false), ("invite", "New link", true), ("logout", "Sign out", true),
      row.isDisabled ? ("enable", "Enable", true) : ("disable", "Disable", true),
      ("delete", "Delete", true),
    ]
    return Markup(
      verbs.map { verb, text, isQuestion -> Markup in
        """
        <a class="button small" href="\(Paths.user(row.id, verb))"\
        \("data-confirm", if: isQuestion)>\(text)<span class="unseen"> \(row.name)</span></a>
        """
      })
  }
}

/// Another role for one user.
public struct UserRolePage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Identifier of the user.
  public var id: String
  /// Name of the user.
  public var name: String
  /// Every role.
  public var roles: [UsersPage.Role]
  /// Field `role`.
  public var form: FormState

  /// Joins the parts.
  public init(frame: Frame, id: String, name: String, roles: [UsersPage.Role], form: FormState) {
    self.frame = frame
    self.id = id
    self.name = name
    self.roles = roles
    self.form = form
  }

  /// The document.
  public var html: String {
    let choices = roles.map { Choice($0.value, $0.label, hint: $0.rights) }
    let content: Markup = """
      \(form.summary)\(form.radios(Field("role", "Role").wide, choices))\
      <div class="buttons"><button class="primary" type="submit">Save</button>\
      <a class="button" href="\(Paths.users)">Cancel</a></div>
      """
    return Shell(
      frame: frame, area: .users, title: "Role of \(name)", crumbs: [Crumb("Users", Paths.users)]
    ).document(
      """
      <div class="card narrow">\
      \(PostForm(action: Paths.user(id, "role"), csrf: frame.csrf).markup(content))</div>
      """)
  }
}
