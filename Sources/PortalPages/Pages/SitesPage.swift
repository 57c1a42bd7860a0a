public import Activation
import HTTP

/// Deployments › Sites.
public struct SitesPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// What is shown.
  public var query: SiteQuery
  /// The sites of this page.
  public var rows: [Row]
  /// Number of sites that match, on all pages.
  public var matching: Int
  /// Number of sites there are.
  public var total: Int
  /// Sites a page.
  public var pageSize: Int
  /// Number of gateways in each state, over all sites.
  public var counts: [(state: GatewayState, count: Int)] = []

  /// Joins the parts.
  public init(
    frame: Frame, query: SiteQuery, rows: [Row], matching: Int, total: Int, pageSize: Int
  ) {
    self.frame = frame
    self.query = query
    self.rows = rows
    self.matching = matching
    self.total = total
    self.pageSize = pageSize
  }

  /// One site.
  public struct Row: Sendable {
    /// Identifier.
    public var id: String
    /// Name.
    public var name: String
    /// Its gateways, in their order.
    public var gateways: [Gateway] = []
    /// Name of the template.
    public var template = ""
    /// `standalone` or `standard_mode_ha`.
    public var deployment = ""
    /// Platforms.
    public var platform = ""
    /// Virtual or own address on the LAN.
    public var lan = ""
    /// Virtual or own address on the WAN.
    public var wan = ""
    /// Seconds since 1970 of the last contact with a gateway.
    public var contact: Int64?
    /// Seconds since 1970 when it was added.
    public var created: Int64 = 0

    /// Names the site.
    public init(id: String, name: String) {
      self.id = id
      self.name = name
    }
  }

  /// One gateway of a site.
  public struct Gateway: Sendable {
    /// Name.
    public var name: String
    /// State.
    public var state: GatewayState
    /// Its state before it fell silent.
    public var lastState: GatewayState?
    /// Whether it has been activated.
    public var isActivated: Bool

    /// Joins the parts.
    public init(
      name: String, state: GatewayState, lastState: GatewayState? = nil, isActivated: Bool
    ) {
      self.name = name
      self.state = state
      self.lastState = lastState
      self.isActivated = isActivated
    }
  }

  /// The document.
  public var html: String {
    let button: Markup = """
      <a class="button primary" href="\(Paths.newSite)">\(Icon.plus.markup)Add site</a>
      """
    return Shell(
      frame: frame, area: .sites, title: "Sites",
      actions: frame.rights.contains(.changeSites) && total > 0 ? button : nil, topic: "sites"
    ).document(total == 0 ? nothingYet : "\(tools)\(list)")
  }

  private var nothingYet: Markup {
    let mayAdd = frame.rights.contains(.changeSites)
    return EmptyState(
      icon: .sites, title: "No sites yet",
      text: mayAdd
        ? "A site is one branch with one gateway or a pair. Add the first one, and its activation "
          + "code and link appear at once."
        : "A network admin can add the first one.",
      action: mayAdd
        ? "<a class=\"button primary\" href=\"\(Paths.newSite)\">Add site</a>" : nil
    ).markup
  }

  // MARK: Search, states, columns

  private var tools: Markup {
    let isFiltered = query.state != nil || !query.search.isEmpty
    let clear: Markup? =
      isFiltered
      ? "<a class=\"button small\" href=\"\(query.with(\.search, "").with(\.state, nil).link)\">Show all</a>"
      : nil
    return """
      <div class="tools"><form class="search" id="search-form" role="search" method="get" \
      action="\(Paths.sites)" data-filter>\(hidden(except: ["search", "page"]))\
      <label class="unseen" for="search">Search sites</label>\(Icon.search.markup)\
      <input id="search" type="search" name="search" value="\(query.search)" \
      placeholder="Name, gateway, template or address" autocomplete="off">\
      <button type="submit">Search</button></form>\(clear)\(columnChooser)</div>\
      <div class="filters" id="site-counts" data-live>\(counts.map(filter))</div>
      """
  }

  private func filter(_ item: (state: GatewayState, count: Int)) -> Markup {
    let isOn = query.state == item.state
    let link = query.with(\.state, isOn ? nil : item.state).link
    return """
      <a class="filter" href="\(link)"\("aria-current", isOn ? "true" : nil)>\
      \(item.state.badge)<span class="count">\(item.count)</span></a>
      """
  }

  private func hidden(except names: Set<String>) -> [Markup] {
    query.fields.filter { !names.contains($0.name) }.map {
      "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">"
    }
  }

  private var columnChooser: Markup {
    let boxes = SiteQuery.Column.allCases.map { column -> Markup in
      let isFixed = column == .name
      return """
        <label class="box" for="column-\(column.rawValue)"><input type="checkbox" \
        id="column-\(column.rawValue)" name="column" value="\(column.rawValue)"\
        \("checked", if: query.columns.contains(column))\("disabled", if: isFixed)>\
        <span>\(column.title)</span></label>
        """
    }
    // The name is sent from here as well: its own box is disabled, and one `column` must be sent
    // even when all the others are cleared.
    return """
      <details class="menu" id="columns"><summary class="button">\(Icon.columns.markup)Columns\
      </summary><form class="panel" id="column-form" method="get" action="\(Paths.sites)" data-filter>\
      \(hidden(except: ["column"]))<input type="hidden" name="column" value="name">\
      <fieldset><legend>Columns</legend>\(boxes)</fieldset>\
      <button type="submit">Apply</button></form></details>
      """
  }

  // MARK: The list

  private var list: Markup {
    guard !rows.isEmpty else {
      let empty = EmptyState(
        icon: .search, title: "No site matches", text: "Try another word, or show all sites.",
        action: "<a class=\"button\" href=\"\(Paths.sites)\">Show all sites</a>")
      return "<div id=\"site-list\" data-live>\(empty.markup)</div>"
    }
    let columns = query.columns.map { column -> Column in
      var result = Column(column.title)
      result.sortLink = query.sorted(by: column).link
      if query.sort == column { result.isAscending = !query.isDescending }
      return result
    }
    let table = Table(caption: "Sites", columns: columns + [.actions], rows: rows.map(cells))
    return """
      <div id="site-list" data-live>\(table.list)\(pager)</div>
      """
  }

  private func cells(_ row: Row) -> [Markup] {
    query.columns.map { cell(row, $0) } + [
      """
      <a class="icon-button" href="\(Paths.site(row.id, "links"))" title="Send Activation Link">\
      \(Icon.send.markup)<span class="unseen">Send Activation Link for \(row.name)</span></a>
      """
    ]
  }

  private func cell(_ row: Row, _ column: SiteQuery.Column) -> Markup {
    switch column {
    case .name: "<a class=\"strong\" href=\"\(Paths.site(row.id))\">\(row.name)</a>"
    case .state: "<span class=\"stack\">\(row.gateways.indices.map { state(row, $0) })</span>"
    case .gateways:
      "<span class=\"stack\">\(row.gateways.map { "<span>\($0.name)</span>" as Markup })</span>"
    case .template: "\(row.template)"
    case .deployment: .code(row.deployment)
    case .platform: "\(row.platform)"
    case .lan: .code(row.lan)
    case .wan: .code(row.wan)
    case .contact: moment(row.contact) ?? "<span class=\"quiet\">never</span>"
    case .created: moment(row.created) ?? .none
    }
  }

  private func moment(_ seconds: Int64?) -> Markup? {
    seconds.map { Moment(seconds: $0).markup(now: frame.now) }
  }

  private func state(_ row: Row, _ index: Int) -> Markup {
    let gateway = row.gateways[index]
    let last = gateway.lastState.map { last -> Markup in
      " <span class=\"quiet\">last: \(last.rawValue)</span>"
    }
    return """
      <span id="\(Field.identifier("state-\(row.id)-\(index)"))" \
      data-announce="\(gateway.name) is \(gateway.state.rawValue)">\
      \(gateway.state.badge)\(last)</span>
      """
  }

  private var pager: Markup {
    let first = (query.page - 1) * pageSize + 1
    let last = min(matching, first + rows.count - 1)
    let before = query.page > 1 ? turn(-1, "Previous", "prev") : nil
    let after = last < matching ? turn(1, "Next", "next") : nil
    return """
      <nav class="pager" aria-label="Pages"><p>\(first)–\(last) of \(matching) \
      \(matching == 1 ? "site" : "sites")</p>\(before)\(after)</nav>
      """
  }

  private func turn(_ step: Int, _ name: String, _ relation: String) -> Markup {
    let link = query.with(\.page, query.page + step).link
    return "<a class=\"button small\" href=\"\(link)\" rel=\"\(relation)\">\(name)</a>"
  }
}
