import HTTP
import Messages

/// What every page knows.
struct PageContext {
  /// What the appliance is.
  let appliance: ApplianceStatus
  /// The secret field of the forms.
  let token: String
}

/// The frame around every page: head, header, footer, and how it renews itself.
enum PageFrame {
  /// How a page gets newer by itself.
  enum Renewal {
    /// It does not.
    case none
    /// By the script; without scripts the browser loads it again.
    case live(withoutScriptSeconds: Int)
  }

  /// Where a page is in the navigation.
  enum Place: String {
    case activation = "/"
    case settings = "/settings"
  }

  /// A whole page.
  static func page(
    _ title: String, _ context: PageContext?, place: Place = .activation, status: Int = 200,
    renewal: Renewal = .none, _ content: Markup
  ) -> HTTPResponse {
    var refresh = Markup.none
    var live = Markup.none
    if case .live(let seconds) = renewal {
      refresh = "<noscript><meta http-equiv=\"refresh\" content=\"\(seconds)\"></noscript>\n"
      live = " data-live"
    }
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title) · ZT Branch</title>
      \(refresh)<link rel="stylesheet" href="/page.css">
      <script src="/page.js" defer></script>
      </head>
      <body>
      <header>
      <a class="brand" href="/">\(Icons.mark)<span>ZT Branch</span></a>
      \(navigation(context, place))</header>
      <main\(live)>
      \(content)</main>
      \(footer(context))<p class="lost" role="status" hidden>The appliance does not answer at the \
      moment. This page goes on by itself.</p>
      </body>
      </html>

      """
    return .html(page.html, status: status)
  }

  private static func navigation(_ context: PageContext?, _ place: Place) -> Markup {
    guard context != nil else { return .none }
    func entry(_ target: Place, _ words: String) -> Markup {
      let mark: Markup = target == place ? " aria-current=\"page\"" : ""
      return "<a href=\"\(target.rawValue)\"\(mark)>\(words)</a>\n"
    }
    return """
      <nav aria-label="Pages">
      \(entry(.activation, "Activation"))\(entry(.settings, "Network"))</nav>

      """
  }

  private static func footer(_ context: PageContext?) -> Markup {
    guard let appliance = context?.appliance else { return .none }
    return """
      <footer>
      <dl>
      <div><dt>Model</dt><dd>\(appliance.profile)</dd></div>
      <div><dt>Serial</dt><dd>\(appliance.serial)</dd></div>
      <div><dt>Version</dt><dd>\(appliance.version)</dd></div>
      <div><dt>Port</dt><dd>\(appliance.managementPort)</dd></div>
      </dl>
      </footer>

      """
  }
}

/// The few pictures, drawn in the page itself; colours come from the style sheet.
enum Icons {
  static let mark: Markup = """
    <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">\
    <rect width="24" height="24" rx="6"/><path d="M7 8.5h10L7 15.5h10"/></svg>
    """
  static let done: Markup = icon("done", "M3.5 8.5l3 3 6-7")
  static let failed: Markup = icon("failed", "M4.5 4.5l7 7M11.5 4.5l-7 7")
  static let skipped: Markup = icon("skipped", "M4.5 8h7")
  static let large: Markup = """
    <svg class="large" viewBox="0 0 48 48" width="56" height="56" aria-hidden="true">\
    <circle cx="24" cy="24" r="23"/><path d="M14 25l7 7 13-15"/></svg>
    """

  private static func icon(_ name: String, _ path: String) -> Markup {
    """
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">\
    <path d="\(path)"/></svg>
    """
  }
}
