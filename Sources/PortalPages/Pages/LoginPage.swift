/// The page to sign in.
public struct LoginPage: Sendable {
  /// Token against forged posts; belongs to a cookie, as there is no session yet.
  public var csrf: String
  /// The name that was typed, and what was wrong.
  public var form: FormState
  /// Where to go afterwards; a path of this portal.
  public var next: String
  /// Why a user who was signed in no longer is, or another sentence at the top.
  public var notice: Frame.Notice?

  /// Joins the parts.
  public init(csrf: String, form: FormState = FormState(), next: String = "") {
    self.csrf = csrf
    self.form = form
    self.next = next
  }

  /// The document.
  public var html: String {
    let name = Field("name", "User name").with(\.autocomplete, "username").wide
    let password = Field("password", "Password").with(\.type, "password")
      .with(\.autocomplete, "current-password").wide
    let content: Markup = """
      <h1>Sign in</h1>\(notice.map { Banner(kind: $0.kind, text: $0.text).markup })\
      \(PostForm(action: Paths.login, csrf: csrf).markup(
        """
        \(form.summary)<input type="hidden" name="next" value="\(next)">\
        \(form.input(name))\(form.input(password))\
        <button class="primary block" type="submit">Sign in</button>
        """))\
      <p class="foot">Forgotten your password? A super admin can issue a new one under Users.</p>
      """
    return Shell.bare(title: "Sign in", content)
  }
}

/// The page of a one-time link: the first administrator is made, or a user sets a password.
public struct SetupPage: Sendable {
  /// Token against forged posts.
  public var csrf: String
  /// Whether nobody can sign in yet, so that a super admin is made.
  public var isFirst: Bool
  /// What was typed, and what was wrong: `token`, `name` (the first), `password`, `again`.
  public var form: FormState

  /// Joins the parts.
  public init(csrf: String, isFirst: Bool, form: FormState = FormState()) {
    self.csrf = csrf
    self.isFirst = isFirst
    self.form = form
  }

  /// The document.
  public var html: String {
    let token = Field(
      "token", "One-time code",
      hint: "It stands in the link behind #, and works once."
    ).code.wide
    let name = Field("name", "User name", hint: "Yours, not a shared one: the audit log shows it.")
      .with(\.autocomplete, "username").wide
    let password = Field("password", "Password", hint: "At least 12 characters.")
      .with(\.type, "password").with(\.autocomplete, "new-password").wide
    let again = Field("again", "Password again")
      .with(\.type, "password").with(\.autocomplete, "new-password").wide
    let content: Markup = """
      <h1>\(isFirst ? "Set up this portal" : "Set your password")</h1>\
      \(lead)\
      \(PostForm(action: Paths.setup, csrf: csrf).markup(
        """
        \(form.summary)\(form.input(token))\(isFirst ? form.input(name) : .none)\
        \(form.input(password))\(form.input(again))\
        <button class="primary block" type="submit">\
        \(isFirst ? "Create administrator" : "Set password")</button>
        """))
      """
    return Shell.bare(title: isFirst ? "Set up" : "Set your password", content)
  }

  private var lead: Markup {
    let text =
      isFirst
      ? "Make the first administrator. There is no default password, so nobody can sign in before "
        + "this is done. The portal printed the link with the code when it started."
      : "You were given a link to this page. Afterwards you are signed in."
    return "<p class=\"lead\">\(text)</p>"
  }
}
