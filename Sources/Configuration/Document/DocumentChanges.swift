public import JSON
public import Wire

/// What a DHCP server gave the WAN.
public struct WANLease: Hashable, Sendable {
  /// This node's address and network.
  public var address: IPv4Prefix
  /// The default router.
  public var router: IPv4Address
  /// Name servers, for a document that names none.
  public var dns: [IPv4Address]
  /// Seconds for which it holds.
  public var seconds: Int
  /// The portal as `HOST:PORT`, from option 224; nil: not told.
  public var portal: String?

  /// Joins the parts.
  public init(
    address: IPv4Prefix, router: IPv4Address, dns: [IPv4Address], seconds: Int, portal: String?
  ) {
    self.address = address
    self.router = router
    self.dns = dns
    self.seconds = seconds
    self.portal = portal
  }
}

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
  public func leased(_ lease: WANLease) throws(ConfigurationProblems) -> ConfigurationDocument {
    try replacing(wan: [
      .init("mode", .string("static")), .init("address", .text(lease.address)),
      .init("gateway", .text(lease.router)),
    ])
  }

  private func parsedCanonical() throws(ConfigurationProblems) -> JSONValue {
    do {
      return try JSONParser.parse(canonical)
    } catch { preconditionFailure("the canonical form is JSON: \(error)") }
  }
}
