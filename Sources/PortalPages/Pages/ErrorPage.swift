/// A page that says what went wrong, why, and what helps.
public struct ErrorPage: Sendable {
  /// HTTP status, such as 404.
  public var status: Int
  /// What happened, as a title: `There is no such site`.
  public var what: String
  /// Why.
  public var why: String
  /// What helps.
  public var remedy: String
  /// A path to go on with, and its name.
  public var next: (path: String, name: String)

  /// Joins the parts.
  public init(
    status: Int, what: String, why: String, remedy: String,
    next: (path: String, name: String) = (Paths.sites, "Go to Sites")
  ) {
    self.status = status
    self.what = what
    self.why = why
    self.remedy = remedy
    self.next = next
  }

  /// The document: with the navigation when the user is signed in.
  public func html(_ frame: Frame?) -> String {
    let content: Markup = """
      <div class="error-page"><p>\(why)</p><p>\(remedy)</p>\
      <p><a class="button primary" href="\(next.path)">\(next.name)</a></p>\
      <p class="foot">Status \(status)</p></div>
      """
    guard let frame else {
      return Shell.bare(title: what, "<h1>\(what)</h1>\(content)")
    }
    return Shell(frame: frame, area: nil, title: what).document(content)
  }
}
