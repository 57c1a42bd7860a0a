/// Name, tabs and buttons that all pages of one site share.
public struct SiteHeading: Sendable {
  /// Identifier.
  public var id: String
  /// Name.
  public var name: String
  /// Name of the template.
  public var template: String
  /// `standalone` or `standard_mode_ha`.
  public var deployment: String
  /// Whether a planned switchover is possible now.
  public var canSwitch = false

  /// Joins the parts.
  public init(id: String, name: String, template: String, deployment: String) {
    self.id = id
    self.name = name
    self.template = template
    self.deployment = deployment
  }

  /// Whether it has two gateways.
  public var isPair: Bool { deployment == "standard_mode_ha" }

  enum Tab: String, CaseIterable {
    case gateways = "Gateways"
    case vrrp = "Settings › VRRP"
    case events = "Events"
    case backup = "Backup"
  }

  func shell(_ frame: Frame, _ tab: Tab, topic: String?) -> Shell {
    Shell(
      frame: frame, area: .sites, title: name, crumbs: [Crumb("Sites", Paths.sites)],
      subtitle: "\(template) · <span class=\"code\">\(deployment)</span>",
      actions: actions(frame), topic: topic)
  }

  func tabs(_ open: Tab) -> Markup {
    let links = Tab.allCases.filter { isPair || $0 != .vrrp }.map { tab -> Markup in
      let verb: String? =
        switch tab {
        case .gateways: nil
        case .vrrp: "vrrp"
        case .events: "events"
        case .backup: "backup"
        }
      let current = tab == open ? "page" : nil
      return """
        <li><a href="\(Paths.site(id, verb))"\("aria-current", current)>\(tab.rawValue)</a></li>
        """
    }
    return "<nav class=\"tabs\" aria-label=\"Site\"><ul>\(links)</ul></nav>"
  }

  private func actions(_ frame: Frame) -> Markup {
    var buttons: [Markup] = []
    if canSwitch, frame.rights.contains(.switchRoles) {
      buttons.append(
        """
        <a class="button" href="\(Paths.site(id, "switchover"))" data-confirm>\
        \(Icon.swap.markup)Switch over</a>
        """)
    }
    return Markup(buttons)
  }
}

/// One site, tab Gateways.
public struct SitePage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Name and so on.
  public var heading: SiteHeading
  /// One sentence on the whole: `Both gateways wait for activation.`
  public var summary: Frame.Notice?
  /// Its gateways.
  public var gateways: [GatewayCard]
  /// What the pair has in common: name, value and, when it is not well, a kind.
  public var pair: [PairFact] = []
  /// Versions of its gateways.
  public var software = SoftwareCard()
  /// Settings of the site: name and value.
  public var facts: [(name: String, value: String)] = []

  /// Joins the parts.
  public init(frame: Frame, heading: SiteHeading, gateways: [GatewayCard]) {
    self.frame = frame
    self.heading = heading
    self.gateways = gateways
  }

  /// One thing the pair has in common.
  public struct PairFact: Sendable {
    /// Its name, such as `Session sync`.
    public var name: String
    /// Its value.
    public var value: String
    /// How it is coloured; nil: not.
    public var kind: Frame.Notice.Kind?

    /// Joins the parts.
    public init(_ name: String, _ value: String, _ kind: Frame.Notice.Kind? = nil) {
      self.name = name
      self.value = value
      self.kind = kind
    }
  }

  /// The document.
  public var html: String {
    var settings = Facts()
    for fact in facts { settings.add(fact.name, fact.value) }
    let buttons: Markup = """
      <div class="buttons"><a class="button small" href="\(Paths.site(heading.id, "edit"))">Edit\
      <span class="unseen"> site settings</span></a><a class="button small" \
      href="\(Paths.site(heading.id, "delete"))" data-confirm>Delete site</a></div>
      """
    let all: Markup = """
      <section class="card"><h2>Site settings</h2>\(settings.markup)\
      \(frame.rights.contains(.changeSites) ? buttons : .none)</section>
      """
    return heading.shell(frame, .gateways, topic: "site:\(heading.id)").document(
      """
      \(heading.tabs(.gateways))\(summaryBanner)\(pairStrip)\
      <div class="pair\(gateways.count > 1 ? "" : " alone")">\
      \(gateways.map { $0.markup(frame, site: heading.id) })</div>\
      \(software.markup(frame, site: heading.id))\(all)
      """)
  }

  private var summaryBanner: Markup {
    let text = summary.map { Banner(kind: $0.kind, text: $0.text).markup }
    return "<div id=\"site-summary\" data-live>\(text)</div>"
  }

  private var pairStrip: Markup { "<div id=\"site-pair\" data-live>\(pair.strip)</div>" }
}

extension [SitePage.PairFact] {
  /// The facts beside each other; nothing when there is none.
  var strip: Markup? {
    guard !isEmpty else { return nil }
    let items = map { fact -> Markup in
      """
      <div class="\(fact.kind?.rawValue ?? "plain")"><dt>\(fact.name)</dt>\
      <dd>\(fact.value)</dd></div>
      """
    }
    return "<dl class=\"strip\">\(items)</dl>"
  }
}
