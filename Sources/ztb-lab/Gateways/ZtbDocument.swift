import Linux
import Wire

/// The configuration document (schema 1) of a node of the pair.
struct ZtbDocument {
  let node: Node
  let advertIntervalMs: Int
  /// The VLAN of the LAN; with one, the WAN gets a sub-interface in the same VLAN too.
  var lanVLAN: UInt16?
  var dialect = Dialect.version3
  /// Virtual addresses of IPv6 beside those of the dialect.
  var hasBothFamilies = false
  /// After how long the node takes the role back; nil where the active stays.
  var preemptDelayMs: Int?
  /// Whether the node answers at its virtual addresses; nil = as it comes.
  var acceptMode: Bool?
  /// What each node asks whether it answers; a failure weighs 60.
  var checkedTarget: IPv4Address?
  var policyVersion = 42
  /// Further members of the policy, each with a comma behind it.
  var policyMembers = ""
  /// Members of `groups`.
  var groups = ""
  /// Members of `services`.
  var services = ""
  /// Rules before the one that lets the LAN out, each with a comma behind it.
  var rules = ""
  /// The one that does.
  var lastRule = """
    {"id": "lan-out", "tier": "allow", "from": ["lan"], "to": ["wan"], "service": "any"}
    """
  /// Whether sources are translated, to addresses that move with the role.
  var translates = true
  /// `nat.forwards`, without its brackets.
  var forwards = ""
  var helpers = ["ftp"]
  /// `lan[0].dhcp`, as JSON.
  var lanDHCP = "null"
  /// `lan[0].isolation`, as JSON.
  var lanIsolation: String?
  /// Who resolves names for the gateway.
  var nameServers: [IPv4Address] = []
  /// Any 32 octets: the world is gone with the lab.
  static let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

  private var resolvers: String {
    nameServers.map { "\"\($0)\"" }.joined(separator: ", ")
  }
  private var tag: String { lanVLAN.map { "\($0)" } ?? "null" }
  private var lan: String { lanVLAN.map { "ge2.\($0)" } ?? "ge2" }
  private var subinterface: String {
    lanVLAN.map { "{\"vlan\": \($0), \"address\": \"\(Plan.subinterface(node))/24\"}" } ?? "null"
  }

  private var virtualAddresses: String {
    let dialects = hasBothFamilies ? [dialect, .ipv6] : [dialect]
    let entries = [(Port.lan, lan), (.wan, "ge3")].flatMap { port, name in
      dialects.flatMap { dialect in
        dialect.virtualAddresses(port).map {
          "{\"port\": \"\(name)\", \"address\": \"\($0)/\(dialect.networkLength)\"}"
        }
      }
    }
    return entries.joined(separator: ",\n                        ")
  }

  /// Only where there is an address that moves.
  private var translations: String {
    guard translates else { return "" }
    let entries =
      (dialect.family == .ipv4 ? [("\(Plan.lan)", "\(Plan.wanVirtual)")] : [])
      + (hasBothFamilies ? [(Plan.lan6, Plan.wanVirtual6)] : [])
    return entries.map { from, to in
      "{\"from\": \"\(from)\", \"to\": \"\(to)\", \"ports\": \"random\"}"
    }.joined(separator: ", ")
  }

  /// Left out where there are none: an older daemon does not know the key.
  private var forwardsMember: String { forwards.isEmpty ? "" : ", \"forwards\": [\(forwards)]" }

  private var isolationMember: String { lanIsolation.map { ", \"isolation\": \($0)" } ?? "" }

  private var acceptModeMember: String { acceptMode.map { " \"acceptMode\": \($0)," } ?? "" }

  private var checksMember: String {
    checkedTarget.map {
      " \"checks\": [{\"name\": \"isp\", \"kind\": \"icmp\", \"target\": \"\($0)\","
        + " \"intervalMs\": 200, \"timeoutMs\": 150, \"fall\": 2, \"weight\": 60}],"
    } ?? ""
  }

  /// The node's own address of IPv6, where the pair speaks it.
  private func address6(_ port: Port) -> String {
    guard hasBothFamilies || dialect.family == .ipv6 else { return "" }
    return " \"address6\": \"\(Plan.address6(node, port))/64\","
  }

  /// Throws ``LabError/missing(_:)`` where a daemon does not know what the document asks for.
  func require(of program: String, in host: Host) throws {
    let path = "/run/check.json"
    try host.write(path, text)
    let (status, output) = try host.attempt(["ztb", "config", "check", path], program: program)
    guard status == .exited(0) else {
      throw LabError.missing("this daemon refuses the document: \(output.prefix(200))")
    }
  }

  /// The document as JSON.
  var text: String {
    """
    {
      "schema": 1,
      "gateway": {"name": "\(node.name)", "profile": "zt400", "deployment": "standard_mode_ha"},
      "wan": {"port": "ge3", "mode": "static", "address": "\(node.wanAddress)/24",\(address6(.wan))
              "gateway": "\(Plan.server)", "vlan": null, "dns": [\(resolvers)], "proxy": null,
              "subinterface": \(subinterface)},
      "lan": [{"port": "ge2", "vlan": \(tag), "address": "\(node.lanAddress)/24",\(address6(.lan)) "dhcp": \(lanDHCP)\(isolationMember)}],
      "ha": {"port": "ge4", "address": "\(node.haAddress)/30",
             "peers": ["\(node.peer.haAddress)"], "key": "\(ZtbDocument.key)",
             "node": "\(node == .a ? "primary" : "secondary")",
             "vrrp": {"groupId": \(Plan.group), "version": \(dialect.version), "priority": \(node.priority),
                      "advertIntervalMs": \(advertIntervalMs), "preempt": \(preemptDelayMs != nil),
                      "preemptDelayMs": \(preemptDelayMs ?? 30_000), "password": null,\(acceptModeMember)\(checksMember) "track": ["\(lan)", "ge3"],
                      "virtualAddresses": [
                        \(virtualAddresses)]}},
      "routes": [],
      "nat": {"source": [\(translations)]\(forwardsMember)},
      "helpers": \(helpers),
      "policy": {"schema": 1, "version": \(policyVersion), \(policyMembers)
                 "zones": {"lan": {"ports": ["\(lan)"]}, "wan": {"ports": ["ge3"]}},
                 "groups": {\(groups)}, "services": {\(services)},
                 "rules": [\(rules)\(lastRule)],
                 "defaults": {"action": "deny"}},
      "controller": null
    }

    """
  }
}
