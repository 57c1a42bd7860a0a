/// Administration › Settings › Software: the versions that the portal keeps for gateways.
public struct SoftwarePage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// The versions, the newest first.
  public var rows: [Row]
  /// How many are kept at most.
  public var limit: Int
  /// Largest bundle, in MiB.
  public var limitMiB: Int
  /// What was wrong with the file that was sent.
  public var form = FormState()

  /// One version.
  public struct Row: Sendable {
    /// Such as `1.2.3`.
    public var version: String
    /// Octets of its bundle.
    public var size: Int64
    /// Whether its signature was checked.
    public var isVerified: Bool
    /// Whether updates take it unless another is named.
    public var isDefault: Bool
    /// The models that it is for.
    public var profiles: [String]
    /// The oldest version that it can be installed on.
    public var minimum: String
    /// Seconds since 1970 when it was added.
    public var added: Int64
    /// Who added it.
    public var user: String
    /// What uses it; empty: it can be deleted.
    public var uses: [String] = []

    /// Joins what every version has.
    public init(
      version: String, size: Int64, isVerified: Bool, isDefault: Bool, profiles: [String],
      minimum: String, added: Int64, user: String
    ) {
      self.version = version
      self.size = size
      self.isVerified = isVerified
      self.isDefault = isDefault
      self.profiles = profiles
      self.minimum = minimum
      self.added = added
      self.user = user
    }
  }

  /// Joins the parts.
  public init(frame: Frame, rows: [Row], limit: Int, limitMiB: Int) {
    self.frame = frame
    self.rows = rows
    self.limit = limit
    self.limitMiB = limitMiB
  }

  /// The document.
  public var html: String {
    Shell(
      frame: frame, area: .settings, title: "Settings",
      subtitle: "Software that gateways can be updated to.", topic: "software"
    ).document(
      """
      \(SettingsTab.software.tabs)<div id="software-list" data-live>\(list)</div>\(uploadCard)
      """)
  }

  private var canChange: Bool { frame.rights.contains(.manageSoftware) }

  private var list: Markup {
    guard !rows.isEmpty else {
      let text = "Add the bundle of a version; its file name ends in .ztb."
      return EmptyState(icon: .software, title: "No software yet", text: text).markup
    }
    let columns = ["Version", "Signature", "Models", "Size", "Added"].map(Column.init)
    return Table(
      caption: "Software", columns: columns + (canChange ? [.actions] : []),
      rows: rows.map { row in cells(row) + (canChange ? [actions(row)] : []) }
    ).list
  }

  private func cells(_ row: Row) -> [Markup] {
    let mark: Markup? = row.isDefault ? " <span class=\"tag\">Default</span>" : nil
    let use = row.uses.first.map { first -> Markup in
      let more = row.uses.count > 1 ? ", and \(row.uses.count - 1) more" : ""
      return "<span class=\"quiet line\">\(first)\(more)</span>"
    }
    let signature: Markup =
      row.isVerified ? "Verified" : "<span class=\"warn-text\">Not verified</span>"
    return [
      "<span class=\"strong\">\(row.version)</span>\(mark)\(use)", signature,
      """
      \(row.profiles.joined(separator: ", "))\
      <span class="quiet line">from \(row.minimum) on</span>
      """, "\(SoftwarePage.size(row.size))",
      """
      \(Moment(seconds: row.added).markup(now: frame.now))\
      <span class="quiet line">by \(row.user)</span>
      """,
    ]
  }

  private func actions(_ row: Row) -> Markup {
    var buttons: [Markup] = []
    if !row.isDefault {
      buttons.append(button(row, "default", "Make default"))
      if row.uses.isEmpty { buttons.append(button(row, "delete", "Delete")) }
    }
    return "\(buttons)"
  }

  private func button(_ row: Row, _ verb: String, _ text: String) -> Markup {
    """
    <a class="button small" href="\(Paths.software(row.version, verb))" data-confirm>\(text)\
    <span class="unseen"> \(row.version)</span></a>
    """
  }

  /// `230 MiB`, for people.
  static func size(_ octets: Int64) -> String {
    octets < 1 << 20 ? "\((octets + 1_023) >> 10) KiB" : "\((octets + (1 << 19)) >> 20) MiB"
  }

  private var uploadCard: Markup? {
    guard canChange else { return nil }
    let full: Markup = """
      <p>\(limit) versions are kept. Delete one before you add another.</p>
      """
    let field = Field("file", "Bundle", hint: "A file that ends in .ztb, \(limitMiB) MiB at most.")
    let fields: Markup = """
      \(form.summary)\(form.input(field.with(\.type, "file").wide))\
      <div class="buttons"><button type="submit" class="primary">Add software</button></div>
      """
    let upload = PostForm(action: Paths.software, csrf: frame.csrf, hasFile: true).markup(fields)
    return """
      <section class="card narrow" id="add-software"><h2>Add software</h2>\
      \(rows.count < limit ? upload : full)</section>
      """
  }
}

/// The pages of Settings.
enum SettingsTab: String, CaseIterable {
  case general = "General"
  case software = "Software"

  var tabs: Markup {
    let links = SettingsTab.allCases.map { tab -> Markup in
      let path = tab == .general ? Paths.settings : Paths.software
      return """
        <li><a href="\(path)"\("aria-current", tab == self ? "page" : nil)>\(tab.rawValue)</a></li>
        """
    }
    return "<nav class=\"tabs\" aria-label=\"Settings\"><ul>\(links)</ul></nav>"
  }
}
