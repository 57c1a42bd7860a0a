import Configuration

/// A whole document, to be spoilt one value at a time.
enum Sample {
  static let text = """
    {
      "schema": 1,
      "gateway": {"name": "paris-gw-01", "profile": "zt400", "deployment": "standard_mode_ha"},
      "wan": {"port": "ge3", "mode": "static", "address": "203.0.113.2/24",
              "gateway": "203.0.113.254", "vlan": null, "dns": ["1.1.1.1", "8.8.8.8"],
              "proxy": {"host": "proxy.example", "port": 1883, "user": "u", "password": "hunter2",
                        "exceptions": []},
              "subinterface": {"vlan": 30, "address": "198.51.100.2/24"}},
      "lan": [{"port": "ge2", "vlan": null, "address": "10.1.0.2/24", "dhcp": null}],
      "ha": {"port": "ge4", "address": "169.254.77.1/30", "peers": ["169.254.77.2"],
             "key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "node": "primary",
             "vrrp": {"groupId": 77, "version": 3, "priority": 200, "advertIntervalMs": 20,
                      "preempt": false, "preemptDelayMs": 30000, "password": null,
                      "track": ["ge2", "ge3"],
                      "virtualAddresses": [{"port": "ge2", "address": "10.1.0.1/24"},
                                           {"port": "ge3", "address": "203.0.113.1/24"}]}},
      "routes": [{"to": "10.9.0.0/16", "via": "10.1.0.250"}],
      "nat": {"source": [{"from": "10.1.0.0/24", "to": "203.0.113.1", "ports": "preserve"}]},
      "helpers": ["ftp"],
      "policy": {"schema": 1, "version": 42,
                 "zones": {"lan": {"ports": ["ge2"]}, "wan": {"ports": ["ge3"]}},
                 "groups": {"cameras": {"id": 12, "zone": "lan", "nets": ["10.1.0.64/28"]}},
                 "services": {"web": [{"proto": "tcp", "ports": ["80", "443"]}]},
                 "rules": [{"id": "lan-out", "tier": "allow", "from": ["lan"], "to": ["wan"],
                            "service": "any"}],
                 "defaults": {"action": "deny"}},
      "controller": {"url": "https://portal.example:8443",
                     "pin": "sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
    }
    """

  static func parse(_ text: String = text) throws(ConfigurationProblems) -> ConfigurationDocument {
    try ConfigurationDocument(parsing: Array(text.utf8))
  }

  /// The sample with each first text of a pair replaced by the second.
  static func replacing(_ edits: (String, String)...) -> String {
    edits.reduce(text) { text, edit in
      precondition(text.contains(edit.0), "the sample does not hold \(edit.0)")
      let parts = text.split(separator: edit.0, maxSplits: 1, omittingEmptySubsequences: false)
      return parts.joined(separator: edit.1)
    }
  }

  /// The lines that a text is refused with; none when it is accepted.
  static func problems(_ text: String) -> [String] {
    do {
      _ = try parse(text)
      return []
    } catch { return error.problems.map(\.description) }
  }
}
