public import JSON
public import Wire

/// Documents made from others. Each is checked whole like one that was read.
extension ConfigurationDocument {
  /// What an appliance runs before its activation: a WAN by DHCP, default deny, nothing inside.
  public static func factory(_ profile: Profile) -> ConfigurationDocument {
    let text = """
      {"schema": 1,
       "gateway": {"name": "unnamed", "profile": "\(profile.name)", "deployment": "factory"},
       "wan": {"port": "\(profile.wanPort)", "mode": "dhcp"}, "lan": [],
       "policy": {"schema": 1, "version": 1, "zones": {}, "groups": {}, "services": {}, "rules": [],
                  "defaults": {"action": "deny"}}}
      """
    do {
      return try ConfigurationDocument(parsing: Array(text.utf8))
    } catch { preconditionFailure("the factory document is valid: \(error)") }
  }

  /// This document with another `wan` section: some keys replaced, the others kept.
  public func replacing(
    wan changes: [JSONValue.Member]
  ) throws(ConfigurationProblems) -> ConfigurationDocument {
    guard case .object(var members) = try parsedCanonical(),
      let index = members.firstIndex(where: { $0.key == "wan" }),
      case .object(var wan) = members[index].value
    else { preconditionFailure("the canonical form is an object with a wan section") }
    for change in changes {
      wan.removeAll { $0.key == change.key }
      wan.append(change)
    }
    members[index].value = .object(wan)
    return try ConfigurationDocument(parsing: JSONValue.object(members).canonical)
  }

  /// This document with the address that DHCP gave, as if it had been written down; the rules about
  /// addresses apply, so that a virtual address outside the lease's network is a problem.
  public func leased(
    _ address: IPv4Prefix, router: IPv4Address
  ) throws(ConfigurationProblems) -> ConfigurationDocument {
    try replacing(wan: [
      .init("mode", .string("static")), .init("address", .text(address)),
      .init("gateway", .text(router)),
    ])
  }

  private func parsedCanonical() throws(ConfigurationProblems) -> JSONValue {
    do {
      return try JSONParser.parse(canonical)
    } catch { preconditionFailure("the canonical form is JSON: \(error)") }
  }
}
