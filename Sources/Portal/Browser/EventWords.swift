import Activation
import PortalPages
import Wire

/// Events and audit records as people read them.
enum EventWords {
  /// An event; a change of state shows the new one with its colour.
  static func row(_ event: SiteEvent) -> EventsPage.Row {
    guard event.kind == "state", let arrow = event.text.firstRange(of: " → "),
      let state = GatewayState(rawValue: String(event.text[arrow.upperBound...]))
    else {
      return EventsPage.Row(
        time: event.time, gateway: event.gatewayName, text: event.text, cause: event.cause)
    }
    return EventsPage.Row(
      time: event.time, gateway: event.gatewayName, text: "from \(event.text[..<arrow.lowerBound])",
      cause: event.cause, state: state)
  }

  private static let actions = [
    "login": "Signed in", "login.failed": "Sign-in", "logout": "Signed out",
    "password.set": "Set a password", "token.create": "Made an API token",
    "token.delete": "Revoked an API token", "user.create": "Added user",
    "user.change": "Changed user", "user.delete": "Deleted user",
    "user.reset": "Issued a one-time link", "site.create": "Added site",
    "site.change": "Changed site", "site.delete": "Deleted site",
    "template.create": "Added template", "template.change": "Changed template",
    "template.delete": "Deleted template", "activation.send": "Sent activation link",
    "activation.rotate": "Rotated activation code", "gateway.enroll": "Activated gateway",
    "gateway.replace": "Replaced gateway",
    "gateway.factory-reset": "Reset gateway", "gateway.restart": "Restarted gateway",
    "vrrp.change": "Changed VRRP settings", "vrrp.virtual-ip": "Changed virtual IP",
    "vrrp.reset": "Reset VRRP settings", "cluster.switchover": "Ordered switchover",
    "cluster.drill": "Ordered failover drill", "cluster.suspend": "Suspended gateway",
    "cluster.resume": "Resumed gateway", "software.add": "Added software",
    "software.delete": "Deleted software", "software.default": "Made software the default",
    "site.update": "Ordered software update", "site.update-cancel": "Cancelled software update",
    "site.backup": "Made a backup of site", "site.restore": "Restored site from a backup",
  ]

  /// An audit record.
  static func row(_ record: AuditRecord) -> AuditPage.Row {
    AuditPage.Row(
      time: record.time, user: record.user, action: actions[record.action] ?? record.action,
      object: record.target, detail: record.detail, address: record.address,
      isRefused: record.action.hasSuffix(".failed"))
  }
}
