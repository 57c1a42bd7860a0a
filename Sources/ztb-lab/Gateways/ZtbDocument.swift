/// The configuration document (schema 1) of a node of the pair.
struct ZtbDocument {
  let node: Node
  let advertIntervalMs: Int
  /// Any 32 octets: the world is gone with the lab.
  static let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

  /// The document as JSON.
  var text: String {
    """
    {
      "schema": 1,
      "gateway": {"name": "\(node.name)", "profile": "zt400", "deployment": "standard_mode_ha"},
      "wan": {"port": "ge3", "mode": "static", "address": "\(node.wanAddress)/24",
              "gateway": "\(Plan.server)", "vlan": null, "dns": [], "proxy": null,
              "subinterface": null},
      "lan": [{"port": "ge2", "vlan": null, "address": "\(node.lanAddress)/24", "dhcp": null}],
      "ha": {"port": "ge4", "address": "\(node.haAddress)/30",
             "peers": ["\(node.peer.haAddress)"], "key": "\(ZtbDocument.key)",
             "node": "\(node == .a ? "primary" : "secondary")",
             "vrrp": {"groupId": \(Plan.group), "version": 3, "priority": \(node.priority),
                      "advertIntervalMs": \(advertIntervalMs), "preempt": false,
                      "preemptDelayMs": 30000, "password": null, "track": ["ge2", "ge3"],
                      "virtualAddresses": [
                        {"port": "ge2", "address": "\(Plan.lanVirtual)/24"},
                        {"port": "ge3", "address": "\(Plan.wanVirtual)/24"}]}},
      "routes": [],
      "nat": {"source": [{"from": "\(Plan.lan)", "to": "\(Plan.wanVirtual)", "ports": "random"}]},
      "helpers": ["ftp"],
      "policy": {"schema": 1, "version": 42,
                 "zones": {"lan": {"ports": ["ge2"]}, "wan": {"ports": ["ge3"]}},
                 "groups": {}, "services": {},
                 "rules": [{"id": "lan-out", "tier": "allow", "from": ["lan"], "to": ["wan"],
                            "service": "any"}],
                 "defaults": {"action": "deny"}},
      "controller": null
    }

    """
  }
}
