public import Activation

/// One site, tab Events: every change of state with time and cause.
public struct EventsPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// Name of the site and so on.
  public var heading: SiteHeading
  /// The events, newest first.
  public var rows: [Row]
  /// Link to older ones; nil: these are the last.
  public var older: String?

  /// One event.
  public struct Row: Sendable {
    /// Seconds since 1970.
    public var time: Int64
    /// Name of the gateway; empty: the site.
    public var gateway: String
    /// What happened.
    public var text: String
    /// Why.
    public var cause: String
    /// The state it led to; nil: none.
    public var state: GatewayState?

    /// Joins the parts.
    public init(
      time: Int64, gateway: String, text: String, cause: String, state: GatewayState? = nil
    ) {
      self.time = time
      self.gateway = gateway
      self.text = text
      self.cause = cause
      self.state = state
    }
  }

  /// Joins the parts.
  public init(frame: Frame, heading: SiteHeading, rows: [Row]) {
    self.frame = frame
    self.heading = heading
    self.rows = rows
  }

  /// The document.
  public var html: String {
    heading.shell(frame, .events, topic: "site:\(heading.id)").document(
      "\(heading.tabs(.events))<div id=\"site-events\" data-live>\(list)</div>")
  }

  private var list: Markup {
    guard !rows.isEmpty else {
      return EmptyState(
        icon: .audit, title: "Nothing has happened yet",
        text: "Events appear here as soon as a gateway of this site is activated."
      ).markup
    }
    let table = Table(
      caption: "Events, newest first",
      columns: ["Time", "Gateway", "Event", "Cause"].map(Column.init), rows: rows.map(cells))
    let more = older.map {
      "<a class=\"button small\" href=\"\($0)\" rel=\"next\">Older</a>" as Markup
    }
    return """
      \(table.list)\
      <nav class="pager" aria-label="Pages">\(more)</nav>
      """
  }

  private func cells(_ row: Row) -> [Markup] {
    let event: Markup = row.state.map { "\($0.badge) \(row.text)" } ?? "\(row.text)"
    return [Moment(seconds: row.time).exactMarkup, "\(row.gateway)", event, "\(row.cause)"]
  }
}

/// Administration › Audit log: who did what, from where.
public struct AuditPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// The entries, newest first.
  public var rows: [Row]
  /// Text that an entry contains.
  public var search: String
  /// Link to older ones; nil: these are the last.
  public var older: String?
  /// Link to newer ones; nil: these are the first.
  public var newer: String?

  /// One entry.
  public struct Row: Sendable {
    /// Seconds since 1970.
    public var time: Int64
    /// Name of the user, or of the token.
    public var user: String
    /// What was done.
    public var action: String
    /// To what.
    public var object: String
    /// What changed.
    public var detail: String
    /// Address of the client.
    public var address: String
    /// Whether it was refused.
    public var isRefused: Bool

    /// Joins the parts.
    public init(
      time: Int64, user: String, action: String, object: String, detail: String, address: String,
      isRefused: Bool = false
    ) {
      self.time = time
      self.user = user
      self.action = action
      self.object = object
      self.detail = detail
      self.address = address
      self.isRefused = isRefused
    }
  }

  /// Joins the parts.
  public init(frame: Frame, rows: [Row], search: String) {
    self.frame = frame
    self.rows = rows
    self.search = search
  }

  /// The document.
  public var html: String {
    let tools: Markup = """
      <div class="tools"><form class="search" role="search" method="get" \
      action="\(Paths.audit)"><label class="unseen" for="search">Search the audit log</label>\
      \(Icon.search.markup)<input id="search" type="search" name="search" value="\(search)" \
      placeholder="User, action, object or address" autocomplete="off">\
      <button type="submit">Search</button></form></div>
      """
    return Shell(
      frame: frame, area: .audit, title: "Audit log",
      subtitle: "Entries cannot be changed or removed."
    ).document("\(tools)\(list)")
  }

  private var list: Markup {
    guard !rows.isEmpty else {
      return EmptyState(
        icon: .audit, title: search.isEmpty ? "No entries yet" : "No entry matches",
        text: search.isEmpty
          ? "Each sign-in and each change appears here." : "Try another word."
      ).markup
    }
    let columns = ["Time", "User", "Action", "Object", "Detail", "From"].map(Column.init)
    let table = Table(
      caption: "Audit log, newest first", columns: columns, rows: rows.map(cells))
    let turn = { (link: String?, name: String, relation: String) -> Markup? in
      link.map { "<a class=\"button small\" href=\"\($0)\" rel=\"\(relation)\">\(name)</a>" }
    }
    return """
      \(table.list)\
      <nav class="pager" aria-label="Pages">\(turn(newer, "Newer", "prev"))\
      \(turn(older, "Older", "next"))</nav>
      """
  }

  private func cells(_ row: Row) -> [Markup] {
    let refused: Markup? = row.isRefused ? " <span class=\"tag bad\">refused</span>" : nil
    return [
      Moment(seconds: row.time).exactMarkup, "\(row.user)", "\(row.action)\(refused)",
      "\(row.object)", "\(row.detail)", .code(row.address),
    ]
  }
}
