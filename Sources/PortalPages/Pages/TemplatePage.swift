/// A template: new, edited, or (a default one, or without the right) only looked at.
public struct TemplatePage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// What is done with it.
  public var mode: Mode
  /// Fields `name`, `primaryDns`, `secondaryDns`, `dhcpService`, `deploymentType`,
  /// `platformType`, `platformType2`, `allowDifferentPlatforms` (yes), `natEnabled` (yes).
  public var form: FormState
  /// Every platform there is: value and label.
  public var platforms: [(value: String, label: String)]
  /// Values and labels of the DHCP service.
  public var dhcpModes: [(value: String, label: String)] = [
    ("none", "None"), ("server", "Server: the gateway hands out addresses"),
    ("relay", "Relay to a server elsewhere"),
  ]
  /// What a setting does, or does not do, for people.
  public var notes: [String] = []
  /// Number of sites that use it.
  public var sites = 0

  /// What is done with the template.
  public enum Mode: Sendable {
    /// A new one.
    case new
    /// A new one, with the values of another.
    case clone(id: String, of: String)
    /// Its owner changes it.
    case edit(id: String, name: String)
    /// It comes with the product, or the user may not change it.
    case view(id: String, name: String, isDefault: Bool)
  }

  /// Joins what every template page has.
  public init(
    frame: Frame, mode: Mode, form: FormState, platforms: [(value: String, label: String)]
  ) {
    self.frame = frame
    self.mode = mode
    self.form = form
    self.platforms = platforms
  }

  /// The document.
  public var html: String {
    Shell(
      frame: frame, area: .templates, title: title,
      crumbs: [Crumb("Templates", Paths.templates)], subtitle: subtitle, actions: cloneButton
    ).document("\(remarks)<div class=\"card narrow\">\(isEditable ? editor : overview)</div>")
  }

  private var title: String {
    switch mode {
    case .new: "New template"
    case .clone(_, let name): "Clone of \(name)"
    case .edit(_, let name), .view(_, let name, _): name
    }
  }

  private var subtitle: Markup? {
    switch mode {
    case .view(_, _, isDefault: true):
      "Default template: it stays as it is, but you can clone it."
    case .edit where sites > 0:
      """
      Used by \(sites == 1 ? "1 site" : "\(sites) sites"); a change reaches their gateways within \
      a minute.
      """
    default: nil
    }
  }

  private var remarks: [Markup] { notes.map { Banner(kind: .info, text: $0).markup } }

  private var cloneButton: Markup? {
    guard case .view(let id, _, _) = mode, frame.rights.contains(.changeSites) else { return nil }
    return "<a class=\"button primary\" href=\"\(Paths.template(id, "clone"))\">Clone</a>"
  }

  private var isEditable: Bool { if case .view = mode { false } else { true } }

  private var action: String {
    switch mode {
    case .new, .view: Paths.templates
    case .clone(let id, _): Paths.template(id, "clone")
    case .edit(let id, _): Paths.template(id)
    }
  }

  private var editor: Markup {
    let isNew = if case .edit = mode { false } else { true }
    let fields: Markup = """
      \(form.summary)\(form.input(Field("name", "Name").wide))\
      \(deploymentFields)\
      <div class="row">\(form.input(Field("primaryDns", "Primary DNS").code))\
      \(form.input(Field("secondaryDns", "Secondary DNS").code.optional))</div>\
      \(form.select(Field("dhcpService", "DHCP Service").wide, dhcpModes.map { Choice($0, $1) }))\
      \(form.checkbox(
        Field("natEnabled", "NAT Enabled", hint: "Hosts leave with the address of the WAN interface.")
          .wide))\
      <div class="buttons"><button class="primary" type="submit">\
      \(isNew ? "Create template" : "Save")</button>\
      <a class="button" href="\(Paths.templates)">Cancel</a></div>
      """
    return PostForm(action: action, csrf: frame.csrf).markup(fields)
  }

  private var deploymentFields: Markup {
    let types = [
      Choice("standalone", "standalone", hint: "One gateway. A failure stops the branch."),
      Choice(
        "standard_mode_ha", "standard_mode_ha",
        hint: "Two gateways, one active and one standby; sessions survive a failure."),
    ]
    let models = platforms.map { Choice($0.value, $0.label) }
    let override = Field(
      "allowDifferentPlatforms", "Allow two different platforms",
      hint: "Pairs are made of identical appliances. Only for a replacement or a test: the pair "
        + "has the capacity of the smaller one."
    ).wide
    return """
      \(form.radios(Field("deploymentType", "Deployment Type").wide, types))\
      <div class="row">\(form.select(Field("platformType", "Platform Gateway-1"), models))\
      <div class="only-ha">\(form.select(Field("platformType2", "Platform Gateway-2"), models))</div>\
      </div><div class="only-ha">\(form.checkbox(override))</div>
      """
  }

  private var overview: Markup {
    let isPair = form["deploymentType"] == "standard_mode_ha"
    var facts = Facts()
    facts.add("Deployment Type", code: form["deploymentType"])
    facts.add("Platform Gateway-1", form["platformType"])
    if isPair { facts.add("Platform Gateway-2", form["platformType2"]) }
    facts.add("Primary DNS", code: form["primaryDns"])
    facts.add("Secondary DNS", code: form["secondaryDns"])
    facts.add("DHCP Service", form["dhcpService"])
    facts.add("NAT Enabled", form.has("natEnabled", "yes") ? "Yes" : "No")
    facts.add("Sites", String(sites))
    return facts.markup
  }
}
