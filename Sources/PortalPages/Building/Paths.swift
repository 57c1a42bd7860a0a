import HTTP

/// The addresses of the portal's pages; the pages link to them and the handlers answer them.
public enum Paths {
  /// The style sheet.
  public static let style = "/style.css"
  /// The script.
  public static let script = "/live.js"
  /// Server-sent events.
  public static let events = "/events"
  /// Sign in.
  public static let login = "/login"
  /// Sign out (POST).
  public static let logout = "/logout"
  /// The first administrator.
  public static let setup = "/setup"
  /// All sites; POST adds one.
  public static let sites = "/sites"
  /// The form for a new site.
  public static let newSite = "/sites/new"
  /// All templates; POST adds one.
  public static let templates = "/templates"
  /// The form for a new template.
  public static let newTemplate = "/templates/new"
  /// All users; POST adds one.
  public static let users = "/users"
  /// Who did what.
  public static let audit = "/audit"
  /// Settings of the portal and of one's own account.
  public static let settings = "/settings"

  /// The versions that the portal keeps; POST adds one.
  public static let software = "/settings/software"

  /// A verb on one version, such as `delete`.
  public static func software(_ version: String, _ verb: String) -> String {
    join(software, version, verb)
  }

  /// One site, or one of its verbs such as `suspend`.
  public static func site(_ id: String, _ verb: String? = nil) -> String {
    join(sites, id, verb)
  }

  /// A verb on one gateway, such as `rotate`.
  public static func gateway(_ id: String, _ verb: String) -> String {
    join("/gateways", id, verb)
  }

  /// One template, or one of its verbs such as `clone`.
  public static func template(_ id: String, _ verb: String? = nil) -> String {
    join(templates, id, verb)
  }

  /// A verb on one user, such as `role`.
  public static func user(_ id: String, _ verb: String) -> String { join(users, id, verb) }

  private static func join(_ base: String, _ id: String, _ verb: String?) -> String {
    base + "/" + URLCoding.encode(id) + (verb.map { "/" + $0 } ?? "")
  }
}
