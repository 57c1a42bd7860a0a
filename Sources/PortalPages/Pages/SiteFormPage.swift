/// The form of a site: Add Site, second step, or a change later.
///
/// Fields: `templateId` (hidden), `name`, `timeZone`, `lanVirtualIP`, `wanVirtualIP`,
/// `proxy.host`, `.port`, `.user`, `.password`, `.exceptions`, and for each gateway N = 0, 1
/// `gateways[N].name`, `.lanAddress`, `.wan.mode` (dhcp, static), `.wan.address`, `.wan.gateway`,
/// `.wan.vlan`.
public struct SiteFormPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Identifier of the template.
  public var template: String
  /// Its name.
  public var templateName: String
  /// The site that is changed, identifier and name; nil: a new one.
  public var editing: (id: String, name: String)?
  /// The gateways: one or two.
  public var gateways: [Slot]
  /// Whether the template has NAT, so that a pair needs an address of its own outside.
  public var isNATEnabled = true
  /// Whether a password of the proxy is stored.
  public var hasProxyPassword = false
  /// What was typed, and what was wrong.
  public var form: FormState

  /// What is known of one gateway before it has a name.
  public struct Slot: Sendable {
    /// Its platform.
    public var platform: String
    /// The WAN port as people say it: `GE3`.
    public var wanPort: String
    /// The LAN port.
    public var lanPort: String

    /// Joins the parts.
    public init(platform: String, wanPort: String, lanPort: String) {
      self.platform = platform
      self.wanPort = wanPort
      self.lanPort = lanPort
    }
  }

  /// Joins the parts.
  public init(
    frame: Frame, template: String, templateName: String, gateways: [Slot], form: FormState
  ) {
    self.frame = frame
    self.template = template
    self.templateName = templateName
    self.gateways = gateways
    self.form = form
  }

  private var isPair: Bool { gateways.count > 1 }

  /// The document.
  public var html: String {
    let content: Markup = """
      \(form.summary)<input type="hidden" name="templateId" value="\(template)">\
      <section class="card"><h2>Site</h2>\(siteFields)</section>\
      <div class="pair\(isPair ? "" : " alone")">\(gateways.indices.map(gateway))</div>\
      <section class="card"><h2>Web proxy</h2>\(proxyFields)</section>\
      <div class="buttons"><button class="primary" type="submit">\
      \(editing == nil ? "Add site" : "Save")</button>\
      <a class="button" href="\(back)">Cancel</a></div>
      """
    let action = editing.map { Paths.site($0.id, "edit") } ?? Paths.sites
    return shell.document(PostForm(action: action, csrf: frame.csrf).markup(content))
  }

  private var back: String { editing.map { Paths.site($0.id) } ?? Paths.sites }

  private var shell: Shell {
    var shell = Shell(
      frame: frame, area: .sites, title: "Add site", crumbs: [Crumb("Sites", Paths.sites)],
      subtitle: """
        Step 2 of 2 · template <span class="strong">\(templateName)</span> \
        (<a href="\(Paths.newSite)">choose another</a>)
        """)
    if let editing {
      shell.title = "Site settings"
      shell.crumbs.append(Crumb(editing.name, back))
      shell.subtitle = """
        Gateways that are activated take a change over within a minute. A gateway that is not gets \
        a new activation link when its WAN or the proxy changes; its code stays.
        """
    }
    return shell
  }

  private var siteFields: Markup {
    let name = Field("name", "Name", hint: "The gateways are named after it: paris-gw-01.")
    let zone = Field("timeZone", "Time zone", hint: "Such as Europe/Paris.")
    let lan = Field(
      "lanVirtualIP", "LAN virtual IP",
      hint: "The default gateway of the branch; it moves with the active role."
    ).code
    let wan = Field(
      "wanVirtualIP", "WAN virtual IP",
      hint: "Sessions leave with it, whichever gateway is active. With DHCP, give the prefix too."
    ).code.with(\.isOptional, !isNATEnabled)
    return """
      <div class="row">\(form.input(name))\(form.input(zone.code))</div>\
      \(isPair ? "<div class=\"row\">\(form.input(lan))\(form.input(wan))</div>" : Markup.none)
      """
  }

  private var proxyFields: Markup {
    let host = Field("proxy.host", "Host", hint: "Empty: the gateways go straight out.")
    let port = Field("proxy.port", "Port")
    var password = Field("proxy.password", "Password").optional.with(\.type, "password")
      .with(\.autocomplete, "new-password")
    if hasProxyPassword { password.hint = "One is set; leave this empty to keep it." }
    let exceptions = Field(
      "proxy.exceptions", "Exceptions",
      hint: "Names, addresses or networks reached without it, separated by commas."
    ).code.optional
    return """
      <div class="row">\(form.input(host.code.optional))\(form.input(port.short.optional))</div>\
      <div class="row">\(form.input(Field("proxy.user", "User").optional))\
      \(form.input(password))</div>\(form.input(exceptions.wide))
      """
  }

  private func gateway(_ index: Int) -> Markup {
    let base = "gateways[\(index)]."
    let slot = gateways[index]
    let name = Field(base + "name", "Name", hint: "Empty: after the site, with -gw-0\(index + 1).")
    let modes = [Choice("dhcp", "Use DHCP"), Choice("static", "Address and gateway by hand")]
    let lan = Field(
      base + "lanAddress", "LAN address (\(slot.lanPort))",
      hint: isPair ? "Its own, beside the virtual one: 10.1.0.\(index + 2)/24" : "10.1.0.1/24"
    ).code
    let address = Field(base + "wan.address", "WAN address", hint: "203.0.113.2/24").code
    let vlan = Field(base + "wan.vlan", "VLAN tag", hint: "1 to 4094; empty: none")
    return """
      <section class="card gateway-form"><h2>Gateway \(index + 1) \
      <span class="quiet">\(slot.platform)</span></h2>\
      <div class="row">\(form.input(name.optional))\(form.input(lan))</div>\
      \(form.radios(Field(base + "wan.mode", "WAN (\(slot.wanPort))").wide, modes))\
      <div class="row only-static">\(form.input(address))\
      \(form.input(Field(base + "wan.gateway", "Default gateway").code))</div>\
      \(form.input(vlan.optional.short))</section>
      """
  }
}
