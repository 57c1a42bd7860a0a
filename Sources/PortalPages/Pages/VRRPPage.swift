/// One site, tab Settings › VRRP. Fields: `virtual_router_id`, `version` (3, 2), `advert_int`,
/// `priority`, `vip`, `preempt` (yes), `preempt_delay`, `accept_mode` (yes), `checksum`,
/// `authentication_password`, `passwordRemove` (yes), `auth_mode`, `track_weight.PORT`, for each
/// gateway `vrrp_interface.NAME`, `track_interface.NAME` (repeated), and for each path check
/// `checks[N].name`, `.kind`, `.target`, `.intervalMs`, `.timeoutMs`, `.fall`, `.rise`, `.weight`.
public struct VRRPPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Name of the site and so on.
  public var heading: SiteHeading
  /// What each gateway can choose from.
  public var gateways: [Node]
  /// Ports whose loss has a weight.
  public var weighted: [String] = []
  /// Rows for path checks, at least one.
  public var checkRows = 1
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
      \(weightRow)</section>\(checksCard)\(passwordCard)</fieldset>\(save)
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
      hint: "Seconds: 0.01 to 40.95; with version 2 whole ones, 1 to 255.")
    let priority = Field(
      "priority", "Priority of the primary",
      hint: "2 to 254; the secondary's is lower by itself.")
    let version = Field(
      "version", "Version", hint: "3 unless another router on the LAN speaks 2 only.")
    let preempt = Field(
      "preempt", "The primary takes back the active role",
      hint: "Otherwise a working active keeps it.")
    let delay = Field(
      "preempt_delay", "Preempt delay",
      hint: "Seconds, 0 to 3600, that the primary must have been ready with every session.")
    let accept = Field(
      "accept_mode", "Answer at the virtual addresses",
      hint: "Off: packets to them are dropped, except ARP and neighbour discovery.")
    let checksum = Field(
      "checksum", "IPv4 checksum", hint: "Both forms are accepted; this is the one that is sent.")
    return """
      <section class="card"><h2>Group</h2>\
      <div class="row three">\(form.input(group.short))\(form.input(vip.code))\
      \(form.select(version, [Choice("3", "3 (RFC 9568)"), Choice("2", "2 (RFC 3768)")]))</div>\
      <div class="row three">\(form.input(interval.short))\(form.input(priority.short))\
      \(form.select(checksum, checksums))</div>\
      <div class="row three">\(form.checkbox(preempt))\(form.input(delay.short))\
      <div><input type="hidden" name="accept_mode_shown" value="yes">\
      \(form.checkbox(accept))</div></div>\
      </section>
      """
  }

  private var checksums: [Choice] {
    [
      Choice("auto", "As the other router's"), Choice("rfc9568", "RFC 9568, without pseudo header"),
      Choice("rfc5798", "RFC 5798, with pseudo header"),
    ]
  }

  private func node(_ node: Node) -> Markup {
    let interface = Field("vrrp_interface.\(node.name)", "VRRP interface")
    let track = Field(
      "track_interface.\(node.name)", "Track interfaces",
      hint: "The loss of a link takes its weight from the priority; the healthier is active.")
    return """
      <div><h3>\(node.name)</h3>\
      \(form.select(interface, node.ports.map { Choice($0, $0.uppercased()) }))\
      \(form.checkboxes(track, node.tracked.map { Choice($0, $0.uppercased()) }))</div>
      """
  }

  /// One weight a port, the same on both gateways.
  private var weightRow: Markup {
    guard !weighted.isEmpty else { return .none }
    let fields = weighted.map { port in
      form.input(
        Field(
          "track_weight.\(port)", "Weight of \(port.uppercased())",
          hint: "1 to 254; on both gateways."
        )
        .short)
    }
    return "<div class=\"row three\">\(fields)</div>"
  }

  private var passwordCard: Markup {
    let state = hasPassword ? "One is set; leave this empty to keep it." : "None is set."
    let password = Field(
      "authentication_password", "Password", hint: "At most 8 printable ASCII characters. \(state)"
    ).optional.with(\.type, "password").with(\.autocomplete, "new-password")
    let remove = form.checkbox(Field("passwordRemove", "Remove the password").wide)
    let mode = Field(
      "auth_mode", "Adverts without the trailer",
      hint: "Accept them only while another router is being given the password.")
    let notes: Markup = """
      <li><span class="strong">Version 3</span> keys an HMAC trailer with it \
      (draft-cassen-vrrp-auth-hmac): adverts without it, changed or replayed ones are refused \
      and counted. It authenticates; it does not encrypt. Routers that do not know the trailer \
      refuse these adverts.</li>\
      <li><span class="strong">Version 2</span> sends it as plain text in every advertisement. It \
      keeps a misconfigured neighbour out, and is no protection against an attacker.</li>
      """
    let choices = [Choice("enforce", "Refuse"), Choice("permissive", "Accept")]
    return """
      <section class="card"><h2>Password</h2><ul class="notes">\(notes)</ul>\
      <div class="row">\(form.input(password))\(form.select(mode, choices))</div>\
      \(hasPassword ? remove : .none)</section>
      """
  }
}
