/// Add Site, first step: the template. It comes first because it decides which fields follow, and
/// so works without a script.
public struct ChooseTemplatePage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// The templates.
  public var templates: [TemplatesPage.Row]

  /// Joins the parts.
  public init(frame: Frame, templates: [TemplatesPage.Row]) {
    self.frame = frame
    self.templates = templates
  }

  /// The document.
  public var html: String {
    Shell(
      frame: frame, area: .sites, title: "Add site", crumbs: [Crumb("Sites", Paths.sites)],
      subtitle: "Step 1 of 2: choose a template. A template for a pair makes two gateways."
    ).document(
      """
      <section class="choices"><h2>Pairs</h2><ul>\(cards(isPair: true))</ul>\
      <h2>Standalone</h2><ul>\(cards(isPair: false))</ul></section>
      """)
  }

  private func cards(isPair: Bool) -> [Markup] {
    templates.filter { ($0.platforms.count > 1) == isPair }.map { template in
      let mark: Markup? = template.isDefault ? " <span class=\"tag\">default</span>" : nil
      return """
        <li><a class="choice" href="\(Paths.newSite)?template=\(template.id)">\
        <span class="strong">\(template.name)</span>\(mark)\
        <span class="quiet">\(template.platforms.joined(separator: " + ")) · DNS \
        \(template.dns.joined(separator: ", ")) · DHCP \(template.dhcp) · \
        NAT \(template.nat ? "on" : "off")</span></a></li>
        """
    }
  }
}
