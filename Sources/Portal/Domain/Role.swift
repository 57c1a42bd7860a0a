/// What a user may do.
enum Role: String, Hashable, CaseIterable {
  case superAdmin = "super-admin"
  case networkAdmin = "network-admin"
  case securityAdmin = "security-admin"
  case viewer

  /// As people read it.
  var title: String {
    switch self {
    case .superAdmin: "Super Admin"
    case .networkAdmin: "Network Admin"
    case .securityAdmin: "Security Admin"
    case .viewer: "Viewer"
    }
  }

  /// The permission table.
  func allows(_ permission: Permission) -> Bool {
    switch permission {
    case .view: true
    case .manageTemplates, .manageSites, .activate: self == .superAdmin || self == .networkAdmin
    case .failOver, .manageUsers, .manageSoftware: self == .superAdmin
    case .viewAudit: self == .superAdmin || self == .securityAdmin
    }
  }
}

/// A kind of thing that users do.
enum Permission: Hashable, CaseIterable {
  /// See templates, sites, states and events.
  case view
  /// Change templates.
  case manageTemplates
  /// Change sites, their gateways and the VRRP panel.
  case manageSites
  /// See and issue activation codes and links; reset and replace gateways.
  case activate
  /// Switch over, suspend, resume, restart.
  case failOver
  /// Change users and the portal's own settings.
  case manageUsers
  /// Add and remove software, and update gateways.
  case manageSoftware
  /// Read the audit log.
  case viewAudit

  /// Behind "may not".
  var words: String {
    switch self {
    case .view: "see this"
    case .manageTemplates: "change templates"
    case .manageSites: "change sites"
    case .activate: "see or issue activation codes, or reset gateways"
    case .failOver: "fail over, suspend, resume or restart gateways"
    case .manageUsers: "manage users or settings"
    case .manageSoftware: "add or remove software, or update gateways"
    case .viewAudit: "read the audit log"
    }
  }

  /// Who may.
  var holders: String {
    Role.allCases.filter { $0.allows(self) }.map(\.title).joined(separator: " or ")
  }
}

/// Somebody who uses the portal, and from where.
struct User: Hashable {
  /// Number in the database; 0: the portal itself.
  var id: Int64
  /// The name that is typed at the log-in.
  var name: String
  /// What the user may do.
  var role: Role
  /// Whether a password is set; without one the user cannot log in yet.
  var hasPassword = true
  /// Whether log-in is refused.
  var isDisabled = false
  /// When the user was made, in seconds since 1970.
  var created: Int64 = 0
  /// The address that the request came from; empty for the portal itself.
  var address = ""

  /// The portal itself, for what happens without a user.
  static let portal = User(id: 0, name: "portal", role: .superAdmin)

  /// Throws when the role does not allow it.
  func require(_ permission: Permission) throws(PortalError) {
    guard role.allows(permission) else { throw .forbidden(role, permission) }
  }
}
