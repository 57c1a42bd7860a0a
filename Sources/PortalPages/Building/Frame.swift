/// What every page of a signed-in user shows around its content.
public struct Frame: Sendable {
  /// Name of the user.
  public var user: String
  /// The user's role in words, such as `Network admin`.
  public var role: String
  /// What the user may do; buttons for the rest are not drawn (the handlers refuse it anyway).
  public var rights: Rights
  /// Token of the session, sent with each form.
  public var csrf: String
  /// Seconds since 1970 now.
  public var now: Int64
  /// Outcome of what was done last.
  public var notice: Notice?

  /// Joins the parts.
  public init(user: String, role: String, rights: Rights, csrf: String, now: Int64) {
    self.user = user
    self.role = role
    self.rights = rights
    self.csrf = csrf
    self.now = now
  }

  /// What a user may do.
  public struct Rights: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int
    /// Takes bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Add and change sites and templates, send links, rotate codes, replace, reset.
    public static let changeSites = Rights(rawValue: 1)
    /// Switch over, suspend, resume.
    public static let switchRoles = Rights(rawValue: 2)
    /// Change the VRRP settings.
    public static let changeVRRP = Rights(rawValue: 4)
    /// See activation codes and links.
    public static let seeCodes = Rights(rawValue: 8)
    /// Add, change and remove users.
    public static let manageUsers = Rights(rawValue: 16)
    /// See the audit log.
    public static let seeAudit = Rights(rawValue: 32)
    /// Change the portal's settings.
    public static let manageSettings = Rights(rawValue: 64)
    /// Add software and update gateways.
    public static let manageSoftware = Rights(rawValue: 128)

    /// Everything.
    public static let all = Rights(rawValue: 255)
  }

  /// A sentence at the top of the page.
  public struct Notice: Sendable {
    /// How it is coloured.
    public enum Kind: String, Sendable { case good, info, warn, bad }
    /// How it is coloured.
    public var kind: Kind
    /// The sentence.
    public var text: String

    /// Joins the two.
    public init(_ kind: Kind, _ text: String) {
      self.kind = kind
      self.text = text
    }
  }
}

/// The areas of the portal, as the navigation lists them.
enum Area: String, CaseIterable {
  case sites = "Sites"
  case templates = "Templates"
  case users = "Users"
  case audit = "Audit log"
  case settings = "Settings"

  var path: String {
    switch self {
    case .sites: Paths.sites
    case .templates: Paths.templates
    case .users: Paths.users
    case .audit: Paths.audit
    case .settings: Paths.settings
    }
  }

  var icon: Icon {
    switch self {
    case .sites: .sites
    case .templates: .templates
    case .users: .users
    case .audit: .audit
    case .settings: .settings
    }
  }

  func isOpen(to rights: Frame.Rights) -> Bool {
    switch self {
    case .sites, .templates, .settings: true
    case .users: rights.contains(.manageUsers)
    case .audit: rights.contains(.seeAudit)
    }
  }
}
