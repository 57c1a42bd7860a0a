/// What people call the values that a ``PortalError`` names by their path.
enum FieldNames {
  private static let names = [
    "name": "Name", "timeZone": "Time zone", "lanVirtualIP": "LAN virtual IP",
    "wanVirtualIP": "WAN virtual IP", "proxy.host": "Proxy host", "proxy.port": "Proxy port",
    "proxy.user": "Proxy user", "proxy.password": "Proxy password",
    "proxy.exceptions": "Proxy exceptions", "deploymentType": "Deployment Type",
    "platformType": "Platform Gateway-1", "platformType2": "Platform Gateway-2",
    "primaryDns": "Primary DNS", "secondaryDns": "Secondary DNS",
    "dhcpService": "DHCP Service", "virtual_router_id": "VRRP Group ID",
    "advert_int": "Advertisement interval", "priority": "Priority", "vip": "Virtual IP",
    "version": "Version", "authentication_password": "Password", "password": "Password",
    "confirm": "", "old": "Current password", "again": "Password again", "role": "Role",
    "to": "Send to", "at": "Start at", "file": "Bundle",
    "preempt_delay": "Preempt delay", "auth_mode": "Adverts without the trailer",
    "checksum": "IPv4 checksum", "checks": "Path checks", "days": "Valid for days",
    "token": "One-time code",
  ]

  private static let gatewayNames = [
    "name": "name", "lanAddress": "LAN address", "wan.mode": "WAN", "wan.address": "WAN address",
    "wan.gateway": "default gateway", "wan.vlan": "VLAN tag",
  ]

  /// The field of a form that shows a path, and what people call it; nil: no field does.
  static func field(_ path: String) -> (name: String, subject: String)? {
    if let name = names[path] { return (path, name) }
    for index in 0...1 {
      let prefix = "gateways[\(index)]."
      if path.hasPrefix(prefix), let name = gatewayNames[String(path.dropFirst(prefix.count))] {
        return (path, "Gateway \(index + 1), \(name)")
      }
    }
    for (prefix, name) in [
      ("vrrp_interface.", "VRRP interface of "), ("track_interface.", "Track interfaces of "),
      ("track_weight.", "Weight of "), ("checks[", "Path check "),
    ] where path.hasPrefix(prefix) {
      return (path, name + path.dropFirst(prefix.count))
    }
    return nil
  }
}
