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

/// Add Site, second step: the form. Fields: `template` (hidden), `name`, `timeZone`, `lanVirtual`,
/// `wanVirtual`, `proxy`, `proxyUser`, `proxyPassword`, and for each gateway N = 1, 2
/// `gatewayN.name`, `.mode` (dhcp, static), `.address`, `.gateway`, `.vlan`, `.lan`.
public struct NewSitePage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Identifier of the template.
  public var template: String
  /// Its name.
  public var templateName: String
  /// Platform of each gateway: one or two.
  public var platforms: [String]
  /// Name of the WAN port of each gateway, as people say it: `GE3`.
  public var wanPorts: [String]
  /// Name of the LAN port of each gateway.
  public var lanPorts: [String]
  /// What was typed, and what was wrong.
  public var form: FormState

  /// Joins the parts.
  public init(
    frame: Frame, template: String, templateName: String, platforms: [String],
    wanPorts: [String], lanPorts: [String], form: FormState
  ) {
    self.frame = frame
    self.template = template
    self.templateName = templateName
    self.platforms = platforms
    self.wanPorts = wanPorts
    self.lanPorts = lanPorts
    self.form = form
  }

  private var isPair: Bool { platforms.count > 1 }

  /// The document.
  public var html: String {
    let gateways = platforms.indices.map(gateway)
    let content: Markup = """
      \(form.summary)<input type="hidden" name="template" value="\(template)">\
      <section class="card"><h2>Site</h2>\(siteFields)</section>\
      <div class="pair\(isPair ? "" : " alone")">\(gateways)</div>\
      <section class="card"><h2>Web proxy</h2>\(proxyFields)</section>\
      <div class="buttons"><button class="primary" type="submit">Add site</button>\
      <a class="button" href="\(Paths.sites)">Cancel</a></div>
      """
    return Shell(
      frame: frame, area: .sites, title: "Add site", crumbs: [Crumb("Sites", Paths.sites)],
      subtitle: """
        Step 2 of 2 · template <span class="strong">\(templateName)</span> \
        (<a href="\(Paths.newSite)">choose another</a>)
        """
    ).document(PostForm(action: Paths.sites, csrf: frame.csrf).markup(content))
  }

  private var siteFields: Markup {
    let name = Field("name", "Name", hint: "The gateways are named after it: paris-gw-01.")
    let zone = Field("timeZone", "Time zone", hint: "For schedules and the console's clock.")
    let lan = Field(
      "lanVirtual", "LAN virtual IP",
      hint: "The default gateway of the branch; it moves with the active role."
    ).code
    let wan = Field(
      "wanVirtual", "WAN virtual IP",
      hint: "Sessions leave with it, whichever gateway is active. Needed when NAT is on."
    ).code.optional
    return """
      <div class="row">\(form.input(name))\(form.input(zone.code))</div>\
      \(isPair ? "<div class=\"row\">\(form.input(lan))\(form.input(wan))</div>" : Markup.none)
      """
  }

  private var proxyFields: Markup {
    let place = Field(
      "proxy", "Proxy", hint: "host:port, such as proxy.example:3128. Empty: straight out.")
    let password = Field("proxyPassword", "Password").optional.with(\.type, "password")
      .with(\.autocomplete, "new-password")
    return """
      <div class="row three">\(form.input(place.code.optional))\
      \(form.input(Field("proxyUser", "User").optional))\(form.input(password))</div>
      """
  }

  private func gateway(_ index: Int) -> Markup {
    let base = "gateway\(index + 1)."
    let name = Field(base + "name", "Name", hint: "Ends in -gw-0\(index + 1).")
    let modes = [
      Choice("dhcp", "Use DHCP"), Choice("static", "Address, prefix and gateway by hand"),
    ]
    let lan = Field(
      base + "lan", "LAN address (\(lanPorts[index]))",
      hint: isPair ? "This node's own, beside the virtual one." : "With prefix."
    ).code
    return """
      <section class="card gateway-form"><h2>Gateway \(index + 1) \
      <span class="quiet">\(platforms[index])</span></h2>\
      <div class="row">\(form.input(name))\(form.input(lan))</div>\
      \(form.radios(Field(base + "mode", "WAN (\(wanPorts[index]))").wide, modes))\
      <div class="row only-static">\
      \(form.input(Field(base + "address", "WAN address", hint: "203.0.113.2/24").code))\
      \(form.input(Field(base + "gateway", "Default gateway").code))</div>\
      \(form.input(Field(base + "vlan", "VLAN tag", hint: "1 to 4094; empty: none").optional.short))\
      </section>
      """
  }
}
