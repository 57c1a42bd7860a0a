import Wire

/// Allowed pairs of hosts, all of some sources with all of some destinations, to one port of UDP;
/// written as our document and as the rules of others.
///
/// The pair that is measured, the lab's client with its server, is in the middle.
struct PairList {
  /// Sources, and as many destinations.
  let side: Int
  /// Rules of ours that say it: each has a part of the sources.
  static let rules = 10
  static let port = Service.datagrams

  /// As many pairs as the largest square has that is not above `count`.
  init(count: Int) {
    var side = 1
    while (side + 1) * (side + 1) <= count { side += 1 }
    self.side = side
  }

  var count: Int { side * side }

  private func source(_ index: Int) -> IPv4Address {
    index == side / 2 ? Plan.client : IPv4Address(10, 65, UInt8(index / 256), UInt8(index % 256))
  }

  private func destination(_ index: Int) -> IPv4Address {
    index == side / 2 ? Plan.server : IPv4Address(198, 18, UInt8(index / 256), UInt8(index % 256))
  }

  // MARK: Ours

  /// A group for each host.
  var groups: String {
    (0..<side).flatMap { index in
      [
        "\"s\(index)\": {\"id\": \(1 + index), \"zone\": \"lan\", \"nets\": [\"\(source(index))\"]}",
        "\"d\(index)\": {\"id\": \(2001 + index), \"zone\": \"wan\", \"nets\": [\"\(destination(index))\"]}",
      ]
    }.joined(separator: ",\n")
  }

  /// The port of the pairs, and that of one pair more.
  func services(extra: Int) -> String {
    """
    "one": [{"proto": "udp", "ports": ["\(Self.port)"]}],
    "extra": [{"proto": "tcp", "ports": ["\(extra)"]}]
    """
  }

  /// The last has no comma behind it.
  var ruleList: String {
    let destinations = (0..<side).map { "\"d\($0)\"" }.joined(separator: ", ")
    let parts = (0..<Self.rules).map { part in
      let sources = (side * part / Self.rules..<side * (part + 1) / Self.rules).map { "\"s\($0)\"" }
      return rule("part-\(part)", sources.joined(separator: ", "), destinations, "one")
    }
    return (parts + [rule("extra", "\"s0\"", "\"d0\"", "extra")]).joined(separator: ",\n")
  }

  private func rule(_ id: String, _ from: String, _ to: String, _ service: String) -> String {
    "{\"id\": \"\(id)\", \"tier\": \"allow\", \"from\": [\(from)], \"to\": [\(to)], "
      + "\"service\": \"\(service)\"}"
  }

  // MARK: Others

  /// A rule for each pair, known connections first.
  var linear: String {
    let rules = pairs { from, to in
      "ip saddr \(from) ip daddr \(to) udp dport \(Self.port) accept"
    }
    return """
      table inet linear {
      chain forward {
      type filter hook forward priority filter; policy drop;
      ct state established,related accept
      ct state invalid drop
      \(rules)
      }
      }

      """
  }

  /// As VyOS lays a zone policy out: known connections first, a chain for each zone that packets leave
  /// to, one for each pair of zones, and a counting rule for each pair of hosts there.
  var zoned: String {
    let rules = pairs { from, to in
      "ip saddr \(from) ip daddr \(to) udp dport \(Self.port) counter accept"
    }
    return """
      table ip zoned {
      chain NAME_lan-wan {
      \(rules)
      counter drop
      }
      chain VZONE_wan {
      iifname "wan0" counter return
      iifname "lan0" counter jump NAME_lan-wan
      iifname "lan0" counter return
      counter drop
      }
      chain VYOS_STATE_POLICY {
      ct state established counter accept
      ct state invalid counter drop
      ct state related counter accept
      return
      }
      chain VYOS_FORWARD_filter {
      type filter hook forward priority filter; policy accept;
      jump VYOS_STATE_POLICY
      oifname "wan0" counter jump VZONE_wan
      }
      }

      """
  }

  /// Tracking and nothing else: what a stateful router costs without any rule.
  static let tracking = """
    table inet tracking {
    chain forward {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
    }
    }

    """

  private func pairs(_ rule: (IPv4Address, IPv4Address) -> String) -> String {
    (0..<side).flatMap { from in
      (0..<side).map { to in rule(source(from), destination(to)) }
    }.joined(separator: "\n")
  }
}
