/// A step on the way to a page, above its title.
struct Crumb {
  var title: String
  var path: String

  init(_ title: String, _ path: String) {
    self.title = title
    self.path = path
  }
}

/// A page of a signed-in user: head, navigation, title, content.
struct Shell {
  var frame: Frame
  var area: Area?
  /// Title of the page, and of the window.
  var title: String
  /// The way to it.
  var crumbs: [Crumb] = []
  /// One line under the title.
  var subtitle: Markup?
  /// Buttons at the right of the title.
  var actions: Markup?
  /// Which changes refresh the page's live parts, such as `sites`; nil: none.
  var topic: String?

  /// The whole document.
  func document(_ content: Markup) -> String {
    let body: Markup = """
      <a class="skip" href="#content">Skip to content</a>\
      <div class="layout">\(side)\
      <main id="content" tabindex="-1">\(notice)\(heading)\(content)</main></div>\
      <p class="unseen" id="announcer" role="status" aria-live="polite"></p>
      """
    return Shell.html(title: title, topic: topic, body)
  }

  /// A page without navigation: sign-in, set-up, some errors.
  static func bare(title: String, _ content: Markup) -> String {
    let body: Markup = """
      <a class="skip" href="#content">Skip to content</a>\
      <main id="content" class="bare" tabindex="-1">\
      <p class="brand">\(Icon.mark)<span>ZT Branch</span></p>\(content)</main>\
      <p class="unseen" id="announcer" role="status" aria-live="polite"></p>
      """
    return html(title: title, topic: nil, body)
  }

  private static func html(title: String, topic: String?, _ body: Markup) -> String {
    let page: Markup = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>\(title) · ZT Branch</title>\
      <meta name="viewport" content="width=device-width, initial-scale=1">\
      <meta name="color-scheme" content="light dark">\
      <meta name="referrer" content="no-referrer">\
      <link rel="icon" href="data:image/svg+xml,\
      %3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E\
      %3Crect width='24' height='24' rx='6' fill='%230b5f73'/%3E\
      %3Cpath d='M12 5v5M12 10L7 15M12 10l5 5' stroke='white' stroke-width='2'/%3E%3C/svg%3E">\
      <link rel="stylesheet" href="\(Paths.style)"><script src="\(Paths.script)" defer></script>\
      </head><body\("data-topic", topic)>\(body)</body></html>

      """
    return page.html
  }

  private var side: Markup {
    """
    <header class="side"><a class="brand" href="\(Paths.sites)">\(Icon.mark)\
    <span>ZT Branch</span></a>\
    <nav aria-label="Main">\(group("Deployments", [.sites]))\
    \(group("Resources", [.templates]))\
    \(group("Administration", [.users, .audit, .settings]))</nav>\
    <div class="account"><p><span class="strong">\(frame.user)</span>\
    <span class="quiet">\(frame.role)</span></p>\(leaveForm)</div></header>
    """
  }

  private var leaveForm: Markup {
    let button: Markup = """
      <button class="icon-button" type="submit" title="Sign out">\(Icon.leave.markup)\
      <span class="unseen">Sign out</span></button>
      """
    return PostForm(action: Paths.logout, csrf: frame.csrf, className: "inline").markup(button)
  }

  private func group(_ title: String, _ areas: [Area]) -> Markup {
    let links = areas.filter { $0.isOpen(to: frame.rights) }.map { area -> Markup in
      let current = area == self.area ? "page" : nil
      return """
        <li><a href="\(area.path)"\("aria-current", current)>\(area.icon.markup)\
        <span>\(area.rawValue)</span></a></li>
        """
    }
    return links.isEmpty ? .none : "<p class=\"group\">\(title)</p><ul>\(links)</ul>"
  }

  private var heading: Markup {
    let way = crumbs.map { "<li><a href=\"\($0.path)\">\($0.title)</a></li>" as Markup }
    let trail: Markup =
      crumbs.isEmpty
      ? .none : "<nav class=\"crumbs\" aria-label=\"Breadcrumb\"><ol>\(way)</ol></nav>"
    let line = subtitle.map { "<p class=\"subtitle\">\($0)</p>" as Markup }
    // Which buttons there are can change with the state, so they refresh like the rest.
    let buttons: Markup = """
      <div class="heading-actions" id="heading-actions"\("data-live", if: topic != nil)>\
      \(actions)</div>
      """
    return """
      \(trail)<div class="heading"><div><h1>\(title)</h1>\(line)</div>\(buttons)</div>
      """
  }

  private var notice: Markup? { frame.notice.map { Banner(kind: $0.kind, text: $0.text).markup } }
}

/// A sentence or two that must be seen.
struct Banner {
  var kind: Frame.Notice.Kind
  var title: String?
  var text: String
  var action: Markup?

  init(kind: Frame.Notice.Kind, title: String? = nil, text: String, action: Markup? = nil) {
    self.kind = kind
    self.title = title
    self.text = text
    self.action = action
  }

  var markup: Markup {
    let icon: Icon =
      switch kind {
      case .good: .check
      case .info: .info
      case .warn, .bad: .alert
      }
    let role = kind == .bad ? "alert" : "status"
    let heading = title.map { "<p class=\"strong\">\($0)</p>" as Markup }
    return """
      <div class="banner \(kind.rawValue)" role="\(role)">\(icon.markup)\
      <div>\(heading)<p>\(text)</p></div>\(action)</div>
      """
  }
}
