/// One site, tab Settings › VRRP. Fields: `virtual_router_id`, `version` (3, 2), `advert_int`,
/// `priority`, `vip`, `preempt` (yes), `authentication_password`, `passwordRemove` (yes), and for
/// each gateway `vrrp_interface.NAME`, `track_interface.NAME` (repeated).
public struct VRRPPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Name of the site and so on.
  public var heading: SiteHeading
  /// What each gateway can choose from.
  public var gateways: [Node]
  /// The versions that the gateways can speak.
  public var versions: [Int] = [3, 2]
  /// Which version's password protects, and what is stored but has no effect; nil: what the
  /// protocols say.
  public var passwordNotes: [String]?
  /// Whether a password is set.
  public var hasPassword = false
  /// The subnet of the LAN, for the hint at the virtual IP.
  public var subnet = ""
  /// What each gateway reports now: name and value.
  public var status: [SitePage.PairFact] = []
  /// What was typed or is stored, and what was wrong.
  public var form: FormState

  /// What one gateway can choose from.
  public struct Node: Sendable {
    /// Name of the gateway.
    public var name: String
    /// Ports that can carry the virtual router.
    public var ports: [String]
    /// Ports whose loss gives the active role away: never management or HA.
    public var tracked: [String]

    /// Joins the parts.
    public init(name: String, ports: [String], tracked: [String]) {
      self.name = name
      self.ports = ports
      self.tracked = tracked
    }
  }

  /// Joins the parts.
  public init(frame: Frame, heading: SiteHeading, gateways: [Node], form: FormState) {
    self.frame = frame
    self.heading = heading
    self.gateways = gateways
    self.form = form
  }

  /// The document.
  public var html: String {
    let mayChange = frame.rights.contains(.changeVRRP)
    let save: Markup =
      mayChange
      ? "<div class=\"buttons\"><button class=\"primary\" type=\"submit\">Save</button></div>"
      : "<p class=\"hint\">Your role may look at these settings but not change them.</p>"
    let fields: Markup = """
      \(form.summary)<fieldset class="plain"\("disabled", if: !mayChange)>\
      <legend class="unseen">VRRP</legend>\(groupCard)\
      <section class="card"><h2>Gateways</h2><div class="pair">\(gateways.map(node))</div>\
      </section>\(passwordCard)</fieldset>\(save)
      """
    let now: Markup = "<div id=\"vrrp-status\" data-live>\(status.strip)</div>"
    let lead: Markup = """
      <p class="lead">Everything here is filled in already: the pair forms without a change. \
      Choose another group when other devices on the LAN speak VRRP.</p>
      """
    return heading.shell(frame, .vrrp, topic: "site:\(heading.id)").document(
      """
      \(heading.tabs(.vrrp))\(lead)\(now)\
      \(PostForm(action: Paths.site(heading.id, "vrrp"), csrf: frame.csrf).markup(fields))
      """)
  }

  private var groupCard: Markup {
    let group = Field(
      "virtual_router_id", "VRRP Group ID", hint: "1 to 255; unique on the LAN.")
    let vip = Field(
      "vip", "Virtual IP",
      hint: "Inside \(subnet.isEmpty ? "the LAN's subnet" : subnet), and no node's own address.")
    let interval = Field(
      "advert_int", "Advertisement interval",
      hint: versions.contains(2)
        ? "Seconds, 0.01 to 40.95; with version 2 whole seconds, 1 to 255."
        : "Seconds, 0.01 to 40.95.")
    let priority = Field(
      "priority", "Priority of the primary",
      hint: "2 to 254; the secondary's is lower by itself.")
    let preempt = Field(
      "preempt", "The primary takes back the active role",
      hint: "Otherwise a working active keeps it.")
    let version = Field("version", "Version", hint: "Both gateways speak the same one.")
    let choices = versions.map {
      Choice(String($0), $0 == 3 ? "3 (RFC 9568)" : "2 (RFC 3768)")
    }
    return """
      <section class="card"><h2>Group</h2>\
      <div class="row three">\(form.input(group.short))\(form.input(vip.code))\
      \(versions.count > 1 ? form.select(version, choices) : .none)</div>\
      <div class="row three">\(form.input(interval.short))\(form.input(priority.short))\
      \(form.checkbox(preempt))</div>\
      </section>
      """
  }

  private func node(_ node: Node) -> Markup {
    let interface = Field("vrrp_interface.\(node.name)", "VRRP interface")
    let track = Field(
      "track_interface.\(node.name)", "Track interfaces",
      hint: "When one loses its link, the other gateway becomes active.")
    return """
      <div><h3>\(node.name)</h3>\
      \(form.select(interface, node.ports.map { Choice($0, $0.uppercased()) }))\
      \(form.checkboxes(track, node.tracked.map { Choice($0, $0.uppercased()) }))</div>
      """
  }

  private var passwordCard: Markup {
    let state = hasPassword ? "One is set; leave this empty to keep it." : "None is set."
    let password = Field(
      "authentication_password", "Password", hint: "At most 8 printable ASCII characters. \(state)"
    ).optional.with(\.type, "password").with(\.autocomplete, "new-password")
    let remove = form.checkbox(Field("passwordRemove", "Remove the password").wide)
    let old: Markup = """
      <li><span class="strong">Version 2</span> sends it as plain text in every advertisement. It \
      keeps a misconfigured neighbour out, and is no protection against an attacker.</li>
      """
    let new: Markup = """
      <li><span class="strong">Version 3</span> keys an HMAC trailer with it: devices without it \
      are ignored and counted. It authenticates; it does not encrypt.</li>
      """
    let given = passwordNotes?.map { "<li>\($0)</li>" as Markup }
    let notes = given ?? [new, versions.contains(2) ? old : .none]
    return """
      <section class="card"><h2>Password</h2><ul class="notes">\(notes)</ul>\
      \(form.input(password))\(hasPassword ? remove : .none)</section>
      """
  }
}
