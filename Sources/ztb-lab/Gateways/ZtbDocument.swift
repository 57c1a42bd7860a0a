/// The configuration document (schema 1) of a node of the pair.
struct ZtbDocument {
  let node: Node
  let advertIntervalMs: Int
  /// The VLAN of the LAN; with one, the WAN gets a sub-interface in the same VLAN too.
  var lanVLAN: UInt16?
  /// Any 32 octets: the world is gone with the lab.
  static let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

  private var tag: String { lanVLAN.map { "\($0)" } ?? "null" }
  private var lan: String { lanVLAN.map { "ge2.\($0)" } ?? "ge2" }
  private var subinterface: String {
    lanVLAN.map { "{\"vlan\": \($0), \"address\": \"\(Plan.subinterface(node))/24\"}" } ?? "null"
  }

  /// The document as JSON.
  var text: String {
    """
    {
      "schema": 1,
      "gateway": {"name": "\(node.name)", "profile": "zt400", "deployment": "standard_mode_ha"},
      "wan": {"port": "ge3", "mode": "static", "address": "\(node.wanAddress)/24",
              "gateway": "\(Plan.server)", "vlan": null, "dns": [], "proxy": null,
              "subinterface": \(subinterface)},
      "lan": [{"port": "ge2", "vlan": \(tag), "address": "\(node.lanAddress)/24", "dhcp": null}],
      "ha": {"port": "ge4", "address": "\(node.haAddress)/30",
             "peers": ["\(node.peer.haAddress)"], "key": "\(ZtbDocument.key)",
             "node": "\(node == .a ? "primary" : "secondary")",
             "vrrp": {"groupId": \(Plan.group), "version": 3, "priority": \(node.priority),
                      "advertIntervalMs": \(advertIntervalMs), "preempt": false,
                      "preemptDelayMs": 30000, "password": null, "track": ["\(lan)", "ge3"],
                      "virtualAddresses": [
                        {"port": "\(lan)", "address": "\(Plan.lanVirtual)/24"},
                        {"port": "ge3", "address": "\(Plan.wanVirtual)/24"}]}},
      "routes": [],
      "nat": {"source": [{"from": "\(Plan.lan)", "to": "\(Plan.wanVirtual)", "ports": "random"}]},
      "helpers": ["ftp"],
      "policy": {"schema": 1, "version": 42,
                 "zones": {"lan": {"ports": ["\(lan)"]}, "wan": {"ports": ["ge3"]}},
                 "groups": {}, "services": {},
                 "rules": [{"id": "lan-out", "tier": "allow", "from": ["lan"], "to": ["wan"],
                            "service": "any"}],
                 "defaults": {"action": "deny"}},
      "controller": null
    }

    """
  }
}
