/// Administration › Users.
public struct UsersPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// The users.
  public var rows: [Row]
  /// Every role: value and label, with what it may do.
  public var roles: [Role]
  /// The form for a new user: `name`, `role`, `password`.
  public var form = FormState()

  /// One user.
  public struct Row: Sendable {
    /// Identifier.
    public var id: String
    /// Name.
    public var name: String
    /// Role in words.
    public var role: String
    /// Seconds since 1970 of the last sign-in.
    public var lastLogin: Int64?
    /// Number of open sessions.
    public var sessions: Int
    /// Whether this is the signed-in user.
    public var isSelf: Bool

    /// Joins the parts.
    public init(
      id: String, name: String, role: String, lastLogin: Int64?, sessions: Int, isSelf: Bool
    ) {
      self.id = id
      self.name = name
      self.role = role
      self.lastLogin = lastLogin
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
    let columns = ["Name", "Role", "Last sign-in"].map(Column.init)
    var sessions = Column("Sessions")
    sessions.isNumber = true
    let table = Table(
      caption: "Users", columns: columns + [sessions, .actions], rows: rows.map(cells))
    return Shell(frame: frame, area: .users, title: "Users").document(
      """
      \(table.list)\
      <section class="card narrow" id="new"><h2>Add user</h2>\(newUser)</section>
      """)
  }

  private var newUser: Markup {
    let password = Field(
      "password", "First password",
      hint: "At least 12 characters. Hand it over yourself; the user can change it under Settings."
    ).with(\.type, "password").with(\.autocomplete, "new-password").wide
    let choices = roles.map { Choice($0.value, $0.label, hint: $0.rights) }
    let fields: Markup = """
      \(form.summary)\(form.input(Field("name", "User name").wide))\
      \(form.radios(Field("role", "Role").wide, choices))\(form.input(password))\
      <div class="buttons"><button class="primary" type="submit">Add user</button></div>
      """
    return PostForm(action: Paths.users, csrf: frame.csrf).markup(fields)
  }

  private func cells(_ row: Row) -> [Markup] {
    let mark: Markup? = row.isSelf ? " <span class=\"tag\">you</span>" : nil
    let last = row.lastLogin.map { Moment(seconds: $0).markup(now: frame.now) }
    return [
      "<span class=\"strong\">\(row.name)</span>\(mark)", "\(row.role)",
      last ?? "<span class=\"quiet\">never</span>", "\(row.sessions)",
      row.isSelf ? .none : buttons(row),
    ]
  }

  private func buttons(_ row: Row) -> Markup {
    let verbs = [
      ("role", "Role", false), ("password", "Password", false), ("logout", "Sign out", true),
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

/// One user: another role, or another password.
public struct UserPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Identifier of the user.
  public var id: String
  /// Name of the user.
  public var name: String
  /// What is changed.
  public var change: Change
  /// Field `role` or `password`.
  public var form: FormState

  /// What is changed.
  public enum Change: Sendable {
    /// The role, one of these.
    case role([UsersPage.Role])
    /// The password.
    case password
  }

  /// Joins the parts.
  public init(frame: Frame, id: String, name: String, change: Change, form: FormState) {
    self.frame = frame
    self.id = id
    self.name = name
    self.change = change
    self.form = form
  }

  /// The document.
  public var html: String {
    let title: String
    let verb: String
    let field: Markup
    switch change {
    case .role(let roles):
      title = "Role of \(name)"
      verb = "role"
      field = form.radios(
        Field("role", "Role").wide, roles.map { Choice($0.value, $0.label, hint: $0.rights) })
    case .password:
      title = "New password for \(name)"
      verb = "password"
      field = form.input(
        Field(
          "password", "New password",
          hint: "At least 12 characters. All sessions of the user end."
        ).with(\.type, "password").with(\.autocomplete, "new-password").wide)
    }
    let content: Markup = """
      \(form.summary)\(field)<div class="buttons">\
      <button class="primary" type="submit">Save</button>\
      <a class="button" href="\(Paths.users)">Cancel</a></div>
      """
    return Shell(
      frame: frame, area: .users, title: title, crumbs: [Crumb("Users", Paths.users)]
    ).document(
      """
      <div class="card narrow">\
      \(PostForm(action: Paths.user(id, verb), csrf: frame.csrf).markup(content))</div>
      """)
  }
}
