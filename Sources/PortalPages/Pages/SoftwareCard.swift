/// What the page of a site shows of software: each gateway's, and the update of them all.
public struct SoftwareCard: Sendable {
  /// One gateway.
  public struct Node: Sendable {
    /// Name.
    public var name: String
    /// The version that runs; empty: not known.
    public var version = ""
    /// `a` or `b`; empty where it is not the appliance's own system.
    public var slot = ""
    /// Whether that version has still to prove itself.
    public var isTrial = false
    /// How far another version is; nil: there is none.
    public var update: Progress?

    /// Starts with what it is called.
    public init(name: String) { self.name = name }
  }

  /// How far a version is on a gateway.
  public struct Progress: Sendable {
    /// Its version.
    public var version: String
    /// `downloading`, `verifying`, `writing`, `installed`, `trial`, `failed` or `returned`.
    public var state: String
    /// Of the state, 0…100; nil: the state has no progress.
    public var percent: Int?
    /// Why it failed or was returned from.
    public var reason: String

    /// Joins the parts.
    public init(version: String, state: String, percent: Int?, reason: String) {
      self.version = version
      self.state = state
      self.percent = percent
      self.reason = reason
    }
  }

  /// The gateways in the order of their slots.
  public var nodes: [Node] = []
  /// Where the update of the site is, in a sentence; nil: there was none.
  public var summary: Frame.Notice?
  /// What to think about.
  public var warnings: [String] = []
  /// The version of the update that waits or runs; nil: none does.
  public var open: String?
  /// Whether there is a version to update to.
  public var canUpdate = false

  /// Starts empty.
  public init() {}

  /// The card; nothing for a site whose gateways are not activated.
  func markup(_ frame: Frame, site: String) -> Markup? {
    guard !nodes.isEmpty else { return nil }
    let banners =
      [summary.map { Banner(kind: $0.kind, text: $0.text).markup }].compactMap { $0 }
      + warnings.map { Banner(kind: .warn, text: $0).markup }
    return """
      <section class="card" id="site-software" data-live><h2>Software</h2>\(banners)\
      <div class="software\(nodes.count > 1 ? "" : " alone")">\(nodes.map(node))</div>\
      \(buttons(frame, site))</section>
      """
  }

  private func node(_ node: Node) -> Markup {
    var facts = Facts()
    let trial: Markup? = node.isTrial ? " <span class=\"tag\">On trial</span>" : nil
    facts.add(
      "Version",
      markup: node.version.isEmpty
        ? "<span class=\"quiet\">–</span>" : "\(node.version)\(trial)")
    facts.add("Slot", node.slot.uppercased())
    return """
      <div><h3>\(node.name)</h3>\(facts.markup)\(node.update.map { progress($0, node.name) })</div>
      """
  }

  private func progress(_ update: Progress, _ name: String) -> Markup {
    let words = SoftwareCard.words[update.state] ?? update.state
    let version = update.version.isEmpty ? "Update" : update.version
    let bar = update.percent.map { percent -> Markup in
      """
      <progress max="100" value="\(percent)" aria-label="\(version) on \(name), \(words)">\
      \(percent) %</progress>
      """
    }
    let percent = update.percent.map { " <span class=\"quiet\">\($0) %</span>" as Markup }
    let isBad = ["failed", "returned"].contains(update.state)
    let reason = update.reason.isEmpty ? nil : update.reason
    let why: Markup? = reason.map {
      "<p class=\"reason\(isBad ? " bad" : "")\">\(Icon.alert.markup)<span>\($0)</span></p>"
    }
    return """
      <div class="progress"><p><span class="strong">\(version)</span> \
      <span class="\(isBad ? "bad-text" : "quiet")">\(words)</span>\(percent)</p>\(bar)\(why)</div>
      """
  }

  private static let words = [
    "downloading": "is fetched", "verifying": "is checked", "writing": "is written",
    "installed": "is installed, waits for the restart", "trial": "is on trial",
    "failed": "was not installed", "returned": "did not stay",
  ]

  private func buttons(_ frame: Frame, _ site: String) -> Markup? {
    guard frame.rights.contains(.manageSoftware) else { return nil }
    let button: Markup
    if open != nil {
      button = """
        <a class="button small" href="\(Paths.site(site, "update-cancel"))" data-confirm>\
        Cancel update</a>
        """
    } else if canUpdate {
      button = """
        <a class="button small" href="\(Paths.site(site, "update"))" data-confirm>\
        Update software</a>
        """
    } else {
      button = """
        <a class="button small" href="\(Paths.software)">Add software</a>
        """
    }
    return "<div class=\"buttons\">\(button)</div>"
  }
}

/// The question that begins the update of a site.
public struct UpdatePage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Identifier of the site.
  public var site: String
  /// Its name.
  public var name: String
  /// What will happen, one sentence each.
  public var effects: [String]
  /// The versions that can be chosen, with what is to be said about each.
  public var versions: [(version: String, label: String)]
  /// Form: `version`, `at`.
  public var form: FormState

  /// Joins the parts.
  public init(
    frame: Frame, site: String, name: String, effects: [String],
    versions: [(version: String, label: String)], form: FormState
  ) {
    self.frame = frame
    self.site = site
    self.name = name
    self.effects = effects
    self.versions = versions
    self.form = form
  }

  /// The document.
  public var html: String {
    let lines = effects.map { "<li>\($0)</li>" as Markup }
    let at = Field(
      "at", "Start at", hint: "HH:MM, UTC, within the next 24 hours. Empty: now.")
    let fields: Markup = """
      \(form.summary)<ul class="effects">\(lines)</ul>\
      \(form.select(Field("version", "Version"), versions.map { Choice($0.version, $0.label) }))\
      \(form.input(at.optional.short.code))\
      <div class="buttons"><button class="primary" type="submit">Update</button>\
      <a class="button" href="\(Paths.site(site))" data-cancel>Cancel</a></div>
      """
    let form = PostForm(action: Paths.site(site, "update"), csrf: frame.csrf).markup(fields)
    return Shell(
      frame: frame, area: .sites, title: "Update the software of \(name)?",
      crumbs: [Crumb("Sites", Paths.sites), Crumb(name, Paths.site(site))]
    ).document("<div class=\"card narrow\" id=\"confirmation\">\(form)</div>")
  }
}
