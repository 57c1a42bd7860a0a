/// Resources › Templates.
public struct TemplatesPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// The templates, in their order.
  public var rows: [Row]

  /// Joins the parts.
  public init(frame: Frame, rows: [Row]) {
    self.frame = frame
    self.rows = rows
  }

  /// One template.
  public struct Row: Sendable {
    /// Identifier.
    public var id: String
    /// Name.
    public var name: String
    /// `standalone` or `standard_mode_ha`.
    public var deployment: String
    /// Platform of each gateway: one or two.
    public var platforms: [String]
    /// Name servers.
    public var dns: [String]
    /// What the DHCP service does, such as `server`.
    public var dhcp: String
    /// Whether NAT is on.
    public var nat: Bool
    /// Number of sites that use it.
    public var sites: Int
    /// Comes with the product: can only be cloned.
    public var isDefault: Bool

    /// Joins the parts.
    public init(
      id: String, name: String, deployment: String, platforms: [String], dns: [String],
      dhcp: String, nat: Bool, sites: Int, isDefault: Bool
    ) {
      self.id = id
      self.name = name
      self.deployment = deployment
      self.platforms = platforms
      self.dns = dns
      self.dhcp = dhcp
      self.nat = nat
      self.sites = sites
      self.isDefault = isDefault
    }
  }

  /// The document.
  public var html: String {
    let columns = ["Name", "Deployment type", "Platform", "DNS", "DHCP", "NAT"].map(Column.init)
    var sites = Column("Sites")
    sites.isNumber = true
    let table = Table(
      caption: "Templates", columns: columns + [sites, .actions], rows: rows.map(cells))
    let content: Markup = "\(table.list)"
    return Shell(
      frame: frame, area: .templates, title: "Templates",
      subtitle: """
        What sites have in common. Default templates stay as they are; clone one to change it.
        """,
      actions: mayChange
        ? """
        <a class="button primary" href="\(Paths.newTemplate)">\(Icon.plus.markup)New template</a>
        """ : nil
    ).document(content)
  }

  private var mayChange: Bool { frame.rights.contains(.changeSites) }

  private func cells(_ row: Row) -> [Markup] {
    let mark: Markup? = row.isDefault ? " <span class=\"tag\">default</span>" : nil
    return [
      "<a class=\"strong\" href=\"\(Paths.template(row.id))\">\(row.name)</a>\(mark)",
      .code(row.deployment),
      "\(row.platforms.joined(separator: " + "))",
      .code(row.dns.joined(separator: ", ")),
      "\(row.dhcp)", "\(row.nat ? "On" : "Off")", "\(row.sites)", buttons(row),
    ]
  }

  private func buttons(_ row: Row) -> Markup {
    guard mayChange else { return .none }
    let clone: Markup = """
      <a class="button small" href="\(Paths.template(row.id, "clone"))">Clone\
      <span class="unseen"> \(row.name)</span></a>
      """
    guard !row.isDefault else { return clone }
    return """
      \(clone)<a class="button small" href="\(Paths.template(row.id, "delete"))" \
      data-confirm>Delete<span class="unseen"> \(row.name)</span></a>
      """
  }
}
