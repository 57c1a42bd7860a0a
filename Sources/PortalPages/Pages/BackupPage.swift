/// One site, backup and restore of its settings.
public struct BackupPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Name and so on.
  public var heading: SiteHeading
  /// The configurations that its gateways were given: name, version and when, newest first.
  public var versions: [(gateway: String, version: Int64, made: Int64)] = []
  /// Form `restore`: `file`, `text`.
  public var form = FormState()

  /// Joins the parts.
  public init(frame: Frame, heading: SiteHeading) {
    self.frame = frame
    self.heading = heading
  }

  /// The document.
  public var html: String {
    let file = Paths.site(heading.id, "backup-file")
    let secret: Markup? =
      frame.rights.contains(.changeSites)
      ? "<a class=\"button\" href=\"\(file)?secrets=1\" download>Download with passwords</a>" : nil
    return heading.shell(frame, .backup, topic: nil).document(
      """
      \(heading.tabs(.backup))\
      <section class="card narrow"><h2>Backup</h2>\
      <p>The settings of this site and its gateways as one file. Certificates, activation codes \
      and the key of a pair are not in it.</p>\
      <div class="buttons"><a class="button primary" href="\(file)" download>Download</a>\
      \(secret)</div></section>\(restoreCard)\(history)
      """)
  }

  private var restoreCard: Markup? {
    guard frame.rights.contains(.changeSites) else { return nil }
    let file = Field("file", "Backup file").with(\.type, "file").wide
    let fields: Markup = """
      \(form.summary)\(form.input(file))\
      <p class="hint">Everything is checked first. Gateways get a new configuration, and go back \
      to the one before if it does not work.</p>\
      <div class="buttons"><button type="submit" class="danger">Restore</button></div>
      """
    let restore = PostForm(
      action: Paths.site(heading.id, "restore"), csrf: frame.csrf, hasFile: true
    ).markup(fields)
    return """
      <section class="card narrow" id="restore"><h2>Restore</h2>\
      \(restore)</section>
      """
  }

  private var history: Markup? {
    guard !versions.isEmpty else { return nil }
    let rows = versions.map { entry -> [Markup] in
      [
        "\(entry.gateway)", "\(Int(entry.version))",
        "\(Moment(seconds: entry.made).markup)",
      ]
    }
    let columns = ["Gateway", "Version", "Made"].map(Column.init)
    return """
      <h2 class="above">Configurations that gateways were given</h2>\
      \(Table(caption: "Configurations", columns: columns, rows: rows).list)
      """
  }
}
