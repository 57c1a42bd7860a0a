/// Administration › Settings: one's own account for everybody, the portal's for super admins.
public struct SettingsPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// API tokens of the user.
  public var tokens: [Token] = []
  /// A token that was just made; it is shown this once.
  public var newToken: (name: String, text: String)?
  /// Form `password`: `old`, `password`, `again`.
  public var passwordForm = FormState()
  /// Form `tokens`: `name`, `days`.
  public var tokenForm = FormState()
  /// How mail is sent and how long sessions last: name and value, set when the portal starts.
  public var limits: [(name: String, value: String)] = []
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
    /// Seconds since 1970 when it expires.
    public var expires: Int64

    /// Joins the parts.
    public init(id: String, name: String, created: Int64, expires: Int64) {
      self.id = id
      self.name = name
      self.created = created
      self.expires = expires
    }
  }

  /// Starts with everything empty.
  public init(frame: Frame) { self.frame = frame }

  /// The address that one form of the page is posted to.
  public static func action(_ form: String) -> String { Paths.settings + "/" + form }

  /// The document.
  public var html: String {
    return Shell(frame: frame, area: .settings, title: "Settings").document(
      """
      \(SettingsTab.general.tabs)<div class="settings">\(card("password", "Your password", passwordFields))\
      \(factsCard("Mail and sessions", limits))\(tokenCard)\(factsCard("This portal", about))</div>
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
    new.hint = "At least 12 characters. All your sessions and API tokens end."
    return """
      \(passwordForm.summary)\
      <input class="unseen" type="text" name="username" value="\(frame.user)" \
      autocomplete="username" aria-label="User name" tabindex="-1" readonly>\
      \(passwordForm.input(secret("old", "Current password", "current-password")))\
      \(passwordForm.input(new))\(passwordForm.input(secret("again", "New password again")))\
      \(save("Change password"))
      """
  }

  private var tokenCard: Markup {
    let name = Field("name", "What it is for", hint: "Such as: inventory script.")
    let days = Field("days", "Valid for days", hint: "1 to 366").short
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
      [
        "\(token.name)", Moment(seconds: token.created).markup(now: frame.now),
        Moment(seconds: token.expires).markup(now: frame.now),
        """
        <a class="button small" href="\(SettingsPage.action("tokens/\(token.id)/revoke"))" \
        data-confirm>Revoke<span class="unseen"> \(token.name)</span></a>
        """,
      ]
    }
    let columns = ["Name", "Made", "Expires"].map(Column.init)
    return Table(caption: "API tokens", columns: columns + [.actions], rows: rows).markup
  }

  private func factsCard(_ title: String, _ list: [(name: String, value: String)]) -> Markup? {
    guard !list.isEmpty else { return nil }
    var facts = Facts()
    for fact in list { facts.add(fact.name, fact.value) }
    return "<section class=\"card\"><h2>\(title)</h2>\(facts.markup)</section>"
  }
}
