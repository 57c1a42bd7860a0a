/// Administration › Settings: one's own account for everybody, the portal's for super admins.
public struct SettingsPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// API tokens of the user.
  public var tokens: [Token] = []
  /// A token that was just made; it is shown this once.
  public var newToken: (name: String, text: String)?
  /// Form `password`: `current`, `password`, `again`.
  public var passwordForm = FormState()
  /// Form `tokens`: `tokenName`, `tokenDays`.
  public var tokenForm = FormState()
  /// Form `mail`: `smtp`, `smtpFrom`, `smtpUser`, `smtpPassword`.
  public var mailForm = FormState()
  /// Whether a mail password is stored.
  public var hasMailPassword = false
  /// Form `sessions`: `idleMinutes`, `maximumHours`.
  public var sessionForm = FormState()
  /// What the portal is: names, addresses, fingerprint of its CA, version.
  public var about: [(name: String, value: String)] = []

  /// One API token.
  public struct Token: Sendable {
    /// Identifier.
    public var id: String
    /// What it is for.
    public var name: String
    /// Seconds since 1970 when it was made.
    public var created: Int64
    /// Seconds since 1970 when it was last used.
    public var used: Int64?
    /// Seconds since 1970 when it expires.
    public var expires: Int64?

    /// Joins the parts.
    public init(id: String, name: String, created: Int64, used: Int64?, expires: Int64?) {
      self.id = id
      self.name = name
      self.created = created
      self.used = used
      self.expires = expires
    }
  }

  /// Starts with everything empty.
  public init(frame: Frame) { self.frame = frame }

  /// The address that one form of the page is posted to.
  public static func action(_ form: String) -> String { Paths.settings + "/" + form }

  /// The document.
  public var html: String {
    let isManager = frame.rights.contains(.manageSettings)
    return Shell(frame: frame, area: .settings, title: "Settings").document(
      """
      <div class="settings">\(card("password", "Your password", passwordFields))\
      \(tokenCard)\(isManager ? card("mail", "Mail", mailFields) : .none)\
      \(isManager ? card("sessions", "Sessions", sessionFields) : .none)\(aboutCard)</div>
      """)
  }

  private func card(_ form: String, _ title: String, _ fields: Markup) -> Markup {
    """
    <section class="card" id="\(form)"><h2>\(title)</h2>\(PostForm(
      action: SettingsPage.action(form), csrf: frame.csrf).markup(fields))</section>
    """
  }

  private func secret(_ name: String, _ label: String, _ kind: String = "new-password") -> Field {
    Field(name, label).with(\.type, "password").with(\.autocomplete, kind)
  }

  private func save(_ text: String = "Save") -> Markup {
    "<div class=\"buttons\"><button type=\"submit\" class=\"primary\">\(text)</button></div>"
  }

  private var passwordFields: Markup {
    var new = secret("password", "New password")
    new.hint = "At least 12 characters. Your other sessions end."
    return """
      \(passwordForm.summary)\
      <input class="unseen" type="text" name="username" value="\(frame.user)" \
      autocomplete="username" aria-label="User name" tabindex="-1" readonly>\
      \(passwordForm.input(secret("current", "Current password", "current-password")))\
      \(passwordForm.input(new))\(passwordForm.input(secret("again", "New password again")))\
      \(save("Change password"))
      """
  }

  private var tokenCard: Markup {
    let name = Field("tokenName", "What it is for", hint: "Such as: inventory script.")
    let days = Field("tokenDays", "Valid for days", hint: "1 to 365").short
    let fields: Markup = """
      \(tokenForm.summary)<div class="row">\(tokenForm.input(name))\(tokenForm.input(days))</div>\
      \(save("Create token"))
      """
    let form = PostForm(action: SettingsPage.action("tokens"), csrf: frame.csrf).markup(fields)
    return """
      <section class="card" id="tokens"><h2>API tokens</h2>\
      <p class="hint">A token may do what you may. Send it as “Authorization: Bearer …”.</p>\
      \(newTokenBox)\(tokenTable)\(form)</section>
      """
  }

  private var newTokenBox: Markup? {
    newToken.map { token -> Markup in
      """
      <div class="banner good" role="status">\(Icon.check.markup)<div>\
      <p class="strong">Token “\(token.name)”</p>\
      <p>Copy it now; it is not shown again.</p>\
      \(CopyField(id: "new-token").markup(token.text, what: "token"))</div></div>
      """
    }
  }

  private var tokenTable: Markup? {
    guard !tokens.isEmpty else { return nil }
    let rows = tokens.map { token -> [Markup] in
      let used = token.used.map { Moment(seconds: $0).markup(now: frame.now) }
      let expires = token.expires.map { Moment(seconds: $0).markup(now: frame.now) }
      return [
        "\(token.name)", Moment(seconds: token.created).markup(now: frame.now),
        used ?? "<span class=\"quiet\">never</span>", expires ?? "never",
        """
        <a class="button small" href="\(SettingsPage.action("tokens/\(token.id)/revoke"))" \
        data-confirm>Revoke<span class="unseen"> \(token.name)</span></a>
        """,
      ]
    }
    let columns = ["Name", "Made", "Last used", "Expires"].map(Column.init)
    return Table(caption: "API tokens", columns: columns + [.actions], rows: rows).markup
  }

  private var mailFields: Markup {
    var password = secret("smtpPassword", "Password").optional
    if hasMailPassword { password.hint = "One is set; leave this empty to keep it." }
    let url = Field(
      "smtp", "Mail server",
      hint: "smtps://mail.example:465 or smtp://mail.example:587 (STARTTLS). Empty: none."
    ).code.optional.wide
    let from = Field("smtpFrom", "Sender", hint: "Activation links come from this address.")
      .with(\.type, "email").optional.wide
    return """
      \(mailForm.summary)\(mailForm.input(url))\(mailForm.input(from))\
      <div class="row">\(mailForm.input(Field("smtpUser", "User").optional))\
      \(mailForm.input(password))</div>\(save())
      """
  }

  private var sessionFields: Markup {
    let idle = Field("idleMinutes", "Idle limit in minutes", hint: "5 to 720")
    let longest = Field("maximumHours", "Longest session in hours", hint: "1 to 168")
    return """
      \(sessionForm.summary)<div class="row">\(sessionForm.input(idle.short))\
      \(sessionForm.input(longest.short))</div>\(save())
      """
  }

  private var aboutCard: Markup? {
    guard !about.isEmpty else { return nil }
    var facts = Facts()
    for fact in about { facts.add(fact.name, code: fact.value) }
    return "<section class=\"card\"><h2>This portal</h2>\(facts.markup)</section>"
  }
}
