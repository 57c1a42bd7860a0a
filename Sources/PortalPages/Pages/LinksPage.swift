/// Send Activation Link: the codes and links of a site again, by mail or to be copied.
public struct LinksPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Name of the site and so on.
  public var heading: SiteHeading
  /// The gateways.
  public var gateways: [Item]
  /// Whether the portal can send mail.
  public var canMail: Bool
  /// Field `to`, and problems.
  public var form = FormState()

  /// One gateway.
  public struct Item: Sendable {
    /// Identifier.
    public var id: String
    /// Name.
    public var name: String
    /// Code and link; nil: it has been activated, or the user may not see them.
    public var activation: ActivationPanel?

    /// Whether it has been activated.
    public var isActivated: Bool

    /// Joins the parts.
    public init(id: String, name: String, activation: ActivationPanel?, isActivated: Bool) {
      self.id = id
      self.name = name
      self.activation = activation
      self.isActivated = isActivated
    }
  }

  /// Joins the parts.
  public init(frame: Frame, heading: SiteHeading, gateways: [Item], canMail: Bool) {
    self.frame = frame
    self.heading = heading
    self.gateways = gateways
    self.canMail = canMail
  }

  /// The document.
  public var html: String {
    let isAll = gateways.count > 1
    return Shell(
      frame: frame, area: .sites, title: "Send Activation Link",
      crumbs: [Crumb("Sites", Paths.sites), Crumb(heading.name, Paths.site(heading.id))],
      subtitle: """
        Whoever has the code or the link can activate the gateway once. Send \
        \(isAll ? "them" : "it") only to the person at the branch.
        """
    ).document(
      "\(mailForm)<div class=\"pair\(isAll ? "" : " alone")\">\(gateways.indices.map(card))</div>")
  }

  private var hasAny: Bool { gateways.contains { $0.activation != nil } }

  private var mailForm: Markup {
    guard hasAny, frame.rights.contains(.changeSites) else { return .none }
    guard canMail else {
      let hint = Banner(
        kind: .info,
        text: "This portal sends no mail: it was started without a mail server. Copy the link or "
          + "code below."
      ).markup
      return "\(form.summary)\(hint)"
    }
    let to = Field("to", "Send to", hint: "E-mail address of the person at the branch.")
      .with(\.type, "email").with(\.autocomplete, "email").wide
    let boxes = gateways.filter { $0.activation != nil }.map { Choice($0.id, $0.name) }
    let fields: Markup = """
      \(form.summary)\(form.input(to))\
      \(form.checkboxes(Field("gateway", "Gateways").wide, boxes))\
      <div class="buttons"><button class="primary" type="submit">\(Icon.send.markup)\
      Send Activation Link</button></div>
      """
    return """
      <section class="card narrow"><h2>By mail</h2>\(PostForm(
        action: Paths.site(heading.id, "links"), csrf: frame.csrf).markup(fields))</section>
      """
  }

  private func card(_ index: Int) -> Markup {
    let item = gateways[index]
    let content: Markup =
      if let panel = item.activation {
        panel.markup(gateway: item.name, number: index + 1, now: frame.now)
      } else if item.isActivated {
        """
        <p class="reason">\(Icon.check.markup)Activated; its code has been used. To give its place \
        to another appliance, use Replace on the site's page.</p>
        """
      } else {
        "<p class=\"reason\">\(Icon.info.markup)Your role does not show activation codes.</p>"
      }
    return """
      <section class="card gateway"><header><div><p class="over">Gateway \(index + 1)</p>\
      <h2>\(item.name)</h2></div></header>\(content)</section>
      """
  }
}
