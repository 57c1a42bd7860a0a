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
    guard case .object(var wan) = parsedCanonical["wan"] else {
      preconditionFailure("the canonical form has a wan section")
    }
    for change in changes {
      wan.removeAll { $0.key == change.key }
      wan.append(change)
    }
    return try replacing("wan", by: .object(wan))
  }

  /// This document with another value of a key; nil: without the key.
  func replacing(
    _ key: String, by value: JSONValue?
  ) throws(ConfigurationProblems) -> ConfigurationDocument {
    let others = parsedCanonical.members?.filter { $0.key != key } ?? []
    let member = value.map { [JSONValue.Member(key, $0)] } ?? []
    return try ConfigurationDocument(parsing: JSONValue.object(others + member).canonical)
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

  private var parsedCanonical: JSONValue {
    do {
      return try JSONParser.parse(canonical)
    } catch { preconditionFailure("the canonical form is JSON: \(error)") }
  }
}
